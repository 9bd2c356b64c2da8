//! Payment methods.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{BillingDetails, CustomerId, PaymentMethodId, PricingModelId, Timestamp, null_as_default};

/// A card or another way to pay.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentMethod {
    /// Flowglad's id.
    pub id: PaymentMethodId,
    /// Whose it is.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: PaymentMethodKind,
    /// Whether new charges go to it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub default: bool,
    /// What the payment processor tells of it, for a card `brand`, `last4`, `exp_month`, `exp_year`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub payment_method_data: Map<String, Value>,
    /// What its holder told the payment processor.
    #[serde(default)]
    pub billing_details: Option<BillingDetails>,
    /// What the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
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

/// A way to pay.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentMethodKind {
    /// A card.
    Card,
    /// A stored account of the payment processor.
    Link,
    /// A bank account in the United States.
    UsBankAccount,
    /// A direct debit in the euro area.
    SepaDebit,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
