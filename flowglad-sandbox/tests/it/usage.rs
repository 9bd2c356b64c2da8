//! Usage events, credits and balances.

use flowglad_sandbox::PricingModel;
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, each};

#[tokio::test]
async fn the_same_transaction_counts_once() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let id = api.current("u").await;
    let first = api.use_calls(&id, 120, "t1").await.ok();
    let second = api.use_calls(&id, 7, "t1").await.ok();
    assert_eq!(second, first, "the first event, whatever the second says");
    assert_eq!(api.balance("u").await, 880);

    let event = |transaction: &str| json!({ "subscriptionId": id, "priceSlug": "api_calls_overage", "amount": 3, "transactionId": transaction });
    let bulk = json!({ "usageEvents": [event("t1"), event("t2"), event("t2")] });
    let recorded = api.post("/usage-events/bulk", bulk).await.ok();
    assert_eq!(each(&recorded["usageEvents"], "transactionId"), ["t2"]);
    assert_eq!(api.balance("u").await, 877);
}

#[tokio::test]
async fn a_transaction_of_another_subscription_is_a_conflict() {
    let api = Api::start().await;
    api.new_customer("a").await;
    api.new_customer("b").await;
    let (a, b) = (api.current("a").await, api.current("b").await);
    api.use_calls(&a, 1, "t").await.ok();
    assert!(api.use_calls(&b, 1, "t").await.error(500).starts_with("UsageEvent conflict: "));
}

#[tokio::test]
async fn usage_beyond_the_credits_makes_the_balance_negative() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    api.use_calls(&id, 130, "t").await.ok();
    assert_eq!(api.balance("u").await, -30);
    api.buy("u", "credit_pack_500").await;
    assert_eq!(api.balance("u").await, 470);
}

#[tokio::test]
async fn expired_credits_do_not_count_and_bought_ones_stay() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "credit_pack_500").await;
    let id = api.current("u").await;
    api.use_calls(&id, 60, "t").await.ok();
    assert_eq!(api.balance("u").await, 540);
    api.clock.set(NEW_YEAR + 40 * DAY_MS);
    assert_eq!(api.balance("u").await, 500, "40 of the month's credits are gone, the pack is untouched");
}

#[tokio::test]
async fn one_bad_event_refuses_the_whole_batch_and_is_named() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    let event = |meter: &str, transaction: &str| json!({ "subscriptionId": id, "usageMeterSlug": meter, "amount": 1, "transactionId": transaction });
    let bulk = json!({ "usageEvents": [event("api_calls", "t1"), event("nope", "t2")] });
    let error = api.post("/usage-events/bulk", bulk).await.error(500);
    assert_eq!(error, "UsageMeter not found: slug \"nope\"");
    let of_unknown =
        json!({ "subscriptionId": "nope", "usageMeterSlug": "api_calls", "amount": 1, "transactionId": "t" });
    let bulk = json!({ "usageEvents": [event("api_calls", "t1"), of_unknown] });
    let error = api.post("/usage-events/bulk", bulk).await.error(500);
    assert_eq!(error, "Subscription not found: nope (usage event at index 1)");
    assert_eq!(api.balance("u").await, 100);
}

#[tokio::test]
async fn a_distinct_property_counts_once_in_a_period() {
    let mut form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    form["usageMeters"][0]["usageMeter"]["aggregationType"] = json!("count_distinct_properties");
    let api = Api::with_model(PricingModel::from_json(&form.to_string()).unwrap()).await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    let event = |transaction: &str, properties: Value| {
        json!({ "usageEvent": { "subscriptionId": id, "usageMeterSlug": "api_calls", "amount": 1,
            "transactionId": transaction, "properties": properties } })
    };
    api.post("/usage-events", event("t1", json!({ "user": 1, "region": "eu" }))).await.ok();
    api.post("/usage-events", event("t2", json!({ "region": "eu", "user": 1 }))).await.ok();
    assert_eq!(api.balance("u").await, 99);
    api.post("/usage-events", event("t3", json!({ "user": 2 }))).await.ok();
    assert_eq!(api.balance("u").await, 98);
    let error = api.post("/usage-events", event("t4", json!({}))).await.error(500);
    assert!(error.contains("Properties are required"), "{error}");
}

