//! `/usage-events`: what customers use.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    MeteredBy,
    client::endpoint::{Endpoint, Resend},
    model::{SubscriptionId, Timestamp, UsageEvent},
};

/// Idempotent by `transactionId`, so a lost answer may be asked for again.
pub(crate) const CREATE: Endpoint<CreateUsageEvent<'_>, UsageEventReply> =
    Endpoint::post("usage_events.create", "/usage-events").resend(Resend::Always);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateUsageEvent<'a> {
    pub(crate) usage_event: UsageEventBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageEventBody<'a> {
    pub(crate) subscription_id: &'a SubscriptionId,
    #[serde(flatten)]
    pub(crate) metered_by: &'a MeteredBy,
    pub(crate) amount: u64,
    pub(crate) transaction_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usage_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) properties: Option<&'a Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageEventReply {
    pub(crate) usage_event: UsageEvent,
}
