//! What customers use up: metered events against credits, and claims on resources.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::{Deserialize, Serialize};

use super::Head;
use crate::http::input::Metadata;

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageEvent {
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) customer_id: String,
    pub(crate) subscription_id: String,
    pub(crate) usage_meter_id: String,
    pub(crate) billing_period_id: Option<String>,
    pub(crate) amount: i64,
    pub(crate) usage_date: i64,
    pub(crate) transaction_id: String,
    pub(crate) price_id: String,
    pub(crate) properties: Metadata,
    pub(crate) pricing_model_id: String,
    /// Whether the event counts at all; a repeated distinct property does not.
    #[serde(skip)]
    pub(crate) costs: bool,
    /// The part of the amount that no credit covered.
    #[serde(skip)]
    pub(crate) uncovered: i64,
}

impl UsageEvent {
    /// A number that depends on what makes two events of a meter that counts distinct properties the same;
    /// none if there are no properties to compare.
    pub(crate) fn likeness_of(meter_id: &str, billing_period_id: Option<&str>, properties: &Metadata) -> Option<u64> {
        if properties.is_empty() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (meter_id, billing_period_id, properties).hash(&mut hasher);
        Some(hasher.finish())
    }
}

/// Units of a meter that a subscription was given. The API shows only sums of them.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct UsageCredit {
    pub(crate) head: Head,
    pub(crate) subscription_id: String,
    pub(crate) usage_meter_id: String,
    /// The period whose plan gave it; none if it was bought.
    pub(crate) billing_period_id: Option<String>,
    /// The feature that gave it; none if it was bought.
    pub(crate) subscription_item_feature_id: Option<String>,
    pub(crate) issued: i64,
    pub(crate) remaining: i64,
    pub(crate) expires_at: Option<i64>,
}

impl UsageCredit {
    pub(crate) fn is_valid_at(&self, time: i64) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > time)
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceClaim {
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) organization_id: String,
    pub(crate) resource_id: String,
    pub(crate) subscription_id: String,
    pub(crate) pricing_model_id: String,
    pub(crate) external_id: Option<String>,
    pub(crate) claimed_at: i64,
    pub(crate) released_at: Option<i64>,
    pub(crate) release_reason: Option<Cow<'static, str>>,
    pub(crate) expired_at: Option<i64>,
    pub(crate) metadata: Option<Metadata>,
}

impl ResourceClaim {
    pub(crate) fn is_active_at(&self, time: i64) -> bool {
        self.released_at.is_none() && self.expired_at.is_none_or(|expired_at| expired_at > time)
    }
}
