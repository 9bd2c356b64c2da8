//! Features in the setup document of a pricing model.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{FeatureKind, RenewalFrequency};

/// A feature in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupFeature {
    /// What sort of feature it is.
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// A sentence for people.
    pub description: String,
    /// Credits or capacity granted. `None` for toggles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// The meter that credits go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_meter_slug: Option<String>,
    /// How often credits are granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_frequency: Option<RenewalFrequency>,
    /// The resource that capacity is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_slug: Option<String>,
    /// Whether it can be granted. Default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupFeature {
    /// A yes or no.
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
