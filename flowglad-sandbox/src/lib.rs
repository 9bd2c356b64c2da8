#![doc = include_str!("docs/crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod clock;
mod error;
mod http;
mod ids;
mod operations;
mod records;
mod rules;
mod sandbox;
mod seed;
mod shared;
mod shortcuts;
mod snapshot;
mod store;
mod webhooks;

pub use builder::SandboxBuilder;
pub use clock::Clock;
pub use error::{SandboxError, StartError};
pub use http::api_error::Errors;
pub use http::faults::Fault;
pub use http::request_log::SeenRequest;
pub use ids::Ids;
pub use sandbox::{API_KEY_ID, DEFAULT_API_KEY, Sandbox};
pub use seed::{Seed, SeedError};
pub use snapshot::{Snapshot, SnapshotError};
pub use webhooks::delivery_log::{DeliveryState, WebhookAttempt, WebhookDelivery};
