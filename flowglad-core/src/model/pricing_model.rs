//! Pricing models: products, their prices and features, and usage meters.

use serde::{Deserialize, Serialize};

use super::{PriceId, PricingModelId, ProductId, UsageMeterId, null_as_default};

/// Everything that can be bought, and by whom it is measured.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModel {
    /// Flowglad's id.
    pub id: PricingModelId,
    /// Its name in the dashboard.
    #[serde(default)]
    pub name: String,
    /// Whether customers get it unless told otherwise.
    #[serde(default)]
    pub is_default: bool,
    /// The active products with their active prices.
    #[serde(default, deserialize_with = "null_as_default")]
    pub products: Vec<Product>,
    /// The meters, with the prices of usage.
    #[serde(default, deserialize_with = "null_as_default")]
    pub usage_meters: Vec<UsageMeter>,
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

/// Something that can be bought.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Product {
    /// Flowglad's id.
    pub id: ProductId,
    /// The name that people see.
    pub name: String,
    /// The name that code asks for.
    #[serde(default)]
    pub slug: Option<String>,
    /// A sentence for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether every customer starts with it.
    #[serde(default)]
    pub default: bool,
    /// Its active prices.
    #[serde(default, deserialize_with = "null_as_default")]
    pub prices: Vec<Price>,
    /// What it grants.
    #[serde(default, deserialize_with = "null_as_default")]
    pub features: Vec<Feature>,
}

/// What a product or a unit of usage costs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Price {
    /// Flowglad's id.
    pub id: PriceId,
    /// The name that people see.
    #[serde(default)]
    pub name: Option<String>,
    /// The name that code asks for.
    #[serde(default)]
    pub slug: Option<String>,
    /// How it is charged.
    #[serde(rename = "type")]
    pub kind: PriceKind,
    /// In the currency's smallest unit.
    pub unit_price: i64,
    /// ISO 4217, for example `USD`.
    #[serde(default)]
    pub currency: Option<String>,
    /// How long one paid period is, with [`interval_count`](Self::interval_count).
    #[serde(default)]
    pub interval_unit: Option<IntervalUnit>,
    /// How many units one paid period has.
    #[serde(default)]
    pub interval_count: Option<i64>,
    /// The product that it buys. `None` for usage.
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// The meter that it prices. `None` but for usage.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// How many units of usage [`unit_price`](Self::unit_price) pays.
    #[serde(default)]
    pub usage_events_per_unit: Option<i64>,
}

/// How a price is charged.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PriceKind {
    /// Again every period.
    Subscription,
    /// Once.
    SinglePayment,
    /// By what was used.
    Usage,
    /// A kind that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// The unit of a paid period.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntervalUnit {
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
    /// A unit that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// A feature as a product offers it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Feature {
    /// Flowglad's id.
    pub id: String,
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// What sort of feature it is.
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    /// Credits or capacity granted. `None` for toggles.
    #[serde(default)]
    pub amount: Option<i64>,
}

/// What sort of feature it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeatureKind {
    /// On or off.
    Toggle,
    /// Grants credits on a usage meter.
    UsageCreditGrant,
    /// Grants capacity, for example seats.
    Resource,
    /// A kind that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// Counts what customers use.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageMeter {
    /// Flowglad's id.
    pub id: UsageMeterId,
    /// The name that people see.
    pub name: String,
    /// The name that code asks for.
    pub slug: String,
    /// The active prices of its usage.
    #[serde(default, deserialize_with = "null_as_default")]
    pub prices: Vec<Price>,
}
