#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc = include_str!("../DIFFERENCES.md")]
pub mod differences {}

mod availability;
mod builder;
mod clock;
mod error;
mod exchange_log;
mod fault;
mod fault_list;
mod http;
mod ids;
mod keys;
mod operations;
mod pricing_model;
mod published_form;
mod race;
mod records;
mod refusal;
mod request_log;
mod revision;
mod rules;
mod sandbox;
mod snapshot;
mod snapshot_check;
mod state;
mod store;
mod test_steps;
mod usage_ledger;
mod webhooks;

pub use availability::Availability;
pub use builder::SandboxBuilder;
pub use clock::Clock;
pub use error::{SandboxError, StartError};
pub use fault::Fault;
pub use ids::Ids;
pub use keys::{API_KEY_ID, DEFAULT_API_KEY, DEFAULT_WEBHOOK_SECRET};
pub use pricing_model::{PricingModel, PricingModelError};
pub use race::Race;
pub use refusal::ErrorMode;
pub use request_log::SeenRequest;
pub use sandbox::Sandbox;
pub use snapshot::{Snapshot, SnapshotError};
pub use usage_ledger::UsageLedgerEntry;
pub use webhooks::{
    delivery::{DeliveryState, WebhookAttempt, WebhookDelivery},
    webhook_fault::{WebhookFault, WebhookHeaders},
};
