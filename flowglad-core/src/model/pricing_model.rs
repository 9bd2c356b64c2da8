//! Pricing models: products, their prices and features, and usage meters.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{OrganizationId, Price, PricingModelId, Product, Timestamp, UsageMeter, null_as_default};

/// Everything that can be bought, and by whom it is measured.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModel {
    /// Flowglad's id.
    pub id: PricingModelId,
    /// Its name in the dashboard.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Whether customers get it unless told otherwise.
    #[serde(default, deserialize_with = "null_as_default")]
    pub is_default: bool,
    /// The active products with their active prices. Empty in lists and in the answers of create and update.
    #[serde(default, deserialize_with = "null_as_default")]
    pub products: Vec<Product>,
    /// The meters, with the prices of usage. Empty where [`products`](Self::products) is.
    #[serde(default, deserialize_with = "null_as_default")]
    pub usage_meters: Vec<UsageMeter>,
    /// The product that every customer starts with.
    #[serde(default)]
    pub default_product: Option<Box<Product>>,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
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

impl PricingModel {
    /// The product with this slug.
    #[must_use]
    pub fn product(&self, slug: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.slug.as_deref() == Some(slug))
    }

    /// The price with this slug: of a product first, else of a usage meter.
    #[must_use]
    pub fn price(&self, slug: &str) -> Option<&Price> {
        let of_products = self.products.iter().flat_map(|product| &product.prices);
        let of_meters = self.usage_meters.iter().flat_map(|meter| &meter.prices);
        of_products.chain(of_meters).find(|price| price.slug.as_deref() == Some(slug))
    }
}
