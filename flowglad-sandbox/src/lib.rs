#![doc = include_str!("docs/crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod http;
mod ids;
mod operations;
mod records;
mod rules;
mod sandbox;
mod seed;
mod shared;
mod store;

pub use clock::Clock;
pub use http::request_log::SeenRequest;
pub use ids::Ids;
pub use sandbox::{API_KEY_ID, DEFAULT_API_KEY, Sandbox, SandboxBuilder, SandboxError, StartError};
pub use seed::{Seed, SeedError};
