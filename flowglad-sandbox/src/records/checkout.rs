//! Checkout sessions.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::records::{
    billing::BillingAddress,
    metadata::Metadata,
    record::{Meta, record},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckoutStatus {
    Open,
    Succeeded,
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckoutType {
    Product,
    AddPaymentMethod,
    ActivateSubscription,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckoutSession {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) pricing_model_id: String,
    pub(crate) status: CheckoutStatus,
    pub(crate) billing_address: Option<BillingAddress>,
    pub(crate) price_id: Option<String>,
    pub(crate) purchase_id: Option<String>,
    pub(crate) invoice_id: Option<String>,
    pub(crate) quantity: i64,
    pub(crate) organization_id: String,
    pub(crate) customer_name: Option<String>,
    pub(crate) customer_email: Option<String>,
    pub(crate) customer_id: Option<String>,
    pub(crate) payment_method_type: Option<Cow<'static, str>>,
    pub(crate) discount_id: Option<String>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: String,
    #[serde(rename = "type")]
    pub(crate) kind: CheckoutType,
    pub(crate) preserve_billing_cycle_anchor: bool,
    pub(crate) output_metadata: Option<Metadata>,
    pub(crate) output_name: Option<String>,
    pub(crate) target_subscription_id: Option<String>,
    pub(crate) automatically_update_subscriptions: Option<bool>,
    pub(crate) expires: i64,
}

record!(CheckoutSession: "chckt_session");
