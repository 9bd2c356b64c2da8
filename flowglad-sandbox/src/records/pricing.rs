//! What is sold: pricing models and everything inside them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::records::record::{Meta, record};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PricingModel {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) organization_id: String,
    pub(crate) is_default: bool,
    pub(crate) name: String,
}

record!(PricingModel: "pricing_model");

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    #[serde(rename = "imageURL")]
    pub(crate) image_url: Option<String>,
    pub(crate) organization_id: String,
    pub(crate) active: bool,
    pub(crate) singular_quantity_label: Option<String>,
    pub(crate) plural_quantity_label: Option<String>,
    pub(crate) pricing_model_id: String,
    pub(crate) default: bool,
    pub(crate) slug: String,
}

record!(Product: "prod");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PriceType {
    Subscription,
    SinglePayment,
    Usage,
}

impl PriceType {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::SinglePayment => "single_payment",
            Self::Usage => "usage",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntervalUnit {
    Day,
    Week,
    Month,
    Year,
}

impl IntervalUnit {
    pub(crate) const CHOICES: [(&'static str, Self); 4] =
        [("day", Self::Day), ("week", Self::Week), ("month", Self::Month), ("year", Self::Year)];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Price {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) interval_unit: Option<IntervalUnit>,
    pub(crate) name: Option<String>,
    pub(crate) interval_count: Option<i64>,
    #[serde(rename = "type")]
    pub(crate) kind: PriceType,
    pub(crate) trial_period_days: Option<i64>,
    pub(crate) is_default: bool,
    pub(crate) unit_price: i64,
    pub(crate) usage_events_per_unit: Option<i64>,
    pub(crate) product_id: Option<String>,
    pub(crate) active: bool,
    pub(crate) currency: Cow<'static, str>,
    pub(crate) slug: Option<String>,
    pub(crate) usage_meter_id: Option<String>,
    pub(crate) pricing_model_id: String,
}

impl Price {
    /// The unit and number of its periods; none if it is paid once.
    pub(crate) fn interval(&self) -> Option<(IntervalUnit, i64)> {
        self.interval_unit.zip(self.interval_count)
    }
}

record!(Price: "price");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FeatureType {
    Toggle,
    UsageCreditGrant,
    Resource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RenewalFrequency {
    Once,
    EveryBillingPeriod,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Feature {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) organization_id: String,
    #[serde(rename = "type")]
    pub(crate) kind: FeatureType,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) amount: Option<i64>,
    pub(crate) usage_meter_id: Option<String>,
    pub(crate) renewal_frequency: Option<RenewalFrequency>,
    pub(crate) pricing_model_id: String,
    pub(crate) resource_id: Option<String>,
    pub(crate) active: bool,
}

record!(Feature: "feature");

/// A feature attached to a product.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductFeature {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) product_id: String,
    pub(crate) feature_id: String,
    pub(crate) organization_id: String,
    pub(crate) expired_at: Option<i64>,
    pub(crate) pricing_model_id: String,
}

record!(ProductFeature: "product_feature" of product_id);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aggregation {
    Sum,
    CountDistinctProperties,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageMeter {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) organization_id: String,
    pub(crate) name: String,
    pub(crate) pricing_model_id: String,
    pub(crate) slug: String,
    pub(crate) aggregation_type: Aggregation,
}

record!(UsageMeter: "usage_meter");

/// Something of which a plan allows a fixed number at a time, such as seats.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resource {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) organization_id: String,
    pub(crate) pricing_model_id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) active: bool,
}

record!(Resource: "resource");

/// The currency of all prices and payments.
pub(crate) const CURRENCY: &str = "USD";
