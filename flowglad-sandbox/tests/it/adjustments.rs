//! Adjustments of a subscription to another plan.

use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, Reply, each, pro_customer};

async fn adjust(api: &Api, id: &str, timing: &str, price_slug: &str) -> Reply {
    let adjustment = json!({ "timing": timing, "newSubscriptionItems": [{ "priceSlug": price_slug }] });
    api.post(&format!("/subscriptions/{id}/adjust"), json!({ "adjustment": adjustment })).await
}

fn subtotals(billing: &Value) -> Vec<i64> {
    let invoices = billing["invoices"].as_array().unwrap();
    invoices.iter().map(|view| view["invoice"]["subtotal"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_dearer_plan_starts_now_and_its_share_of_the_period_is_charged() {
    let (api, id) = pro_customer().await;
    // January has 31 days: half of the period is over at 15.5 days.
    api.clock.set(NEW_YEAR + 31 * DAY_MS / 2);
    api.use_calls(&id, 120, "t").await.ok();
    let adjusted = adjust(&api, &id, "auto", "team_monthly").await.ok();
    assert_eq!((&adjusted["resolvedTiming"], &adjusted["isUpgrade"]), (&json!("immediately"), &json!(true)));
    assert_eq!(adjusted["subscription"]["name"], "team monthly");
    assert_eq!(each(&adjusted["subscriptionItems"], "unitPrice"), [&json!(5000)]);

    let billing = api.billing("u").await;
    assert_eq!(subtotals(&billing), [2000, 3500], "the second lists the plan and the difference of 1500");
    let lines = &billing["invoices"][1]["invoiceLineItems"];
    let difference = "Proration: Net charge adjustment - Prorated adjustment for 50.0% of billing period (2026-01-16 to \
                      2026-02-01)";
    assert_eq!(each(lines, "description"), ["Pro monthly", difference]);
    let features = &billing["currentSubscription"]["experimental"]["featureItems"];
    assert_eq!(each(features, "slug"), ["export_csv", "team_api_credits", "team_seats"]);
    assert_eq!(api.balance("u").await, 880 + 2500 - 1000, "half of 5000, less what the period gave already");
}

#[tokio::test]
async fn a_cheaper_plan_starts_at_the_end_of_the_period() {
    let (api, id) = pro_customer().await;
    let adjusted = adjust(&api, &id, "auto", "lite_monthly").await.ok();
    assert_eq!(adjusted["resolvedTiming"], "at_end_of_current_billing_period");
    assert_eq!(adjusted["isUpgrade"], false);
    let end = &adjusted["subscription"]["currentBillingPeriodEnd"];
    assert_eq!(&adjusted["subscription"]["scheduledAdjustmentAt"], end);
    assert_eq!(adjusted["subscription"]["name"], "Pro monthly", "the present item's name");
    assert_eq!(each(&adjusted["subscriptionItems"], "name"), ["Pro monthly"]);
    assert_eq!(&adjusted["subscriptionItems"][0]["expiredAt"], end);
    assert_eq!(subtotals(&api.billing("u").await), [2000]);
    let again = adjust(&api, &id, "auto", "team_monthly").await.error(500);
    assert!(again.contains("already pending"), "{again}");
    let cancel = json!({ "cancellation": { "timing": "immediately" } });
    assert_eq!(api.post(&format!("/subscriptions/{id}/cancel"), cancel).await.status, 500);
}

#[tokio::test]
async fn claims_beyond_a_planned_downgrade_end_with_it() {
    let (api, id) = pro_customer().await;
    let adjusted = adjust(&api, &id, "auto", "lite_monthly").await.ok();
    let claim = json!({ "resourceSlug": "seats", "externalIds": ["a", "b", "c"] });
    let claimed = api.post(&format!("/resource-claims/{id}/claim"), claim).await.ok();
    let end = &adjusted["subscription"]["scheduledAdjustmentAt"];
    assert_eq!(each(&claimed["claims"], "expiredAt"), [&json!(null), &json!(null), end]);
}

#[tokio::test]
async fn a_plan_with_fewer_seats_than_are_claimed_is_refused() {
    let (api, id) = pro_customer().await;
    let claim = json!({ "resourceSlug": "seats", "quantity": 3 });
    api.post(&format!("/resource-claims/{id}/claim"), claim).await.ok();
    let error = adjust(&api, &id, "auto", "lite_monthly").await.error(500);
    assert!(error.contains("Cannot reduce capacity to 2."), "{error}");
}

#[tokio::test]
async fn a_free_plan_cannot_be_adjusted_nor_canceled() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    assert!(
        adjust(&api, &id, "auto", "pro_monthly").await.error(500).contains("Cannot adjust free plan subscriptions")
    );
    let cancel = json!({ "cancellation": { "timing": "immediately" } });
    let error = api.post(&format!("/subscriptions/{id}/cancel"), cancel).await.error(500);
    assert!(error.starts_with("Invalid subscription: "), "{error}");
}

#[tokio::test]
async fn a_refused_adjustment_changes_nothing() {
    let (api, id) = pro_customer().await;
    let before = api.billing("u").await;
    let items = json!([{ "priceSlug": "team_monthly" }, { "priceSlug": "nope" }]);
    let adjustment = json!({ "adjustment": { "timing": "immediately", "newSubscriptionItems": items } });
    let error = api.post(&format!("/subscriptions/{id}/adjust"), adjustment).await.error(500);
    assert!(error.contains("nope"), "{error}");
    assert_eq!(adjust(&api, &id, "at_end_of_current_billing_period", "team_monthly").await.status, 500);
    assert_eq!(adjust(&api, &id, "immediately", "credit_pack_500").await.status, 500);
    assert_eq!(api.billing("u").await, before);
}

#[tokio::test]
async fn an_item_that_is_named_by_id_is_kept_beside_a_new_one() {
    let (api, id) = pro_customer().await;
    let mut kept = api.billing("u").await["currentSubscription"]["subscriptionItems"][0].clone();
    kept.as_object_mut().unwrap().remove("price");
    let items = json!([kept, { "priceSlug": "lite_monthly", "quantity": 2 }]);
    let adjustment = json!({ "adjustment": { "timing": "immediately", "newSubscriptionItems": items } });
    let adjusted = api.post(&format!("/subscriptions/{id}/adjust"), adjustment).await.ok();
    assert_eq!(each(&adjusted["subscriptionItems"], "name"), ["Pro monthly", "lite monthly"]);
    assert_eq!(adjusted["subscriptionItems"][0]["id"], kept["id"]);
    assert_eq!(subtotals(&api.billing("u").await), [2000, 3000], "two units of Lite came on top");
    let usage = api.get(&format!("/resource-claims/{id}/usage?resourceSlug=seats")).await.ok();
    assert_eq!(usage["usage"]["capacity"], 5 + 2 * 2);
}
