//! Pricing models: products, their prices and features, and usage meters.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{OrganizationId, Price, PricingModelId, Product, Timestamp, UsageMeter, null_as_default};

/// A pricing model: products with their prices and features, and usage meters.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModel {
    /// Flowglad's id.
    pub id: PricingModelId,
    /// The name shown in the dashboard.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Whether new customers get this pricing model by default.
    #[serde(default, deserialize_with = "null_as_default")]
    pub is_default: bool,
    /// The active products with their active prices. Empty in lists and in the responses of create and update.
    #[serde(default, deserialize_with = "null_as_default")]
    pub products: Vec<Product>,
    /// The usage meters with their prices. Empty when [`products`](Self::products) is empty for the same reason.
    #[serde(default, deserialize_with = "null_as_default")]
    pub usage_meters: Vec<UsageMeter>,
    /// The product to which every new customer is subscribed.
    #[serde(default)]
    pub default_product: Option<Box<Product>>,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
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

impl PricingModel {
    /// Finds the product with this slug.
    #[must_use]
    pub fn product(&self, slug: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.slug.as_deref() == Some(slug))
    }

    /// Finds the price with this slug, first among the prices of products, then among those of usage meters.
    #[must_use]
    pub fn price(&self, slug: &str) -> Option<&Price> {
        let of_products = self.products.iter().flat_map(|product| &product.prices);
        let of_meters = self.usage_meters.iter().flat_map(|meter| &meter.prices);
        of_products.chain(of_meters).find(|price| price.slug.as_deref() == Some(slug))
    }
}
