#![doc = include_str!("../docs/action.md")]

mod action_key;
mod admission;
mod authorization;
mod billing_lists;
mod body;
#[cfg(feature = "usage-recorder")]
mod body_charge;
mod checkout;
mod content_type;
mod customers;
mod dispatch;
mod field_values;
mod handler;
mod json_slices;
#[cfg(feature = "usage-recorder")]
mod metered;
mod on_change;
mod portal;
mod pricing_models;
mod resources;
mod returned_checkout;
mod started_write;
mod subscriptions;
mod usage;

pub use action_key::Action;
pub use authorization::Authorization;
#[cfg(feature = "usage-recorder")]
pub use body_charge::{BodyCharge, ChargedChunks};
pub use handler::RequestHandler;
#[cfg(feature = "usage-recorder")]
pub use metered::MeteredCall;
