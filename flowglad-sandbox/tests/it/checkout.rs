//! Checkout sessions through the API.

use flowglad_sandbox::SandboxError;
use serde_json::json;

use crate::{Api, DAY_MS, NEW_YEAR, each};

#[tokio::test]
async fn a_session_shows_its_price_customer_and_page() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let wanted = json!({ "type": "product", "priceSlug": "pro_monthly", "quantity": 3, "outputMetadata": { "ref": "x" },
        "automaticallyUpdateSubscriptions": true });
    let created = api.checkout("u", wanted).await.ok();
    let session = &created["checkoutSession"];
    assert_eq!((&session["status"], &session["quantity"]), (&json!("open"), &json!(3)));
    assert_eq!(session["customerName"], "Ada Example");
    assert_eq!(session["automaticallyUpdateSubscriptions"], json!(null), "the API ignores the wish");
    assert_eq!(session["expires"], NEW_YEAR + DAY_MS);
    let id = session["id"].as_str().unwrap();
    assert_eq!(created["url"], format!("{}/checkout/{id}", api.sandbox.base_url()));
    assert_eq!(api.get(&format!("/checkout-sessions/{id}")).await.ok(), created);
}

#[tokio::test]
async fn what_cannot_be_bought_gets_no_session() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.new_customer("other").await;
    let foreign = api.current("other").await;
    let refused = [
        (json!({ "type": "product", "priceSlug": "nope" }), "Invalid priceSlug: "),
        (json!({ "type": "product", "priceSlug": "api_calls_overage" }), "Invalid priceId: "),
        (json!({ "type": "product", "priceSlug": "free_monthly" }), "Invalid product: "),
        (json!({ "type": "activate_subscription", "targetSubscriptionId": foreign }), "Invalid targetSubscriptionId: "),
    ];
    for (fields, start) in refused {
        let error = api.checkout("u", fields).await.error(500);
        assert!(error.starts_with(start), "{error}");
    }
    let unchecked = json!({ "type": "add_payment_method", "targetSubscriptionId": "sub_nope" });
    api.checkout("u", unchecked).await.ok();
    let unknown = api.checkout("unknown", json!({ "type": "add_payment_method" })).await.error(500);
    assert!(unknown.starts_with("Invalid checkoutSession: "), "{unknown}");
    let both = json!({ "type": "product", "priceSlug": "pro_monthly", "priceId": "price_1" });
    assert_eq!(api.checkout("u", both).await.status, 400);
    assert_eq!(api.checkout("u", json!({ "type": "purchase" })).await.status, 400);
}

#[tokio::test]
async fn a_session_is_completed_once_and_in_time() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let session = api.checkout("u", json!({ "type": "product", "priceSlug": "credit_pack_500" })).await.ok();
    let late = api.checkout("u", json!({ "type": "product", "priceSlug": "credit_pack_500" })).await.ok();
    let id = session["checkoutSession"]["id"].as_str().unwrap();
    api.sandbox.complete_checkout_session(id).unwrap();
    let second = api.sandbox.complete_checkout_session(id).unwrap_err();
    assert!(matches!(second, SandboxError::CheckoutSessionNotOpen { .. }), "{second}");
    let unknown = api.sandbox.complete_checkout_session("nope").unwrap_err();
    assert!(matches!(unknown, SandboxError::CheckoutSessionNotFound { .. }), "{unknown}");
    api.clock.set(NEW_YEAR + DAY_MS);
    let late = late["checkoutSession"]["id"].as_str().unwrap();
    let late = api.sandbox.complete_checkout_session(late).unwrap_err();
    assert!(matches!(late, SandboxError::CheckoutSessionExpired { .. }), "{late}");

    let session = api.get(&format!("/checkout-sessions/{id}")).await.ok()["checkoutSession"].clone();
    assert_eq!(session["status"], "succeeded");
    assert_eq!(session["purchaseId"], api.billing("u").await["purchases"][0]["id"]);
    assert_eq!(api.balance("u").await, 600);
}

#[tokio::test]
async fn a_second_plan_is_refused_and_the_session_stays_open() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let session = api.checkout("u", json!({ "type": "product", "priceSlug": "pro_monthly" })).await.ok();
    api.buy("u", "pro_monthly").await;
    let before = api.billing("u").await;
    let id = session["checkoutSession"]["id"].as_str().unwrap();
    let refused = api.sandbox.complete_checkout_session(id).unwrap_err();
    assert!(refused.to_string().contains("already has an active subscription"), "{refused}");
    assert_eq!(api.billing("u").await, before, "no card, no purchase, nothing");
    assert_eq!(api.get(&format!("/checkout-sessions/{id}")).await.ok()["checkoutSession"]["status"], "open");
}

#[tokio::test]
async fn a_new_card_becomes_the_default_and_serves_the_named_subscription() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let target = api.current("u").await;
    let card = json!({ "type": "add_payment_method", "targetSubscriptionId": target });
    let session = api.checkout("u", card).await.ok()["checkoutSession"].clone();
    assert_eq!(session["automaticallyUpdateSubscriptions"], false);
    api.sandbox.complete_checkout_session(session["id"].as_str().unwrap()).unwrap();
    let billing = api.billing("u").await;
    assert_eq!(each(&billing["paymentMethods"], "default"), [&json!(false), &json!(true)]);
    assert_eq!(billing["currentSubscription"]["defaultPaymentMethodId"], billing["paymentMethods"][1]["id"]);
    assert_eq!(billing["purchases"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_anonymous_checkout_makes_its_customer() {
    let api = Api::start().await;
    let session = json!({ "type": "product", "anonymous": true, "priceSlug": "pro_monthly",
        "successUrl": "https://app.example.com/ok", "cancelUrl": "https://app.example.com/no" });
    let session =
        api.post("/checkout-sessions", json!({ "checkoutSession": session })).await.ok()["checkoutSession"].clone();
    assert_eq!(session["customerId"], json!(null));
    let id = session["id"].as_str().unwrap();
    api.sandbox.complete_checkout_session(id).unwrap();
    let session = api.get(&format!("/checkout-sessions/{id}")).await.ok()["checkoutSession"].clone();
    assert!(session["customerId"].as_str().unwrap().starts_with("cust_"));
}

#[tokio::test]
async fn a_kept_billing_cycle_charges_the_rest_of_the_period() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.clock.set(NEW_YEAR + 31 * DAY_MS / 2);
    let wanted = json!({ "type": "product", "priceSlug": "pro_monthly", "preserveBillingCycleAnchor": true });
    let session = api.checkout("u", wanted).await.ok();
    api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["billingCycleAnchorDate"], NEW_YEAR);
    assert_eq!(billing["currentSubscription"]["currentBillingPeriodEnd"], NEW_YEAR + 31 * DAY_MS);
    assert_eq!(billing["invoices"][0]["invoice"]["subtotal"], 1000);
}

#[tokio::test]
async fn a_quantity_that_no_record_can_hold_is_refused() {
    let api = Api::start().await;
    api.new_customer("u").await;
    for (quantity, status) in [(2_147_483_647_i64, 200), (2_147_483_648, 500), (9_007_199_254_740_991, 500)] {
        let session = json!({ "type": "product", "priceSlug": "pro_monthly", "quantity": quantity });
        let answer = api.checkout("u", session).await;
        assert_eq!(answer.status, status, "{quantity}: {}", answer.text);
    }
}
