//! Delivers events to the app's webhooks. Start with `outbox`, then `delivery_worker`, which sends with `sender`;
//! `delivery_log` records the results. `webhook_fault` is what goes wrong on purpose.

pub(crate) mod delivery;
pub(crate) mod delivery_log;
pub(crate) mod delivery_worker;
pub(crate) mod outbox;
pub(crate) mod sender;
pub(crate) mod signature;
pub(crate) mod webhook_fault;
