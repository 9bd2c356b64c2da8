//! A whole pricing model as one document: the body of `/pricing-models/setup` and the response of an export.

use std::num::{NonZeroU32, NonZeroU64};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    AggregationType, Currency, FeatureKind, IntervalUnit, PriceKind, RenewalFrequency, Timestamp, null_as_default,
};

/// A whole pricing model as one document, to create or as exported. Its parts refer to each other by slug.
///
/// ```
/// use flowglad_core::api::{PricingModelSetup, SetupFeature, SetupPrice, SetupProduct, SetupUsageMeter};
/// use flowglad_core::model::{IntervalUnit, RenewalFrequency};
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
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModelSetup {
    /// The name shown in the dashboard.
    pub name: String,
    /// Whether new customers get this pricing model by default. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// The features that products can grant.
    pub features: Vec<SetupFeature>,
    /// The products that can be bought. Without a default product the API adds a free plan.
    pub products: Vec<SetupProduct>,
    /// The usage meters. The API adds a price of 0 to each.
    pub usage_meters: Vec<SetupUsageMeter>,
    /// The resources, for example seats.
    #[serde(default, deserialize_with = "null_as_default")]
    pub resources: Vec<SetupResource>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An exported pricing model.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModelExport {
    /// The content of the pricing model.
    pub pricing_model: PricingModelSetup,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A feature in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupFeature {
    /// The kind of feature.
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    /// The slug: the name used in code.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// A description for display.
    pub description: String,
    /// The amount of credits or capacity. `None` for toggles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// The usage meter that receives the credits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_meter_slug: Option<String>,
    /// How often credits are granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_frequency: Option<RenewalFrequency>,
    /// The resource whose capacity is granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_slug: Option<String>,
    /// Whether products can grant it. Default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupFeature {
    /// A feature that is on or off.
    #[must_use]
    pub fn toggle(slug: impl Into<String>, name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            kind: FeatureKind::Toggle,
            slug: slug.into(),
            name: name.into(),
            description: description.into(),
            amount: None,
            usage_meter_slug: None,
            renewal_frequency: None,
            resource_slug: None,
            active: None,
            extra: Map::new(),
        }
    }

    /// Credits on a usage meter.
    #[must_use]
    pub fn credits(
        slug: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<String>,
        usage_meter_slug: impl Into<String>,
        amount: u64,
        renewal_frequency: RenewalFrequency,
    ) -> Self {
        Self {
            kind: FeatureKind::UsageCreditGrant,
            amount: Some(amount),
            usage_meter_slug: Some(usage_meter_slug.into()),
            renewal_frequency: Some(renewal_frequency),
            ..Self::toggle(slug, name, description)
        }
    }

    /// Capacity of a resource, for example seats.
    #[must_use]
    pub fn capacity(
        slug: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<String>,
        resource_slug: impl Into<String>,
        amount: u64,
    ) -> Self {
        Self {
            kind: FeatureKind::Resource,
            amount: Some(amount),
            resource_slug: Some(resource_slug.into()),
            ..Self::toggle(slug, name, description)
        }
    }
}

/// A product with its price and its features in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupProduct {
    /// The fields of the product itself.
    pub product: SetupProductFields,
    /// The price.
    pub price: SetupPrice,
    /// The slugs of the features that the product grants.
    pub features: Vec<String>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupProduct {
    /// Sets the required fields of a product that can be bought.
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

/// The fields of the product itself in a [`SetupProduct`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupProductFields {
    /// The display name.
    pub name: String,
    /// The slug: the name used in code.
    pub slug: String,
    /// Whether it can be bought.
    pub active: bool,
    /// Whether every new customer is subscribed to it. At most one product, with a price of 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// A description for display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The URL of a picture.
    #[serde(rename = "imageURL", default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The label of one unit, for example `seat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub singular_quantity_label: Option<String>,
    /// The label of several units, for example `seats`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plural_quantity_label: Option<String>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A price in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupPrice {
    /// How the price is charged.
    #[serde(rename = "type")]
    pub kind: PriceKind,
    /// The amount in the smallest unit of the organization's currency.
    pub unit_price: u64,
    /// Whether it is the default price. The API requires `true` for the price of a product.
    pub is_default: bool,
    /// The slug: the name used in code. The API requires it for the price of a product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it can be bought. Optional, but the API requires `true` for the price of a product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The unit of the billing period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_unit: Option<IntervalUnit>,
    /// The length of one billing period, in interval units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_count: Option<NonZeroU32>,
    /// The length of the free trial of a new subscription, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_period_days: Option<u32>,
    /// The number of units of usage that `unit_price` pays for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_events_per_unit: Option<NonZeroU64>,
    /// The currency, in an export. The API ignores it in a setup and uses the organization's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupPrice {
    /// A price of a product that is charged once per interval, for example every month.
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
            kind: PriceKind::Usage,
            usage_events_per_unit: Some(usage_events_per_unit),
            ..Self::every(slug, IntervalUnit::Month, unit_price)
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

/// A usage meter with its prices in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupUsageMeter {
    /// The fields of the usage meter itself.
    pub usage_meter: SetupUsageMeterFields,
    /// The prices of its usage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Vec<SetupPrice>>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupUsageMeter {
    /// A usage meter that sums up amounts, without a price of its own.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        let (name, slug) = (name.into(), slug.into());
        let usage_meter = SetupUsageMeterFields { name, slug, aggregation_type: None, extra: Map::new() };
        Self { usage_meter, prices: None, extra: Map::new() }
    }
}

/// The fields of the usage meter itself in a [`SetupUsageMeter`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupUsageMeterFields {
    /// The display name.
    pub name: String,
    /// The slug: the name used in code.
    pub slug: String,
    /// How the meter aggregates events. Default: the sum of their amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation_type: Option<AggregationType>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A resource in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupResource {
    /// The slug: the name used in code.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// Whether it can be granted and claimed. Default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupResource {
    /// Sets the required fields of a resource that can be granted and claimed.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self { slug: slug.into(), name: name.into(), active: None, extra: Map::new() }
    }
}

impl PricingModelSetup {
    /// An empty pricing model with this name.
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
