//! Tells the app's own servers what happens: from a committed event to a signed request that arrived.

pub(crate) mod delivery_log;
pub(crate) mod delivery_worker;
pub(crate) mod outbox;
pub(crate) mod signature;
