//! `subscriptions/…`.

use super::{
    body::{Body, boolean, form, one_of},
    dispatch::Failure,
};
use crate::{Answer, CancellationTiming, CustomerScope, RawJson};

const TIMINGS: &[(&str, CancellationTiming)] = &[
    ("at_end_of_current_billing_period", CancellationTiming::AtEndOfCurrentBillingPeriod),
    ("immediately", CancellationTiming::Immediately),
];

pub(super) async fn list(customer: CustomerScope<'_>, body: &Body) -> Result<RawJson, Failure> {
    let include_historical = body
        .read_strictly(&["includeHistorical"], |fields| fields.optional("includeHistorical", boolean))?
        .unwrap_or_default();
    let subscriptions = customer.subscriptions().await?;
    let current = RawJson::array(subscriptions.current.iter().map(Answer::raw));
    let listed =
        if include_historical { RawJson::array(subscriptions.all.iter().map(Answer::raw)) } else { current.clone() };
    let most_recent = subscriptions.most_recent.map_or_else(|| RawJson::of(&()), |current| current.raw().clone());
    Ok(RawJson::object(&[
        ("subscriptions", &listed),
        ("currentSubscriptions", &current),
        ("currentSubscription", &most_recent),
    ]))
}

pub(super) async fn cancel(customer: CustomerScope<'_>, body: &Body) -> Result<RawJson, Failure> {
    let (id, timing) = body.read(|fields| {
        let id = fields.required("id", form);
        let timing = fields.object("cancellation", |fields| fields.required("timing", one_of(TIMINGS)));
        Some((id?, timing?))
    })?;
    Ok(customer.cancel(&id, timing).await?.raw().clone())
}

pub(super) async fn uncancel(customer: CustomerScope<'_>, body: &Body) -> Result<RawJson, Failure> {
    let id = body.read(|fields| fields.required("id", form))?;
    Ok(customer.uncancel(&id).await?.raw().clone())
}
