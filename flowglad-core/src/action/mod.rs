#![doc = include_str!("../docs/action.md")]

mod actions;
mod authorization;
mod body;
mod browser_error;
mod caught;
mod checkout;
mod customers;
mod dispatch;
mod key;
mod lists;
mod pricing_models;
mod request;
mod resources;
mod response;
mod subscriptions;
mod usage;
mod visitor;

pub use actions::Actions;
pub use authorization::Authorization;
pub use key::Action;
pub use request::{ActionRequest, BodyError};
pub use response::ActionResponse;
pub use visitor::Visitor;
