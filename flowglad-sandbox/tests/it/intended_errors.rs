//! Refusals by billing rules with the statuses that the real API intends.

use flowglad_sandbox::{ErrorMode, Sandbox};
use serde_json::{Value, json};

use crate::Api;

/// Each refusal with the intended status, from a sandbox where `u` has the Pro plan and `free` the free one.
async fn refusals(api: &Api) -> Vec<(u16, u16, Value)> {
    api.new_customer("u").await;
    api.new_customer("free").await;
    api.buy("u", "pro_monthly").await;
    let (paid, free) = (api.current("u").await, api.current("free").await);
    let usage = |subscription: &str, meter: &str| {
        json!({ "usageEvent": { "subscriptionId": subscription, "usageMeterSlug": meter, "amount": 1,
            "transactionId": "t" } })
    };
    api.post("/usage-events", usage(&paid, "api_calls")).await.ok();
    let cancel = json!({ "cancellation": { "timing": "immediately" } });
    let answers = [
        (409, api.post("/subscriptions", json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" })).await),
        (400, api.checkout("u", json!({ "type": "product", "priceSlug": "nope" })).await),
        (400, api.checkout("unknown", json!({ "type": "product", "priceSlug": "pro_monthly" })).await),
        (400, api.post(&format!("/subscriptions/{free}/cancel"), cancel).await),
        (409, api.post("/usage-events", usage(&free, "api_calls")).await),
        (404, api.post("/usage-events", usage(&free, "nope")).await),
        (404, api.post("/usage-events/bulk", json!({ "usageEvents": [usage("nope", "nope")["usageEvent"]] })).await),
        (404, api.get("/subscriptions/nope").await),
        (404, api.get("/checkout-sessions/nope").await),
        (404, api.get("/webhooks/nope").await),
    ];
    answers.into_iter().map(|(intended, answer)| (intended, answer.status, answer.body)).collect()
}

#[tokio::test]
async fn refusals_are_500_as_upstream_unless_the_intended_ones_are_asked_for() {
    let upstream = refusals(&Api::start().await).await;
    let intended = refusals(&Api::of(Sandbox::builder().errors(ErrorMode::Intended)).await).await;
    for ((meant, status, body), (_, seen, intended_body)) in upstream.iter().zip(&intended) {
        assert_eq!((*status, &body["code"]), (500, &json!("INTERNAL_SERVER_ERROR")), "{body}");
        assert_eq!(seen, meant, "{intended_body}");
        let code = match meant {
            400 => "BAD_REQUEST",
            404 => "NOT_FOUND",
            _ => "CONFLICT",
        };
        assert_eq!(intended_body["code"], code);
        assert_eq!(intended_body["error"], body["error"], "the sentence stays");
    }
}
