//! Customers.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingAddress, CustomerId, OrganizationId, PricingModelId, Subscription, SubscriptionItem, Timestamp,
    null_as_default,
};

/// A customer as Flowglad knows it. `Debug` shows the ids only.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
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
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Whether this is a customer of live mode, where real money moves.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Whether it was archived; its external id is then free again.
    #[serde(default, deserialize_with = "null_as_default")]
    pub archived: bool,
    /// The prices that apply to this customer.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// The address on invoices.
    #[serde(default)]
    pub billing_address: Option<BillingAddress>,
    /// How the numbers of its invoices begin.
    #[serde(default)]
    pub invoice_number_base: Option<String>,
    /// A large picture of the customer.
    #[serde(rename = "logoURL", default)]
    pub logo_url: Option<String>,
    /// A small picture of the customer.
    #[serde(rename = "iconURL", default)]
    pub icon_url: Option<String>,
    /// The customer's internet domain.
    #[serde(default)]
    pub domain: Option<String>,
    /// The customer's user of Flowglad itself.
    #[serde(default)]
    pub user_id: Option<String>,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A customer that was created, and the free subscription that it began with.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedCustomer {
    /// The customer.
    pub customer: Customer,
    /// The subscription to the default product. `None` if there is no such product, or it could not be begun.
    #[serde(default)]
    pub subscription: Option<Subscription>,
    /// What that subscription is made of.
    #[serde(default, deserialize_with = "null_as_default")]
    pub subscription_items: Vec<SubscriptionItem>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Customer");
        debug.field("id", &self.id).field("external_id", &self.external_id).finish_non_exhaustive()
    }
}
