#![doc = include_str!("../docs/action.md")]

mod body;
mod browser_error;
mod checkout;
mod customers;
mod dispatch;
mod key;
mod lists;
mod pricing_models;
mod subscriptions;
mod usage;

pub use dispatch::{ActionRequest, ActionResponse, Actions, BodyError, Visitor};
pub use key::Action;
