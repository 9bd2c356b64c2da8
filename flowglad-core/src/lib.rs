#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod action;
pub mod adapter;
pub mod api;
mod client;
pub mod customer;
mod error;
mod flowglad;
pub mod input;
pub mod model;

pub use client::{
    builder::FlowgladBuilder,
    endpoint::Method,
    json::{RawJson, Response},
};
pub use customer::{billing::Billing, scope::CustomerScope};
pub use error::{Advice, Error, Precondition, SideEffect};
pub use flowglad::Flowglad;
pub use input::{
    invalid_input::InvalidInput,
    requesting_customer::{InvalidCustomer, RequestingCustomer},
};
