//! What a subscription entitles to, and what is used of it: features, usage credits, resources.
//!
//! Start with `features`, then `credits` and `usage_events`; `subscription_item_features` are features added by hand.

pub(crate) mod credits;
pub(crate) mod features;
pub(crate) mod resource_claims;
pub(crate) mod subscription_item_features;
pub(crate) mod usage_events;
