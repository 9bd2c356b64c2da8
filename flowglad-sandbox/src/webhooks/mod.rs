//! Delivers events to the app's webhooks. Start with `outbox`, then `delivery_worker`; `delivery_log` records the results.

pub(crate) mod delivery_log;
pub(crate) mod delivery_worker;
pub(crate) mod outbox;
pub(crate) mod signature;
