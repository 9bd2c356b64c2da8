//! The Redis that tests start is what they take it for.
#![expect(clippy::unwrap_used, reason = "this crate is tests")]

mod process;
mod proxy;
