//! Checkout sessions.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingAddress, CheckoutSessionId, CustomerId, DiscountId, InvoiceId, OrganizationId, PaymentMethodKind, PriceId,
    PricingModelId, PurchaseId, SubscriptionId, Timestamp, null_as_default,
};

/// A checkout that was opened, and the hosted page where the person goes next.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HostedCheckout {
    /// The session.
    pub checkout_session: CheckoutSession,
    /// The hosted page.
    pub url: String,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One visit to the hosted checkout. `Debug` shows neither name nor address.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CheckoutSession {
    /// Flowglad's id.
    pub id: CheckoutSessionId,
    /// How it stands.
    pub status: CheckoutSessionStatus,
    /// What the person does there.
    #[serde(rename = "type", default)]
    pub kind: Option<CheckoutSessionKind>,
    /// Who pays.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The name that the person gave.
    #[serde(default)]
    pub customer_name: Option<String>,
    /// The email address that the person gave.
    #[serde(default)]
    pub customer_email: Option<String>,
    /// The address that the person gave.
    #[serde(default)]
    pub billing_address: Option<BillingAddress>,
    /// How the person pays.
    #[serde(default)]
    pub payment_method_type: Option<PaymentMethodKind>,
    /// What is bought.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// How many.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// The discount that the person entered.
    #[serde(default)]
    pub discount_id: Option<DiscountId>,
    /// What it led to, for a product that is paid once.
    #[serde(default)]
    pub purchase_id: Option<PurchaseId>,
    /// The invoice that it pays.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    /// The subscription that it is about.
    #[serde(default)]
    pub target_subscription_id: Option<SubscriptionId>,
    /// Whether all subscriptions are charged to the new card. The API decides; what a caller asks is passed over.
    #[serde(default)]
    pub automatically_update_subscriptions: Option<bool>,
    /// Whether the new subscription keeps the paid period of the free one before it.
    #[serde(default)]
    pub preserve_billing_cycle_anchor: Option<bool>,
    /// Where the person goes after paying.
    #[serde(default)]
    pub success_url: Option<String>,
    /// Where the person goes after giving up.
    #[serde(default)]
    pub cancel_url: Option<String>,
    /// A name for what the checkout creates.
    #[serde(default)]
    pub output_name: Option<String>,
    /// What to attach to what the checkout creates.
    #[serde(default)]
    pub output_metadata: Option<Map<String, Value>>,
    /// When it closes.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// Whether it belongs to live mode, where real money moves.
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

/// What the person does at the hosted checkout.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckoutSessionKind {
    /// Buys a product.
    Product,
    /// Stores a card.
    AddPaymentMethod,
    /// Makes the first payment of a subscription.
    ActivateSubscription,
    /// Pays a purchase that was prepared. No request of the API makes one.
    Purchase,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// How a checkout session stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
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
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
