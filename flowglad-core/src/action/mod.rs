#![doc = include_str!("../docs/action.md")]

mod action_key;
mod admission;
mod authorization;
mod billing_lists;
mod body;
mod checkout;
mod content_type;
mod customers;
mod dispatch;
mod field_values;
mod handler;
mod json_slices;
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
pub use handler::RequestHandler;
