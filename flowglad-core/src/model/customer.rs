//! Customers.

use std::fmt;

use serde::Deserialize;

use super::{CustomerId, PricingModelId, Timestamp};

/// A customer as Flowglad knows it. `Debug` shows the ids only.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Customer {
    /// Flowglad's id.
    pub id: CustomerId,
    /// The app's own id of the user.
    pub external_id: String,
    /// Where receipts go.
    pub email: String,
    /// The display name.
    pub name: String,
    /// Whether this is a customer of live mode, where real money moves.
    pub livemode: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Whether it was archived; its external id is then free again.
    #[serde(default)]
    pub archived: bool,
    /// The prices that apply to this customer.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Customer");
        shown.field("id", &self.id).field("external_id", &self.external_id).finish_non_exhaustive()
    }
}
