//! Deliveries of webhooks: verified as Svix does, never a panic, and nothing secret shown.

mod any_bytes;
mod signed;
mod vectors;
