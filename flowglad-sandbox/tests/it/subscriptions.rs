//! Subscriptions created by the API instead of a checkout.

use serde_json::json;

use crate::{Api, DAY_MS, NEW_YEAR, model_with_team_and_lite};

#[tokio::test]
async fn without_a_card_a_paid_plan_is_incomplete_until_it_is_activated() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" });
    let created = api.post("/subscriptions", new).await.ok()["subscription"].clone();
    assert_eq!((&created["status"], &created["current"]), (&json!("incomplete"), &json!(false)));
    let billing = api.billing("u").await;
    assert_eq!(billing.get("currentSubscription"), Some(&json!(null)), "the free plan is gone already");

    let target = json!({ "type": "activate_subscription", "targetSubscriptionId": created["id"] });
    let session = api.checkout("u", target).await.ok();
    assert_eq!(session["checkoutSession"]["priceId"], created["priceId"]);
    api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["id"], created["id"]);
    assert_eq!(billing["currentSubscription"]["status"], "active");
    assert_eq!(billing["currentSubscription"]["defaultPaymentMethodId"], billing["paymentMethods"][0]["id"]);
    assert_eq!(billing["invoices"][0]["invoice"]["subtotal"], 2000);
    assert_eq!(billing["purchases"], json!([]));
    assert_eq!(api.balance("u").await, 1000);
}

#[tokio::test]
async fn with_a_stored_card_a_paid_plan_is_charged_at_once() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let session = api.checkout("u", json!({ "type": "add_payment_method" })).await.ok();
    assert!(session["url"].as_str().unwrap().contains("/add-payment-method/"));
    api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "quantity": 2 });
    let created = api.post("/subscriptions", new).await.ok()["subscription"].clone();
    assert_eq!(created["status"], "active");
    assert_eq!(created["metadata"], json!(null));
    let billing = api.billing("u").await;
    assert_eq!(billing["invoices"][0]["invoice"]["subtotal"], 4000);
    assert_eq!(billing["currentSubscription"]["subscriptionItems"][0]["name"], "Pro monthly x 2");
    assert_eq!(api.balance("u").await, 2000, "credits are per unit");
}

#[tokio::test]
async fn a_second_paid_plan_is_refused_and_changes_nothing() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let before = api.billing("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" });
    let answer = api.post("/subscriptions", new).await;
    assert_eq!(answer.headers["x-should-retry"], "false");
    assert!(answer.error(500).contains("ConflictError: Subscription conflict: Customer cust_"));
    assert_eq!(api.billing("u").await, before);
}

#[tokio::test]
async fn a_trial_gives_credits_until_its_end_without_a_charge_and_only_once() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    api.buy("u", "trial_monthly").await;
    let billing = api.billing("u").await;
    let trial = &billing["currentSubscription"];
    assert_eq!((&trial["status"], &trial["trialEnd"]), (&json!("trialing"), &json!(NEW_YEAR + 14 * DAY_MS)));
    assert_eq!(trial["currentBillingPeriodEnd"], trial["trialEnd"]);
    assert_eq!(billing["invoices"], json!([]), "the invoice over nothing has no line and is hidden");
    assert_eq!(billing["purchases"][0]["trialPeriodDays"], 14);
    assert_eq!(api.balance("u").await, 1000);

    let cancel = json!({ "cancellation": { "timing": "immediately" } });
    api.post(&format!("/subscriptions/{}/cancel", trial["id"].as_str().unwrap()), cancel).await.ok();
    api.buy("u", "trial_monthly").await;
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["status"], "active");
    assert_eq!(billing["invoices"][0]["invoice"]["subtotal"], 0, "the free plan's, after the first trial");
    assert_eq!(billing["invoices"][1]["invoice"]["subtotal"], 3000);
}

#[tokio::test]
async fn a_subscription_that_is_not_charged_for_costs_nothing_and_gives_no_first_credits() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "doNotCharge": true });
    let created = api.post("/subscriptions", new).await.ok()["subscription"].clone();
    assert_eq!((&created["status"], &created["isFreePlan"]), (&json!("active"), &json!(false)));
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["subscriptionItems"][0]["unitPrice"], 0);
    assert_eq!(billing["currentSubscription"]["experimental"]["usageMeterBalances"], json!([]));
}

#[tokio::test]
async fn a_period_from_the_31st_ends_on_the_last_day_of_february() {
    let api = Api::start().await;
    api.clock.set(NEW_YEAR + 30 * DAY_MS);
    let created = api.new_customer("u").await;
    assert_eq!(created["subscription"]["currentBillingPeriodEnd"], NEW_YEAR + (31 + 27) * DAY_MS);
}

#[tokio::test]
async fn prices_that_no_subscription_can_have_are_refused() {
    let api = Api::start().await;
    api.new_customer("u").await;
    for (slug, status) in [("credit_pack_500", 400), ("api_calls_overage", 400), ("nope", 404)] {
        let new = json!({ "customerExternalId": "u", "priceSlug": slug });
        assert_eq!(api.post("/subscriptions", new).await.status, status, "{slug}");
    }
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "interval": "week" });
    assert_eq!(api.post("/subscriptions", new).await.status, 500);
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "startDate": "2026-01-01" });
    assert_eq!(api.post("/subscriptions", new).await.status, 400);
    assert_eq!(api.billing("u").await["subscriptions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn uncancel_needs_a_card_unless_nothing_is_due() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "trial_monthly" });
    let id = crate::text(&api.post("/subscriptions", new).await.ok()["subscription"]["id"]);
    let at_end = json!({ "cancellation": { "timing": "at_end_of_current_billing_period" } });
    api.post(&format!("/subscriptions/{id}/cancel"), at_end).await.ok();
    assert_eq!(api.post(&format!("/subscriptions/{id}/uncancel"), json!({})).await.status, 500);
    let card = json!({ "type": "add_payment_method", "targetSubscriptionId": id });
    let session = api.checkout("u", card).await.ok();
    api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    let back = api.post(&format!("/subscriptions/{id}/uncancel"), json!({})).await.ok();
    assert_eq!(back["subscription"]["status"], "trialing", "the trial is not over");
}

#[tokio::test]
async fn more_than_an_invoice_can_hold_is_refused_and_changes_nothing() {
    let api = Api::start().await;
    let subscription = api.sandbox.subscribe("u", "pro_monthly").unwrap();
    let before = api.billing("u").await;
    for quantity in [i64::from(i32::MAX) / 2000 + 1, i64::from(i32::MAX) + 1, 9_007_199_254_740_991] {
        let items = json!([{ "priceSlug": "pro_monthly", "quantity": quantity }]);
        let adjustment = json!({ "adjustment": { "timing": "immediately", "newSubscriptionItems": items } });
        let refused = api.post(&format!("/subscriptions/{subscription}/adjust"), adjustment).await;
        assert_eq!(refused.status, 500, "{quantity}: {}", refused.text);
        assert!(refused.text.contains("Failed to insert item"), "{}", refused.text);
    }
    assert_eq!(api.billing("u").await, before);
    api.new_customer("v").await;
    let new = json!({ "customerExternalId": "v", "priceSlug": "pro_monthly", "quantity": i64::from(i32::MAX) });
    assert_eq!(api.post("/subscriptions", new).await.status, 500);
}
