//! Payment methods.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{PaymentMethodId, null_as_default};

/// A card or another way to pay.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentMethod {
    /// Flowglad's id.
    pub id: PaymentMethodId,
    /// For example `card`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether new charges go to it.
    #[serde(default)]
    pub default: bool,
    /// What the payment processor tells of it, for a card `brand`, `last4`, `exp_month`, `exp_year`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub payment_method_data: Map<String, Value>,
}
