#![doc = include_str!("docs/crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod action;
pub mod api;
mod billing;
mod change;
mod client;
mod customer;
mod flowglad;
mod invalid_input;
mod list;
mod metadata;
pub mod model;
mod raw_json;
mod raw_request;
mod requesting_customer;
mod return_url;
#[cfg(feature = "schema")]
pub mod schema;

pub use billing::{Billing, ListPage};
pub use change::Change;
pub use client::{
    config::FlowgladBuilder,
    endpoint::Method,
    error::{Effect, Error, Refusal},
};
pub use customer::{
    ActivateSubscriptionCheckout, AddPaymentMethodCheckout, Adjustment, AdjustmentTiming, CancellationTiming,
    CheckoutOptions, ClaimExternalId, ClaimTarget, CustomerChanges, CustomerPaymentMethods, CustomerScope,
    CustomerSubscriptions, MeteredBy, NewClaim, NewRelease, NewSubscriptionItem, NewUsageEvent, PriceRef,
    ProductCheckout, ReleaseTarget, ResourceRef,
};
pub use flowglad::Flowglad;
pub use invalid_input::InvalidInput;
pub use list::{List, Page, Records};
pub use metadata::{Metadata, MetadataValue};
pub use raw_json::{Answer, RawJson};
pub use raw_request::RawRequest;
pub use requesting_customer::{InvalidCustomer, RequestingCustomer};
pub use return_url::ReturnUrl;
