//! `/subscriptions`.

use serde::{Deserialize, Serialize};

use crate::{
    AdjustmentTiming, CancellationTiming, NewSubscriptionItem,
    client::endpoint::Endpoint,
    model::{Adjusted, Subscription},
};

/// Reads one subscription.
pub(crate) const GET: Endpoint<(), SubscriptionReply> = Endpoint::get("subscriptions.get", "/subscriptions/{id}");

/// Ends a subscription now or with its paid period.
pub(crate) const CANCEL: Endpoint<Cancel, SubscriptionReply> =
    Endpoint::post("subscriptions.cancel", "/subscriptions/{id}/cancel");

/// Takes back a scheduled cancellation.
pub(crate) const UNCANCEL: Endpoint<Uncancel, SubscriptionReply> =
    Endpoint::post("subscriptions.uncancel", "/subscriptions/{id}/uncancel");

/// Moves a subscription to other prices. It may charge at once, and a second send could charge again.
pub(crate) const ADJUST: Endpoint<Adjust<'_>, Adjusted> =
    Endpoint::post("subscriptions.adjust", "/subscriptions/{id}/adjust");

#[derive(Debug, Deserialize)]
pub(crate) struct SubscriptionReply {
    pub(crate) subscription: Subscription,
}

#[derive(Serialize)]
pub(crate) struct Cancel {
    pub(crate) cancellation: Cancellation,
}

#[derive(Serialize)]
pub(crate) struct Cancellation {
    pub(crate) timing: CancellationTiming,
}

#[derive(Serialize)]
pub(crate) struct Uncancel {}

#[derive(Serialize)]
pub(crate) struct Adjust<'a> {
    pub(crate) adjustment: AdjustBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdjustBody<'a> {
    pub(crate) timing: AdjustmentTiming,
    pub(crate) new_subscription_items: &'a [NewSubscriptionItem],
    /// The API knows no proration at the end of a period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prorate_current_billing_period: Option<bool>,
}
