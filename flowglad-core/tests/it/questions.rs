//! What apps ask of billing: plan, trial, credits, seats.

use std::num::NonZeroU64;

use flowglad_core::{
    Billing, Error, Flowglad,
    api::{CancellationTiming, ClaimTarget, NewClaim, NewUsageEvent},
    model::Timestamp,
};
use flowglad_sandbox::{Clock, PricingModel, Sandbox};
use serde_json::{Value, json};

use crate::ada;

const JANUARY: i64 = 1_767_225_600_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

async fn start() -> (Sandbox, Flowglad) {
    started(Sandbox::builder().clock(Clock::manual(JANUARY)).start().await.unwrap())
}

fn started(sandbox: Sandbox) -> (Sandbox, Flowglad) {
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    (sandbox, flowglad)
}

/// The documented example of a customer of the plan Pro.
fn example() -> Value {
    serde_json::from_str(include_str!("../../../tests/spec/examples/customer-billing.json")).unwrap()
}

fn billing(document: &Value) -> Billing {
    Billing::from_raw(document.to_string()).unwrap()
}

/// The example after a change of its current subscription.
fn with_plan(change: impl Fn(&mut Value)) -> Billing {
    let mut document = example();
    change(&mut document["currentSubscriptions"][0]);
    billing(&document)
}

#[tokio::test]
async fn plan_and_credits_follow_the_customer_from_free_to_pro() {
    let (sandbox, flowglad) = start().await;
    let me = flowglad.customer(&ada());
    let billing = me.billing().await.unwrap();
    assert!(!billing.has_paid_plan());
    let plan = billing.plan().unwrap();
    assert_eq!(plan.product.unwrap().slug.as_deref(), Some("free"));
    assert_eq!(plan.price.unwrap().money().unwrap().to_string(), "0.00 USD");
    let credits = billing.credits("api_calls").unwrap();
    assert_eq!((credits.granted_each_period, credits.granted_once, credits.left), (100, 0, 100));
    assert_eq!(billing.credits("unknown"), None);

    sandbox.subscribe("user_42", "pro_monthly").unwrap();
    let used = NewUsageEvent::for_meter("api_calls", 120.try_into().unwrap());
    me.create_usage_event(&used, None).await.unwrap();
    let billing = me.billing().await.unwrap();
    assert!(billing.has_paid_plan());
    let plan = billing.plan().unwrap();
    assert_eq!(plan.product.unwrap().slug.as_deref(), Some("pro"));
    assert_eq!(plan.price.unwrap().slug.as_deref(), Some("pro_monthly"));
    let credits = billing.credits("api_calls").unwrap();
    assert_eq!((credits.granted_each_period, credits.left), (1000, 880));
    let price = billing.usage_price("api_calls").unwrap();
    assert_eq!(price.usage_meter_id.as_ref(), Some(&billing.pricing_model().usage_meters[0].id));
    assert_eq!(billing.usage_price("unknown"), None);

    assert_eq!(billing.plan_ends_at(), None);
    let end = plan.subscription.current_billing_period_end;
    me.cancel_subscription(&plan.subscription.id, CancellationTiming::AtEndOfCurrentBillingPeriod).await.unwrap();
    assert_eq!(me.billing().await.unwrap().plan_ends_at(), end);
}

#[tokio::test]
async fn a_trial_is_counted_in_days_that_have_begun() {
    let model = include_str!("../../../flowglad-sandbox/pricing_models/starter_saas.json");
    let mut model: Value = serde_json::from_str(model).unwrap();
    model["products"][1]["price"]["trialPeriodDays"] = json!(14);
    let model = PricingModel::from_json(&model.to_string()).unwrap();
    let sandbox = Sandbox::builder().clock(Clock::manual(JANUARY)).pricing_model(model).start().await.unwrap();
    let (sandbox, flowglad) = started(sandbox);
    let me = flowglad.customer(&ada());
    assert!(!me.billing().await.unwrap().has_had_trial());
    sandbox.subscribe("user_42", "pro_monthly").unwrap();
    let billing = me.billing().await.unwrap();
    let days_left = |millis: i64| billing.trial(Timestamp::from_millis(JANUARY + millis)).unwrap().days_left;
    assert_eq!([days_left(0), days_left(1), days_left(13 * DAY), days_left(14 * DAY - 1)], [14, 14, 1, 1]);
    assert_eq!([days_left(14 * DAY), days_left(20 * DAY)], [0, 0]);
    assert!(billing.has_paid_plan());
    sandbox.advance_days(15);
    let billing = me.billing().await.unwrap();
    assert_eq!(billing.trial(Timestamp::from_millis(JANUARY + 15 * DAY)), None, "trialEnd stays, the trial does not");
    assert!(billing.has_had_trial());
}

