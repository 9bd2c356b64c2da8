//! Checkout sessions.

use serde::{Deserialize, Serialize};

use super::{CheckoutSessionId, PriceId, SubscriptionId, Timestamp};

/// A checkout that was opened, and the hosted page where the person goes next.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HostedCheckout {
    /// The session.
    pub checkout_session: CheckoutSession,
    /// The hosted page.
    pub url: String,
}

/// One visit to the hosted checkout.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CheckoutSession {
    /// Flowglad's id.
    pub id: CheckoutSessionId,
    /// How it stands.
    pub status: CheckoutSessionStatus,
    /// What is bought.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// How many.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// The subscription that it is about.
    #[serde(default)]
    pub target_subscription_id: Option<SubscriptionId>,
    /// When it closes.
    #[serde(default)]
    pub expires: Option<Timestamp>,
}

/// How a checkout session stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckoutSessionStatus {
    /// The person can still pay.
    Open,
    /// The payment is on its way.
    Pending,
    /// Paid.
    Succeeded,
    /// The payment failed.
    Failed,
    /// Too late.
    Expired,
    /// A status that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
