//! Steps of a test for one customer, and what it asks about one.

use flowglad_sandbox::SandboxError;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    Api, pro_customer, send,
    time::{FEBRUARY, status},
};

async fn asked(api: &Api, query: &str) -> crate::Reply {
    send(api.outside(Method::GET, &format!("/_sandbox/{query}"))).await
}

fn unknown<T: std::fmt::Debug>(outcome: &Result<T, SandboxError>) {
    assert!(matches!(outcome, Err(SandboxError::CustomerNotFound { .. })), "{outcome:?}");
}

#[tokio::test]
async fn time_moves_to_the_moment_of_the_renewal_and_no_further() {
    let (api, id) = pro_customer().await;
    assert_eq!(api.sandbox.advance_to_next_renewal("u").unwrap(), 1);
    assert_eq!(api.clock.now_ms(), FEBRUARY);
    let subscription = api.get(&format!("/subscriptions/{id}")).await.ok();
    assert_eq!(subscription["subscription"]["currentBillingPeriodStart"], FEBRUARY);
    let advanced = api.control_api("advance-to-next-renewal", json!({ "customer": "u" })).await.ok();
    assert_eq!((&advanced["now"], &advanced["jobs"]), (&json!(api.clock.now_ms()), &json!(1)));
}

#[tokio::test]
async fn what_does_not_renew_is_refused_and_moves_no_time() {
    let (api, id) = pro_customer().await;
    let cancellation = json!({ "cancellation": { "timing": "at_end_of_current_billing_period" } });
    api.post(&format!("/subscriptions/{id}/cancel"), cancellation).await.ok();
    let before = api.clock.now_ms();
    let refused = api.sandbox.advance_to_next_renewal("u").unwrap_err();
    assert_eq!(refused.to_string(), "no subscription of u renews");
    unknown(&api.sandbox.advance_to_next_renewal("nope"));
    assert_eq!(api.control_api("advance-to-next-renewal", json!({ "customer": "nope" })).await.status, 404);
    assert!(api.control_api("advance-to-next-renewal", json!({})).await.error(400).contains("customer"));
    assert_eq!(api.clock.now_ms(), before);
}

#[tokio::test]
async fn dunning_ends_with_the_last_retry_or_with_the_first_that_is_paid() {
    for (declined, retries, expected) in [(4, 3, "past_due"), (2, 2, "active")] {
        let (api, id) = pro_customer().await;
        api.sandbox.fail_payments(declined);
        api.sandbox.advance_to_next_renewal("u").unwrap();
        assert_eq!(status(&api, &id).await, "past_due");
        assert_eq!(api.sandbox.advance_through_dunning("u").unwrap(), retries);
        assert_eq!(status(&api, &id).await, expected);
        let none_left = api.sandbox.advance_through_dunning("u").unwrap_err();
        assert_eq!(none_left.to_string(), "no declined payment of u is to be retried");
    }
}

#[tokio::test]
async fn a_retry_that_time_cannot_reach_is_an_error() {
    let (api, _) = pro_customer().await;
    api.sandbox.fail_payments(1);
    api.sandbox.advance_to_next_renewal("u").unwrap();
    let mut state = serde_json::to_value(api.sandbox.snapshot()).unwrap();
    state["tables"]["billing_runs"][0]["next_try_at"] = json!(i64::MAX);
    api.control_api("restore", state).await.ok();
    let message = api.control_api("advance-through-dunning", json!({ "customer": "u" })).await.error(400);
    assert!(message.contains("too far ahead"), "{message}");
}

#[tokio::test]
async fn payments_of_one_customer_are_declined_and_those_of_others_are_paid() {
    let api = Api::start().await;
    let [one, other] = ["one", "other"].map(|customer| api.sandbox.subscribe(customer, "pro_monthly").unwrap());
    let planned = api.control_api("fail-next-payment", json!({ "customer": "other", "times": 2 })).await.ok();
    assert_eq!(planned, json!({ "customer": "other", "failNextPayments": 2 }));
    api.sandbox.fail_payments_of("other", 2).unwrap();
    unknown(&api.sandbox.fail_payments_of("nope", 1));

    let snapshot = api.sandbox.snapshot();
    api.sandbox.reset();
    api.sandbox.restore(&snapshot).unwrap();
    api.sandbox.advance_to_next_renewal("one").unwrap();
    assert_eq!([status(&api, &one).await, status(&api, &other).await], ["active", "past_due"]);
    assert_eq!(api.sandbox.advance_through_dunning("other").unwrap(), 3);
    api.sandbox.subscribe("third", "pro_monthly").unwrap();
}

#[tokio::test]
async fn balance_and_features_are_those_of_the_current_plan() {
    let (api, id) = pro_customer().await;
    api.use_calls(&id, 120, "t1").await.ok();
    assert_eq!(api.sandbox.balance("u", "api_calls").unwrap(), 880);
    assert_eq!(asked(&api, "balance?customer=u&meter=api_calls").await.ok(), json!({ "balance": 880 }));
    let billing = api.billing("u").await;
    let items = billing["currentSubscription"]["experimental"]["featureItems"].as_array().unwrap();
    let slugs: Vec<&Value> = items.iter().map(|item| &item["slug"]).collect();
    assert_eq!(json!(api.sandbox.features("u").unwrap()), json!(slugs));
    assert_eq!(asked(&api, "features?customer=u").await.ok(), json!({ "features": slugs }));
    assert_eq!(api.sandbox.usage_ledger_of("u").len(), 1);
    assert!(api.sandbox.usage_ledger_of("v").is_empty());

    api.sandbox.advance_days(31);
    assert_eq!(api.sandbox.balance("u", "api_calls").unwrap(), 1000, "credits of the new period");
    assert_eq!(asked(&api, "balance?customer=u&meter=nope").await.error(400), "there is no usage meter nope");
    unknown(&api.sandbox.balance("nope", "api_calls"));
    unknown(&api.sandbox.features("nope"));
    assert_eq!(asked(&api, "features?customer=nope").await.status, 404);
    assert_eq!(asked(&api, "features").await.status, 400);
}

#[tokio::test]
async fn customers_and_subscriptions_are_made_by_the_control_api() {
    let api = Api::start().await;
    let made = api.control_api("customers", json!({ "externalId": "u" })).await.ok();
    assert_eq!(made["customerId"], api.billing("u").await["customer"]["id"]);
    assert_eq!(api.control_api("customers", json!({ "externalId": "u" })).await.status, 400, "it exists");
    let bought = api.control_api("subscribe", json!({ "customer": "v", "priceSlug": "pro_monthly" })).await.ok();
    assert_eq!(bought["subscriptionId"], api.current("v").await);
    assert_eq!(api.control_api("subscribe", json!({ "customer": "v", "priceSlug": "nope" })).await.status, 400);
}

#[tokio::test]
async fn the_list_of_requests_can_be_cleared() {
    let api = Api::start().await;
    api.get("/customers").await;
    assert_eq!(send(api.outside(Method::DELETE, "/_sandbox/requests")).await.ok(), json!([]));
    assert!(api.sandbox.requests().is_empty());
}