#[tokio::test]
async fn seats_are_counted_and_a_full_plan_is_an_error_that_can_be_matched() {
    let (sandbox, flowglad) = start().await;
    let me = flowglad.customer(&ada());
    let free = me.seats("seats").await.unwrap();
    assert_eq!((free.total, free.claimed, free.free), (0, 0, 0), "the free plan has no seats");
    assert!(me.seats("unknown").await.unwrap_err().is_not_found());

    sandbox.subscribe("user_42", "pro_monthly").unwrap();
    let claim = |count: u64| NewClaim::new("seats", ClaimTarget::Quantity(count.try_into().unwrap()));
    me.claim_resource(&claim(4), None).await.unwrap();
    let seats = me.seats("seats").await.unwrap();
    assert_eq!((seats.total, seats.claimed, seats.free), (5, 4, 1));
    let full = me.claim_resource(&claim(2), None).await.unwrap_err();
    assert!(full.is_capacity_exceeded(), "{full:?}");
    assert!(!me.seats("unknown").await.unwrap_err().is_capacity_exceeded());

    let billing = me.billing().await.unwrap();
    assert_eq!(billing.capacity("pro_seats"), Some(5));
    assert_eq!(billing.capacity("export_csv"), None, "not a resource");
    assert_eq!(billing.capacity("unknown"), None);

    let usage = &me.resource_usages(None).await.unwrap()[0];
    assert!(billing.would_hold("pro", 1, usage));
    assert!(!billing.would_hold("free", 1, usage), "a plan without the resource holds no claims");
    assert!(!billing.would_hold("unknown", 1, usage));
    let beyond = me.claims_beyond("free", NonZeroU64::MIN).await.unwrap();
    assert_eq!(beyond.len(), 1);
    assert_eq!((beyond[0].resource_slug.as_str(), beyond[0].claimed, beyond[0].capacity), ("seats", 4, 0));
    assert_eq!(me.claims_beyond("pro", NonZeroU64::MIN).await.unwrap(), []);
    let unknown = me.claims_beyond("unknown", NonZeroU64::MIN).await.unwrap_err();
    assert!(matches!(unknown, Error::NotFound { what: "product", .. }));
}

#[test]
fn the_capacity_of_a_resource_is_found_by_the_feature_of_any_plan() {
    let billing = with_plan(|plan| {
        for feature in plan["experimental"]["featureItems"].as_array_mut().unwrap() {
            if feature["type"] == "resource" {
                feature["slug"] = json!("team_seats");
                feature["amount"] = json!(20);
            }
        }
    });
    assert_eq!(billing.capacity("team_seats"), Some(20), "its own");
    assert_eq!(billing.capacity("pro_seats"), Some(20), "that of another plan for the same resource");
}

#[test]
fn a_plan_whose_product_is_no_longer_sold_has_a_price_but_no_product() {
    let mut document = example();
    document["pricingModel"]["products"].as_array_mut().unwrap().retain(|product| product["slug"] != "pro");
    let billing = billing(&document);
    let plan = billing.plan().unwrap();
    assert_eq!(plan.product, None);
    assert_eq!(plan.price.unwrap().unit_price, 2000);
    assert!(billing.has_paid_plan());
}

#[test]
fn without_a_subscription_every_question_has_an_answer() {
    let mut document = example();
    document["subscriptions"] = json!([]);
    document["currentSubscriptions"] = json!([]);
    document.as_object_mut().unwrap().remove("currentSubscription");
    let billing = billing(&document);
    assert_eq!(billing.plan(), None);
    assert!(!billing.has_paid_plan() && !billing.has_had_trial());
    assert_eq!(
        (billing.plan_ends_at(), billing.past_due(), billing.trial(Timestamp::from_millis(0))),
        (None, None, None)
    );
    assert_eq!(billing.credits("api_calls").unwrap().granted_each_period, 0);
    assert_eq!(billing.capacity("pro_seats"), Some(0));
}

#[test]
fn a_plan_that_is_free_of_charge_is_a_paid_plan_that_owes_nothing() {
    let billing = with_plan(|plan| {
        plan["doNotCharge"] = json!(true);
        plan["status"] = json!("past_due");
    });
    assert!(billing.has_paid_plan());
    assert_eq!(billing.past_due(), None);
}

#[test]
fn billing_from_raw_keeps_the_bytes_and_refuses_what_a_read_would_refuse() {
    let document = example().to_string();
    let billing = Billing::from_raw(document.clone()).unwrap();
    assert_eq!(billing.raw().as_str(), document);
    assert!(billing.check_feature_access("export_csv"));
    let again = Billing::from_raw(billing.raw().bytes()).unwrap();
    assert_eq!(again.customer(), billing.customer());

    let mut wrong = example();
    wrong["currentSubscriptions"][0]["status"] = json!(7);
    for (document, path) in [
        (wrong.to_string(), "currentSubscriptions[0].status"),
        (document[..document.len() - 1].to_owned(), "?"),
        (String::new(), "."),
        ("{}".to_owned(), "."),
        (r#"{"customer":{"id":"cust_1"},"customer":{"id":"cust_2"}}"#.to_owned(), "customer"),
        ("[".repeat(600) + &"]".repeat(600), "."),
    ] {
        match Billing::from_raw(document) {
            Err(Error::Decode { operation: "billing.from_raw", path: at, .. }) => assert_eq!(&*at, path),
            other => panic!("{other:?}"),
        }
    }
}
