//! What customers use: metered events, the credits that cover them, and claims on resources.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde::{Deserialize, Serialize};

use crate::records::{
    metadata::Metadata,
    record::{Meta, record},
};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageEvent {
    #[serde(flatten)]
    pub(crate) meta: Meta,
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
    /// Whether the event counts. On a meter that counts distinct properties, a duplicate does not.
    pub(crate) costs: bool,
    /// The part of the amount that no credit covered.
    pub(crate) uncovered: i64,
}

record! {
    UsageEvent: "usage_event" of subscription_id {
        fn external_key(&self) -> Option<&str> {
            Some(&self.transaction_id)
        }

        fn dedup_key(&self) -> Option<u64> {
            UsageEvent::dedup_key_for(&self.usage_meter_id, self.billing_period_id.as_deref(), &self.properties)
        }

        fn running_total(&self) -> Option<(&str, i64)> {
            self.costs.then_some((&self.usage_meter_id, self.uncovered))
        }
    }
}

impl UsageEvent {
    /// A hash of what makes two events duplicates on a meter that counts distinct properties;
    /// none if there are no properties to compare.
    pub(crate) fn dedup_key_for(meter_id: &str, billing_period_id: Option<&str>, properties: &Metadata) -> Option<u64> {
        if properties.is_empty() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (meter_id, billing_period_id, properties).hash(&mut hasher);
        Some(hasher.finish())
    }
}

/// Units of a meter that were granted to a subscription. The API shows only their sums.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct UsageCredit {
    pub(crate) meta: Meta,
    pub(crate) subscription_id: String,
    pub(crate) usage_meter_id: String,
    /// The period whose plan granted it; none if it was bought.
    pub(crate) billing_period_id: Option<String>,
    /// The feature that granted it; none if it was bought.
    pub(crate) subscription_item_feature_id: Option<String>,
    pub(crate) issued: i64,
    pub(crate) remaining: i64,
    pub(crate) expires_at: Option<i64>,
}

record!(UsageCredit: "usage_credit" of subscription_id);

impl UsageCredit {
    pub(crate) fn is_valid_at(&self, time: i64) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > time)
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceClaim {
    #[serde(flatten)]
    pub(crate) meta: Meta,
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

record! {
    ResourceClaim: "res_claim" of subscription_id {
        const IDS_HAVE_DASHES: bool = true;
    }
}

impl ResourceClaim {
    pub(crate) fn is_active_at(&self, time: i64) -> bool {
        self.released_at.is_none() && self.expired_at.is_none_or(|expired_at| expired_at > time)
    }
}
