//! `/subscriptions/{id}/adjust`, `…/preview-adjust` and `…/cancel-scheduled-adjustment`: adjusts a subscription,
//! previews the adjustment, and cancels a scheduled one.

use serde::Serialize;
use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        reply::Reply,
        subscription_item_reader,
        subscriptions::{SubscriptionView, items_of},
    },
    records::subscription::{Subscription, SubscriptionItem},
    refusal::Refusal,
    rules::{
        scope,
        subscription::{
            adjustment,
            adjustment_decision::{self, Adjustment, Decision, NotAdjustable, PlannedItem, Timing},
            scheduled_adjustment,
        },
    },
    store::Store,
};

const IMMEDIATELY: &str = "immediately";
const AT_PERIOD_END: &str = "at_end_of_current_billing_period";

pub(crate) fn adjust(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let wanted = input::read(call, adjustment_input)?;
    let id = call.param("id");
    let subscription = known(store, id).map_err(|unknown| unknown.refusal(id))?.clone();
    let outcome = adjustment::adjust(store, &subscription, wanted)?;
    let subscription = scope::require::<Subscription>(store, id)?;
    Ok(Reply::json(&json!({
        "subscription": SubscriptionView::new(subscription),
        "subscriptionItems": items_of(store, subscription),
        "resolvedTiming": resolved(outcome.timing),
        "isUpgrade": outcome.is_upgrade,
    })))
}

fn resolved(timing: Timing) -> &'static str {
    if timing == Timing::AtPeriodEnd { AT_PERIOD_END } else { IMMEDIATELY }
}

/// What an adjustment would do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Preview<'a> {
    can_adjust: bool,
    #[serde(rename = "previewGeneratedAt")]
    generated_at: i64,
    proration_amount: i64,
    current_plan_total: i64,
    new_plan_total: i64,
    resolved_timing: &'static str,
    effective_date: i64,
    is_upgrade: bool,
    percent_through_billing_period: f64,
    billing_period_end: i64,
    payment_method: Option<PreviewedCard<'a>>,
    current_subscription_items: Vec<PreviewedItem>,
    new_subscription_items: Vec<PreviewedItem>,
}

#[derive(Debug, Serialize)]
struct PreviewedCard<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    last4: &'a str,
    brand: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PreviewedItem {
    name: String,
    unit_price: i64,
    quantity: i64,
    price_id: String,
}

/// Returns what an adjustment would do, or why it would be refused. Both are a success.
pub(crate) fn preview(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let wanted = input::read(call, adjustment_input)?;
    let decided = known(store, call.param("id")).and_then(|subscription| {
        let decision = adjustment_decision::decide(store, subscription, wanted)?;
        Ok((subscription, decision))
    });
    Ok(match decided {
        Ok((subscription, decision)) => Reply::json(&preview_of(store, subscription, &decision)),
        Err(problem) => Reply::json(&json!({
            "canAdjust": false,
            "previewGeneratedAt": store.now(),
            "reason": problem.reason(),
        })),
    })
}

fn preview_of<'a>(store: &'a Store, subscription: &Subscription, decision: &Decision) -> Preview<'a> {
    let (now, period) = (store.now(), &decision.period);
    let card = subscription.payment_method_id().and_then(|id| store.tables.payment_methods.find(id));
    Preview {
        can_adjust: true,
        generated_at: now,
        proration_amount: decision.charge,
        current_plan_total: decision.old_total,
        new_plan_total: decision.new_total,
        resolved_timing: resolved(decision.timing),
        effective_date: if decision.timing == Timing::AtPeriodEnd { period.end } else { now },
        is_upgrade: decision.is_upgrade,
        percent_through_billing_period: decision.elapsed(now).fraction(),
        billing_period_end: period.end,
        payment_method: card.map(|card| PreviewedCard {
            id: &card.meta.id,
            kind: &card.kind,
            last4: &card.payment_method_data.last4,
            brand: &card.payment_method_data.brand,
        }),
        current_subscription_items: decision.old_items.iter().map(present_item).collect(),
        new_subscription_items: decision.new_items.iter().map(planned_item).collect(),
    }
}

fn present_item(item: &SubscriptionItem) -> PreviewedItem {
    PreviewedItem {
        name: item.name.clone().unwrap_or_default(),
        unit_price: item.unit_price,
        quantity: item.quantity,
        price_id: item.price_id.clone().unwrap_or_default(),
    }
}

fn planned_item(item: &PlannedItem) -> PreviewedItem {
    PreviewedItem {
        name: item.name(),
        unit_price: item.unit_price,
        quantity: item.quantity(),
        price_id: item.price.meta.id.clone(),
    }
}

fn known<'a>(store: &'a Store, id: &str) -> Result<&'a Subscription, NotAdjustable> {
    scope::find(store, id).ok_or_else(|| NotAdjustable::UnknownSubscription(id.to_owned()))
}

pub(crate) fn cancel_scheduled(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let unknown = || Refusal::rule_not_found(format!("Subscription not found: {id}"));
    let subscription = scope::find::<Subscription>(store, id).ok_or_else(unknown)?.clone();
    let canceled = scheduled_adjustment::cancel(store, &subscription)?;
    let subscription = scope::require::<Subscription>(store, &subscription.meta.id)?;
    Ok(Reply::json(&json!({ "subscription": SubscriptionView::new(subscription), "canceledItemCount": canceled })))
}

fn adjustment_input(root: &Field<'_>) -> Adjustment {
    const TIMINGS: [(&str, Timing); 3] =
        [(IMMEDIATELY, Timing::Immediately), (AT_PERIOD_END, Timing::AtPeriodEnd), ("auto", Timing::Auto)];
    let (adjustment, timing) = root.at("adjustment").form_by("timing", &TIMINGS);
    let timing = timing.unwrap_or(Timing::Auto);
    let items = adjustment.at("newSubscriptionItems").list();
    let prorate = adjustment.at("prorateCurrentBillingPeriod");
    Adjustment {
        items: items.iter().map(subscription_item_reader::wanted_item).collect(),
        prorate: timing == Timing::AtPeriodEnd || prorate.optional(Field::boolean).unwrap_or(true),
        timing,
    }
}
