#![doc = include_str!("docs/crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod action;
mod api;
mod billing;
mod client;
mod customer;
mod flowglad;
mod invalid_input;
mod metadata;
pub mod model;
mod raw_json;
mod requesting_customer;
mod return_url;

pub use billing::{Billing, ListPage};
pub use client::{
    config::FlowgladBuilder,
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
pub use metadata::{Metadata, MetadataValue};
pub use raw_json::{Answer, RawJson};
pub use requesting_customer::{InvalidCustomer, RequestingCustomer};
pub use return_url::ReturnUrl;
