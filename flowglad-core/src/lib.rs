#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod action;
pub mod adapter;
pub mod api;
#[cfg(feature = "auth")]
pub mod auth;
pub mod billing;
pub mod cache;
mod client;
pub mod clock;
pub mod customer;
mod error;
#[cfg(feature = "redis")]
pub mod fleet;
mod flowglad;
pub mod gate;
pub mod input;
pub mod model;
pub mod observe;
#[cfg(feature = "usage-recorder")]
mod outbox;
#[cfg(feature = "usage-recorder")]
pub mod usage;
#[cfg(feature = "webhook")]
pub mod webhook;

pub use billing::Billing;
pub use client::{
    endpoint::Method,
    json::{RawJson, Response},
};
pub use customer::scope::CustomerScope;
pub use error::{Advice, Error, Precondition, SideEffect};
pub use flowglad::{Flowglad, builder::FlowgladBuilder};
pub use input::{
    invalid_customer::InvalidCustomer, invalid_input::InvalidInput, requesting_customer::RequestingCustomer,
};
