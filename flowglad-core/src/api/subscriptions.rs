//! `/subscriptions`.

use serde::{Deserialize, Serialize};

use crate::{CancellationTiming, client::endpoint::Endpoint, model::Subscription};

/// Reads one subscription.
pub(crate) const GET: Endpoint<(), SubscriptionReply> = Endpoint::get("subscriptions.get", "/subscriptions/{id}");

/// Ends a subscription now or with its paid period.
pub(crate) const CANCEL: Endpoint<Cancel, SubscriptionReply> =
    Endpoint::post("subscriptions.cancel", "/subscriptions/{id}/cancel");

/// Takes back a scheduled cancellation.
pub(crate) const UNCANCEL: Endpoint<Uncancel, SubscriptionReply> =
    Endpoint::post("subscriptions.uncancel", "/subscriptions/{id}/uncancel");

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
