//! Fuzz targets: what must hold for any bytes, from a browser or from Flowglad.
//!
//! Each target runs actions, or the receiver of webhooks, through the public interface, with a Flowglad that sends chosen bytes
//! over real HTTP. The
//! inputs in `corpus/` are tests. `cargo xtask fuzz` mutates them for as long as wanted, and writes an input that breaks
//! a rule to `corpus/`, where it stays as a test.

#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "this crate is tests")]

pub mod app;
pub mod corpus;
pub mod json_reader;
pub mod mutation;
pub mod target;
pub mod upstream;
pub mod webhook;
pub mod webhook_reader;
