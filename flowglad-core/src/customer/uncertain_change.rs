//! Changes whose response was lost: the state is read once, and the call returns what became of the change.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tracing::debug;

use crate::{
    api::{
        Adjustment, AdjustmentTiming, NewSubscriptionItem, PriceRef, resource_claims::USAGE,
        subscription_adjustments::ADJUST,
    },
    client::{
        endpoint::Route,
        json::{DecodeError, RawJson, Response},
    },
    customer::scope::CustomerScope,
    error::{Error, SideEffect},
    input::ClaimExternalId,
    model::{
        AdjustmentResult, ClaimResult, ResolvedTiming, ResourceClaim, ResourceUsageWithClaims, Subscription,
        SubscriptionItem,
    },
};

impl CustomerScope {
    /// Makes a change, and if it may have taken effect although it failed, reads once with `look`. `look` returns what
    /// the change would have returned, if the state is the requested one. Both are within the time limit of one call.
    pub(super) async fn change_or_look<T, Change, Look>(
        &self,
        change: impl FnOnce(Self) -> Change,
        look: impl FnOnce(Self) -> Look,
    ) -> Result<T, Error>
    where
        Change: Future<Output = Result<T, Error>>,
        Look: Future<Output = Result<Option<T>, Error>>,
    {
        let whole = self.clone().with_shared_deadline();
        let sender = Self { flowglad: whole.flowglad.with_time_for_a_read(), ..whole.clone() };
        let uncertain = match change(sender).await {
            Err(error) if error.side_effect() == SideEffect::Possible => error,
            result => return result,
        };
        let reader = Self { flowglad: whole.flowglad.without_retries(), ..whole };
        match look(reader).await {
            Ok(Some(made)) => Ok(made),
            Ok(None) => Err(uncertain.without_effect()),
            // What the caller must know is that the change is uncertain.
            Err(unreadable) => {
                debug!("cannot find out what became of a change: {unreadable}");
                Err(uncertain)
            }
        }
    }
}

/// The result of a plan change that was made although its response was lost. `None` if the subscription does not show
/// it.
pub(super) fn adjustment_seen_in(
    now: &Response<Subscription>,
    adjustment: &Adjustment,
) -> Result<Option<Response<AdjustmentResult>>, Error> {
    let timing = if has_items(now, &adjustment.items) {
        ResolvedTiming::Immediately
    } else if adjustment.timing != AdjustmentTiming::Immediately && now.scheduled_adjustment_at.is_some() {
        ResolvedTiming::AtEndOfCurrentBillingPeriod
    } else {
        return Ok(None);
    };
    let items = now.raw().field("subscriptionItems").map_err(not_as_expected(ADJUST.route()))?;
    let timing = RawJson::from_value(&timing);
    let fields = [("subscription", now.raw()), ("subscriptionItems", &items), ("resolvedTiming", &timing)];
    rebuilt(&fields, ADJUST.route()).map(Some)
}

/// Whether the items of the plan are the wanted ones. Items without a price were added by hand and belong to no plan.
fn has_items(now: &Subscription, wanted: &[NewSubscriptionItem]) -> bool {
    let mut present: Vec<&SubscriptionItem> =
        now.subscription_items.iter().filter(|item| item.price_id.is_some()).collect();
    wanted.iter().all(|wanted| {
        let found = present.iter().position(|item| is_item(item, wanted));
        found.map(|position| present.swap_remove(position)).is_some()
    }) && present.is_empty()
}

fn is_item(item: &SubscriptionItem, wanted: &NewSubscriptionItem) -> bool {
    let is_price = match &wanted.price {
        PriceRef::Id(id) => item.price_id.as_ref() == Some(id),
        PriceRef::Slug(slug) => item.price.as_ref().and_then(|price| price.slug.as_ref()) == Some(slug),
    };
    is_price && u64::try_from(item.quantity) == Ok(wanted.quantity.get())
}

/// The result of claims that were made although their response was lost. `None` if a holder has no claim.
pub(super) fn claims_seen_in(
    now: &Response<ResourceUsageWithClaims>,
    holders: &[ClaimExternalId],
) -> Result<Option<Response<ClaimResult>>, Error> {
    let parts = now.raw().field("claims").map_err(not_as_expected(USAGE.route()))?;
    let parts: Vec<&RawValue> = parts.decode_borrowed().map_err(not_as_expected(USAGE.route()))?;
    let mut claims = Vec::new();
    for holder in holders {
        let held = |claim: &ResourceClaim| claim.external_id.as_deref() == Some(holder.as_str());
        let Some(position) = now.claims.iter().position(held) else { return Ok(None) };
        claims.push(now.raw().slice(parts[position]));
    }
    let usage = now.raw().field("usage").map_err(not_as_expected(USAGE.route()))?;
    let claims = RawJson::array(&claims);
    rebuilt(&[("claims", &claims), ("usage", &usage)], USAGE.route()).map(Some)
}

/// The response that a change would have had, built from what was read.
fn rebuilt<T: DeserializeOwned>(fields: &[(&'static str, &RawJson)], route: Route) -> Result<Response<T>, Error> {
    Response::decode(RawJson::object(fields), None).map_err(not_as_expected(route))
}

fn not_as_expected(route: Route) -> impl FnOnce(DecodeError) -> Error {
    move |error| error.into_error(&route, None)
}
