//! Tells the app's own servers what happens: from a committed event to a signed request that arrived.

pub(crate) mod courier;
pub(crate) mod delivery_log;
pub(crate) mod outbox;
pub(crate) mod signature;