#[tokio::test]
async fn the_date_of_usage_may_be_an_iso_string() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let event = json!({ "subscriptionId": api.current("u").await, "usageMeterSlug": "api_calls", "amount": 1,
        "transactionId": "t", "usageDate": "2025-12-31T00:00:00Z" });
    let recorded = api.post("/usage-events", json!({ "usageEvent": event })).await.ok();
    assert_eq!(recorded["usageEvent"]["usageDate"], NEW_YEAR - DAY_MS);
    assert_eq!(recorded["usageEvent"]["createdAt"], NEW_YEAR);
}

#[tokio::test]
async fn balances_of_a_named_subscription_are_this_customers_only() {
    let api = Api::start().await;
    api.new_customer("a").await;
    api.new_customer("b").await;
    let foreign = api.current("b").await;
    let path = format!("/customers/a/usage-balances?subscriptionId={foreign}");
    assert_eq!(api.get(&path).await.status, 404);
}

#[tokio::test]
async fn claims_without_a_name_are_given_back_oldest_first_and_all_or_none() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let claims = format!("/resource-claims/{}", api.current("u").await);
    let made = api.post(&format!("{claims}/claim"), json!({ "resourceSlug": "seats", "quantity": 3 })).await.ok();
    let too_many = api.post(&format!("{claims}/release"), json!({ "resourceSlug": "seats", "quantity": 4 })).await;
    assert!(too_many.error(500).starts_with("Cannot release 4 anonymous claims. Only 3 exist."));
    let released = api.post(&format!("{claims}/release"), json!({ "resourceSlug": "seats", "quantity": 1 })).await.ok();
    assert_eq!(released["releasedClaims"][0]["id"], made["claims"][0]["id"]);
    let by_id = json!({ "resourceSlug": "seats", "claimIds": [made["claims"][2]["id"]] });
    assert_eq!(api.post(&format!("{claims}/release"), by_id.clone()).await.ok()["usage"]["claimed"], 1);
    assert!(
        api.post(&format!("{claims}/release"), by_id).await.error(500).starts_with("No active claim found with id")
    );
}

#[tokio::test]
async fn new_claims_end_with_a_planned_cancellation() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let id = api.current("u").await;
    let at_end = json!({ "cancellation": { "timing": "at_end_of_current_billing_period" } });
    let end = api.post(&format!("/subscriptions/{id}/cancel"), at_end).await.ok()["subscription"]["cancelScheduledAt"]
        .clone();
    let claim = json!({ "resourceSlug": "seats", "quantity": 1 });
    let claimed = api.post(&format!("/resource-claims/{id}/claim"), claim).await.ok();
    assert_eq!(claimed["claims"][0]["expiredAt"], end);
}

#[tokio::test]
async fn a_plan_without_the_resource_says_so() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let claims = format!("/resource-claims/{}", api.current("u").await);
    assert_eq!(
        api.get(&format!("{claims}/usage?resourceSlug=seats")).await.error(404),
        "Resource is not available on this subscription"
    );
    assert_eq!(api.get(&format!("{claims}/usage?resourceSlug=nope")).await.error(404), "Resource not found");
    assert_eq!(api.get(&format!("{claims}/usage")).await.status, 400);
    assert_eq!(api.get(&format!("{claims}/usages")).await.ok(), json!([]));
    let claim = api.post(&format!("{claims}/claim"), json!({ "resourceSlug": "seats", "quantity": 1 })).await;
    assert!(claim.error(500).starts_with("No Resource feature found"));
    let unknown = api.post(&format!("{claims}/claim"), json!({ "resourceSlug": "nope", "quantity": 1 })).await;
    assert_eq!(unknown.error(500), "Resource with slug \"nope\" not found in pricing model");
}
