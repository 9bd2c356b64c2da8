//! Customers.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingAddress, CustomerId, OrganizationId, PricingModelId, Subscription, SubscriptionItem, Timestamp,
    null_as_default,
};

/// A customer of Flowglad. `Debug` shows the ids only.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Customer {
    /// Flowglad's id.
    pub id: CustomerId,
    /// The app's own id of the user.
    pub external_id: String,
    /// The email address for receipts.
    pub email: String,
    /// The display name.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// `true` in live mode (real payments), `false` in test mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Whether the customer was archived. Its external id can then be used for a new customer.
    #[serde(default, deserialize_with = "null_as_default")]
    pub archived: bool,
    /// The pricing model that applies to this customer.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// The billing address on invoices.
    #[serde(default)]
    pub billing_address: Option<BillingAddress>,
    /// The prefix of the customer's invoice numbers.
    #[serde(default)]
    pub invoice_number_base: Option<String>,
    /// The URL of a large picture of the customer.
    #[serde(rename = "logoURL", default)]
    pub logo_url: Option<String>,
    /// The URL of a small picture of the customer.
    #[serde(rename = "iconURL", default)]
    pub icon_url: Option<String>,
    /// The customer's internet domain.
    #[serde(default)]
    pub domain: Option<String>,
    /// The id of the customer's own user account at Flowglad.
    #[serde(default)]
    pub user_id: Option<String>,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A new customer and its free subscription.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedCustomer {
    /// The customer.
    pub customer: Customer,
    /// The subscription to the default product. `None` if there is no default product, or the subscription could not be
    /// created.
    #[serde(default)]
    pub subscription: Option<Subscription>,
    /// The items of that subscription.
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
