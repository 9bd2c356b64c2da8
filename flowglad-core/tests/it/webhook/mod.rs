//! Deliveries of webhooks: verified as Svix does, handled once, never a panic, and nothing secret shown.

mod any_bytes;
mod events;
mod memory_log;
mod nothing_secret;
pub(crate) mod receiver;
mod signed;
mod vectors;
