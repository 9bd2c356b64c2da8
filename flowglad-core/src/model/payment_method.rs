//! Payment methods.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{BillingDetails, CustomerId, PaymentMethodId, PricingModelId, Timestamp, null_as_default};

/// A payment method of a customer, for example a card.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentMethod {
    /// Flowglad's id.
    pub id: PaymentMethodId,
    /// The customer that it belongs to.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The kind of payment method.
    #[serde(rename = "type")]
    pub kind: PaymentMethodKind,
    /// Whether it is the customer's default payment method.
    #[serde(default, deserialize_with = "null_as_default")]
    pub default: bool,
    /// The details from the payment processor, for a card `brand`, `last4`, `exp_month` and `exp_year`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub payment_method_data: Map<String, Value>,
    /// The billing details that its holder entered at the payment processor.
    #[serde(default)]
    pub billing_details: Option<BillingDetails>,
    /// The metadata that the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
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

/// A kind of payment method.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentMethodKind {
    /// A card.
    Card,
    /// Link, a wallet of the payment processor.
    Link,
    /// A bank account in the United States.
    UsBankAccount,
    /// SEPA direct debit, in the euro area.
    SepaDebit,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
