//! The proof that an event is handled once, whatever ends the program that handles it.
#![expect(clippy::unwrap_used, reason = "this crate is tests")]

mod failures;
mod guide;
mod kill;
mod parallel;
mod random_kills;
mod scene;
