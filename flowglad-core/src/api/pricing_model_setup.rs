//! A whole pricing model as one document: what `/pricing-models/setup` takes and an export gives.

use std::num::{NonZeroU32, NonZeroU64};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    api::setup_features::SetupFeature,
    model::{AggregationType, Currency, IntervalUnit, PriceKind, Timestamp, null_as_default},
};

/// A whole pricing model, to be made in one request, or as it was exported. Slugs name what belongs together.
///
/// ```
/// use flowglad_core::api::{PricingModelSetup, SetupFeature, SetupPrice, SetupProduct, SetupUsageMeter};
/// use flowglad_core::model::{IntervalUnit, RenewalFrequency};
///
/// let mut setup = PricingModelSetup::new("Starter SaaS");
/// setup.usage_meters.push(SetupUsageMeter::new("api_calls", "API calls"));
/// setup.features.push(SetupFeature::toggle("export_csv", "CSV export", "Any table"));
/// setup.features.push(SetupFeature::credits(
///     "calls", "1000 calls", "Every month", "api_calls", 1000, RenewalFrequency::EveryBillingPeriod,
/// ));
/// let monthly = SetupPrice::every("pro_monthly", IntervalUnit::Month, 2000);
/// setup.products.push(SetupProduct::new("pro", "Pro", monthly, ["export_csv", "calls"]));
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModelSetup {
    /// Its name in the dashboard.
    pub name: String,
    /// Whether customers get it unless told otherwise. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// What products can grant.
    pub features: Vec<SetupFeature>,
    /// What can be bought. Without a default product the API adds a free plan.
    pub products: Vec<SetupProduct>,
    /// What counts usage. The API adds a price of 0 to each.
    pub usage_meters: Vec<SetupUsageMeter>,
    /// What can be held in numbers, for example seats.
    #[serde(default, deserialize_with = "null_as_default")]
    pub resources: Vec<SetupResource>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A pricing model as it was exported.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModelExport {
    /// What it consists of.
    pub pricing_model: PricingModelSetup,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A product, its price and what it grants, in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupProduct {
    /// The product.
    pub product: SetupProductFields,
    /// Its price.
    pub price: SetupPrice,
    /// The slugs of the features that it grants.
    pub features: Vec<String>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupProduct {
    /// A product that can be bought.
    #[must_use]
    pub fn new<Slug: Into<String>>(
        slug: impl Into<String>,
        name: impl Into<String>,
        price: SetupPrice,
        features: impl IntoIterator<Item = Slug>,
    ) -> Self {
        let product = SetupProductFields {
            name: name.into(),
            slug: slug.into(),
            active: true,
            default: None,
            description: None,
            image_url: None,
            singular_quantity_label: None,
            plural_quantity_label: None,
            extra: Map::new(),
        };
        Self { product, price, features: features.into_iter().map(Into::into).collect(), extra: Map::new() }
    }
}

/// The product itself in a [`SetupProduct`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupProductFields {
    /// The name that people see.
    pub name: String,
    /// The name that code asks for.
    pub slug: String,
    /// Whether it can be bought.
    pub active: bool,
    /// Whether every customer starts with it. One product at most, and it must cost 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// A sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A picture.
    #[serde(rename = "imageURL", default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// What one of it is called, for example `seat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub singular_quantity_label: Option<String>,
    /// What several of it are called, for example `seats`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plural_quantity_label: Option<String>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A price in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupPrice {
    /// How it is charged.
    #[serde(rename = "type")]
    pub kind: PriceKind,
    /// In the smallest unit of the organization's currency.
    pub unit_price: u64,
    /// Whether it is the one that applies when none is named. The API refuses a product's price that is not.
    pub is_default: bool,
    /// The name that code asks for. The API refuses a product's price without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it can be bought. The description lets it be left out, but the API refuses a product's price without
    /// `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The unit of a paid period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_unit: Option<IntervalUnit>,
    /// How many units one paid period has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_count: Option<NonZeroU32>,
    /// How many days of a new subscription are free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_period_days: Option<u32>,
    /// How many units of usage `unit_price` pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_events_per_unit: Option<NonZeroU64>,
    /// The currency, in an export. The API takes the organization's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupPrice {
    /// A price of a product that is charged every month, every year or the like.
    #[must_use]
    pub fn every(slug: impl Into<String>, interval_unit: IntervalUnit, unit_price: u64) -> Self {
        Self {
            interval_unit: Some(interval_unit),
            interval_count: Some(NonZeroU32::MIN),
            ..Self::with_kind(PriceKind::Subscription, slug, unit_price)
        }
    }

    /// A price of a product that is charged once.
    #[must_use]
    pub fn once(slug: impl Into<String>, unit_price: u64) -> Self {
        Self::with_kind(PriceKind::SinglePayment, slug, unit_price)
    }

    /// A price of usage that is charged every month.
    #[must_use]
    pub fn usage(slug: impl Into<String>, unit_price: u64, usage_events_per_unit: NonZeroU64) -> Self {
        Self {
            usage_events_per_unit: Some(usage_events_per_unit),
            interval_unit: Some(IntervalUnit::Month),
            interval_count: Some(NonZeroU32::MIN),
            ..Self::with_kind(PriceKind::Usage, slug, unit_price)
        }
    }

    fn with_kind(kind: PriceKind, slug: impl Into<String>, unit_price: u64) -> Self {
        Self {
            kind,
            unit_price,
            is_default: true,
            slug: Some(slug.into()),
            name: None,
            active: Some(true),
            interval_unit: None,
            interval_count: None,
            trial_period_days: None,
            usage_events_per_unit: None,
            currency: None,
            extra: Map::new(),
        }
    }
}

/// A usage meter and its prices in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupUsageMeter {
    /// The meter.
    pub usage_meter: SetupUsageMeterFields,
    /// What its usage costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Vec<SetupPrice>>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupUsageMeter {
    /// A meter that sums up amounts, without a price of its own.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        let (name, slug) = (name.into(), slug.into());
        let usage_meter = SetupUsageMeterFields { name, slug, aggregation_type: None, extra: Map::new() };
        Self { usage_meter, prices: None, extra: Map::new() }
    }
}

/// The meter itself in a [`SetupUsageMeter`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupUsageMeterFields {
    /// The name that people see.
    pub name: String,
    /// The name that code asks for.
    pub slug: String,
    /// How events become an amount of usage. Default: the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation_type: Option<AggregationType>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A resource in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupResource {
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// Whether it can be granted and claimed. Default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupResource {
    /// One that can be granted and claimed.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self { slug: slug.into(), name: name.into(), active: None, extra: Map::new() }
    }
}

impl PricingModelSetup {
    /// With nothing in it.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_default: None,
            features: Vec::new(),
            products: Vec::new(),
            usage_meters: Vec::new(),
            resources: Vec::new(),
            extra: Map::new(),
        }
    }
}
