//! Declined payments: first ones, renewals, their retries, and adjustments.

use serde_json::json;

use crate::{
    Api, each, text,
    time::{FEBRUARY, MARCH, adjust, cancel_at_period_end, customer_with, invoices, paid, status},
};

#[tokio::test]
async fn a_trial_whose_first_payment_is_declined_ends_and_the_free_plan_comes_back() {
    let (api, id) = customer_with("trial_monthly").await;
    api.sandbox.fail_next_payment();
    api.sandbox.advance_days(14);
    assert_eq!(status(&api, &id).await, "canceled");
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["isFreePlan"], true);
    assert_eq!(invoices(&billing), [("open".to_owned(), 3000), ("paid".to_owned(), 0)]);
    assert_eq!(api.balance("u").await, 100);
    assert_eq!(api.sandbox.advance_days(10), 0, "no further try");
}

#[tokio::test]
async fn a_checkout_whose_payment_is_declined_leaves_the_customer_on_the_free_plan() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.sandbox.fail_next_payment();
    api.buy("u", "pro_monthly").await;
    let billing = api.billing("u").await;
    assert_eq!(each(&billing["subscriptions"], "status"), ["canceled", "canceled", "active"]);
    assert_eq!(billing["currentSubscription"]["isFreePlan"], true);
    assert_eq!(billing["currentSubscription"]["id"], billing["subscriptions"][2]["id"], "a new one");
    assert_eq!(billing["subscriptions"][1]["experimental"]["usageMeterBalances"], json!([]), "no credits");
    assert_eq!(invoices(&billing), [("open".to_owned(), 2000), ("paid".to_owned(), 0)]);
    api.buy("u", "pro_monthly").await;
    assert_eq!(api.billing("u").await["currentSubscription"]["name"], "Pro - Pro monthly", "the next one is paid");
}

#[tokio::test]
async fn an_activation_whose_payment_is_declined_ends_the_subscription() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" });
    let id = text(&api.post("/subscriptions", new).await.ok()["subscription"]["id"]);
    let target = json!({ "type": "activate_subscription", "targetSubscriptionId": id });
    let session = api.checkout("u", target).await.ok();
    api.sandbox.fail_next_payment();
    api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    assert_eq!(status(&api, &id).await, "canceled");
    assert_eq!(api.billing("u").await["currentSubscription"]["isFreePlan"], true);
}

#[tokio::test]
async fn a_declined_renewal_is_tried_again_after_three_five_and_five_days() {
    let (api, id) = customer_with("pro_monthly").await;
    for _ in 0..3 {
        api.sandbox.fail_next_payment();
    }
    api.use_calls(&id, 1100, "t").await.ok();
    api.sandbox.advance_to(FEBRUARY).unwrap();
    assert_eq!(status(&api, &id).await, "past_due");
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["id"], json!(id), "it is still the current one");
    assert_eq!(invoices(&billing), [("paid".to_owned(), 2000), ("open".to_owned(), 2010)]);
    assert_eq!(api.balance("u").await, 1000 - 100, "the new credits do not wait, the old debt is not settled");

    assert_eq!(api.sandbox.advance_days(2), 0);
    assert_eq!(api.sandbox.advance_days(1), 1, "the second decline");
    assert_eq!(api.sandbox.advance_days(5), 1, "the third decline");
    assert_eq!(status(&api, &id).await, "past_due");
    assert_eq!(api.sandbox.advance_days(5), 1);
    assert_eq!(status(&api, &id).await, "active");
    assert_eq!(invoices(&api.billing("u").await), paid(&[2000, 2010]));
    assert_eq!(api.balance("u").await, 1000);
    assert_eq!(api.sandbox.advance_to(MARCH - 1).unwrap(), 0);
}

#[tokio::test]
async fn a_renewal_that_is_declined_four_times_is_given_up_and_the_next_period_is_charged() {
    let (api, id) = customer_with("pro_monthly").await;
    for _ in 0..4 {
        api.sandbox.fail_next_payment();
    }
    api.use_calls(&id, 1100, "t").await.ok();
    assert_eq!(api.sandbox.advance_to(MARCH - 1).unwrap(), 1 + 3);
    assert_eq!(status(&api, &id).await, "past_due");
    api.sandbox.advance_to(MARCH).unwrap();
    assert_eq!(status(&api, &id).await, "active");
    let expected = [("paid", 2000), ("open", 2010), ("paid", 2000)].map(|(status, cents)| (status.to_owned(), cents));
    assert_eq!(invoices(&api.billing("u").await), expected, "the usage stands on one invoice only");
}

#[tokio::test]
async fn a_retry_charges_the_card_that_is_there_by_then_and_none_follows_a_cancellation() {
    let (api, id) = customer_with("pro_monthly").await;
    api.sandbox.fail_next_payment();
    api.sandbox.advance_to(FEBRUARY).unwrap();
    cancel_at_period_end(&api, &id).await;
    assert_eq!(api.sandbox.advance_days(14), 0);
    assert_eq!(status(&api, &id).await, "cancellation_scheduled");
    assert_eq!(api.sandbox.advance_to(MARCH).unwrap(), 1);
    assert_eq!(status(&api, &id).await, "canceled");
}

#[tokio::test]
async fn a_declined_adjustment_is_refused_and_changes_nothing() {
    let (api, id) = customer_with("pro_monthly").await;
    let before = api.billing("u").await;
    api.sandbox.fail_next_payment();
    let error = adjust(&api, &id, "team_monthly").await.error(500);
    assert!(error.starts_with("Payment failed"), "{error}");
    assert_eq!(api.billing("u").await, before);
    adjust(&api, &id, "team_monthly").await.ok();
}
