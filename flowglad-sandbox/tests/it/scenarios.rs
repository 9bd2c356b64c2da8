//! One customer from sign-up to archive. The figures of each step follow from the step before.
//! The other files test each step alone, with its refusals.

use serde_json::json;

use crate::{Api, DAY_MS, NEW_YEAR, each, model_with_team_and_lite};

const FEBRUARY: i64 = NEW_YEAR + 31 * DAY_MS;

#[tokio::test]
async fn credits_add_up_from_the_free_plan_to_the_second_month_of_pro() {
    let api = Api::start().await;
    api.new_customer("u").await;
    assert_eq!(api.balance("u").await, 100);
    api.buy("u", "pro_monthly").await;
    assert_eq!(api.balance("u").await, 1000);
    api.buy("u", "credit_pack_500").await;
    assert_eq!(api.balance("u").await, 1500);

    let id = api.current("u").await;
    let first = api.use_calls(&id, 120, "req_1").await.ok()["usageEvent"].clone();
    assert_eq!(api.balance("u").await, 1380);
    assert_eq!(api.use_calls(&id, 120, "req_1").await.ok()["usageEvent"]["id"], first["id"]);
    assert_eq!(api.balance("u").await, 1380);
    let event = |transaction: &str| {
        json!({ "subscriptionId": id, "usageMeterSlug": "api_calls", "amount": 30,
        "transactionId": transaction })
    };
    let bulk = json!({ "usageEvents": [event("req_1"), event("req_2")] });
    let recorded = api.post("/usage-events/bulk", bulk).await.ok();
    assert_eq!(each(&recorded["usageEvents"], "transactionId"), ["req_2"]);
    assert_eq!(api.balance("u").await, 1350);

    api.sandbox.advance_to(FEBRUARY).unwrap();
    let billing = api.billing("u").await;
    assert_eq!(api.balance("u").await, 1500, "1000 fresh ones, and the 500 of the pack are kept");
    assert_eq!(billing["currentSubscription"]["currentBillingPeriodStart"], FEBRUARY);
    let invoices: Vec<_> = billing["invoices"].as_array().unwrap().iter().map(|view| &view["invoice"]).collect();
    let numbers: Vec<&str> = invoices.iter().map(|invoice| invoice["invoiceNumber"].as_str().unwrap()).collect();
    assert!(numbers[0].ends_with("-00000") && numbers[1].ends_with("-00001") && numbers[2].ends_with("-00002"));
    assert_eq!(invoices[2]["subtotal"], 2000);
    assert_eq!(invoices[2]["type"], "subscription");
}

#[tokio::test]
async fn a_plan_goes_up_down_and_away() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let id = api.current("u").await;
    let adjust =
        |price: &str| json!({ "adjustment": { "timing": "auto", "newSubscriptionItems": [{ "priceSlug": price }] } });
    let path = format!("/subscriptions/{id}/adjust");
    let up = api.post(&path, adjust("team_monthly")).await.ok();
    assert_eq!(up["resolvedTiming"], "immediately");
    let down = api.post(&path, adjust("lite_monthly")).await.ok();
    assert_eq!(down["resolvedTiming"], "at_end_of_current_billing_period");

    api.sandbox.advance_to(FEBRUARY).unwrap();
    assert_eq!(api.billing("u").await["currentSubscription"]["name"], "lite monthly");
    let at_end = json!({ "cancellation": { "timing": "at_end_of_current_billing_period" } });
    let cancel = format!("/subscriptions/{id}/cancel");
    assert_eq!(api.post(&cancel, at_end.clone()).await.status, 500, "the adjustment counts as pending for ever");
    api.post(&format!("/subscriptions/{id}/cancel-scheduled-adjustment"), json!({})).await.ok();
    api.post(&cancel, at_end).await.ok();
    api.sandbox.advance_days(28);
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["name"], "Free Subscription");
    assert_eq!(api.balance("u").await, 100);

    let subtotals: Vec<_> =
        billing["invoices"].as_array().unwrap().iter().map(|view| view["invoice"]["subtotal"].clone()).collect();
    assert_eq!(subtotals, [2000, 5000, 500, 0], "the second lists Pro and the difference to Team, the last is Free");
    api.post("/customers/u/archive", json!({})).await.ok();
    assert_eq!(api.get("/customers/u/billing").await.status, 404);
    api.new_customer("u").await;
    assert_eq!(api.billing("u").await["invoices"], json!([]));
}
