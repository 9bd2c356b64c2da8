//! `/checkout-sessions`: visits to the hosted checkout.

use serde::Serialize;

use crate::{
    Metadata, ReturnUrl,
    client::endpoint::Endpoint,
    model::{HostedCheckout, PriceId, SubscriptionId},
};

/// Every send opens another session, and a person with two open pages can pay twice.
pub(crate) const CREATE: Endpoint<CreateCheckoutSession<'_>, HostedCheckout> =
    Endpoint::post("checkout_sessions.create", "/checkout-sessions");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateCheckoutSession<'a> {
    pub(crate) checkout_session: NewCheckoutSession<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewCheckoutSession<'a> {
    #[serde(flatten)]
    pub(crate) purpose: Purpose<'a>,
    pub(crate) customer_external_id: &'a str,
    pub(crate) success_url: &'a ReturnUrl,
    pub(crate) cancel_url: &'a ReturnUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output_metadata: Option<&'a Metadata>,
}

/// What the person does on the hosted page.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(crate) enum Purpose<'a> {
    Product {
        price_id: &'a PriceId,
        quantity: u64,
    },
    AddPaymentMethod {
        #[serde(skip_serializing_if = "Option::is_none")]
        target_subscription_id: Option<&'a SubscriptionId>,
    },
    ActivateSubscription {
        target_subscription_id: &'a SubscriptionId,
        #[serde(skip_serializing_if = "Option::is_none")]
        price_id: Option<&'a PriceId>,
    },
}
