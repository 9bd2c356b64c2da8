//! Checkout sessions.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingAddress, CheckoutSessionId, CustomerId, DiscountId, InvoiceId, OrganizationId, PaymentMethodKind, PriceId,
    PricingModelId, PurchaseId, SubscriptionId, Timestamp, null_as_default,
};

/// An open checkout session and the URL of its hosted page.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HostedCheckout {
    /// The checkout session.
    pub checkout_session: CheckoutSession,
    /// The URL of the hosted page.
    pub url: String,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A session of the hosted checkout. `Debug` shows neither name nor address.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CheckoutSession {
    /// Flowglad's id.
    pub id: CheckoutSessionId,
    /// The state of the session.
    pub status: CheckoutSessionStatus,
    /// What the session is for.
    #[serde(rename = "type", default)]
    pub kind: Option<CheckoutSessionKind>,
    /// The customer who pays.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The name that the person entered.
    #[serde(default)]
    pub customer_name: Option<String>,
    /// The email address that the person entered.
    #[serde(default)]
    pub customer_email: Option<String>,
    /// The billing address that the person entered.
    #[serde(default)]
    pub billing_address: Option<BillingAddress>,
    /// The payment method that the person chose.
    #[serde(default)]
    pub payment_method_type: Option<PaymentMethodKind>,
    /// The price that is bought.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// The quantity.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// The discount that the person entered.
    #[serde(default)]
    pub discount_id: Option<DiscountId>,
    /// The resulting purchase, for a product that is charged once.
    #[serde(default)]
    pub purchase_id: Option<PurchaseId>,
    /// The invoice that it pays.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    /// The subscription that it activates or whose card it changes.
    #[serde(default)]
    pub target_subscription_id: Option<SubscriptionId>,
    /// Whether all subscriptions are charged to the new card. Set by the API, which ignores a caller's value.
    #[serde(default)]
    pub automatically_update_subscriptions: Option<bool>,
    /// Whether the new subscription keeps the billing cycle of the free subscription that it replaces.
    #[serde(default)]
    pub preserve_billing_cycle_anchor: Option<bool>,
    /// The URL to return to after paying.
    #[serde(default)]
    pub success_url: Option<String>,
    /// The URL to return to after canceling.
    #[serde(default)]
    pub cancel_url: Option<String>,
    /// The name of the purchase or subscription that the checkout creates.
    #[serde(default)]
    pub output_name: Option<String>,
    /// The metadata for the purchase or subscription that the checkout creates.
    #[serde(default)]
    pub output_metadata: Option<Map<String, Value>>,
    /// When the session expires.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// `true` in live mode (real payments), `false` in test mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl fmt::Debug for CheckoutSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("CheckoutSession");
        debug.field("id", &self.id).field("status", &self.status).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What a checkout session is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckoutSessionKind {
    /// Buying a product.
    Product,
    /// Storing a card.
    AddPaymentMethod,
    /// Making the first payment of a subscription.
    ActivateSubscription,
    /// Paying a prepared purchase. No API request creates this kind.
    Purchase,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// The state of a checkout session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckoutSessionStatus {
    /// The session is open and can be paid.
    Open,
    /// The payment is being processed.
    Pending,
    /// Paid.
    Succeeded,
    /// The payment failed.
    Failed,
    /// The session expired before it was paid.
    Expired,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
