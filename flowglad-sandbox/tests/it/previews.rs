//! Previews of adjustments, and cancellation of scheduled ones.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, Reply, each, model_with_team_and_lite, pro_customer, send, text};

const HALF_OF_JANUARY: i64 = NEW_YEAR + 31 * DAY_MS / 2;

async fn adjust(api: &Api, operation: &str, id: &str, timing: &str, items: Value) -> Reply {
    let adjustment = json!({ "timing": timing, "newSubscriptionItems": items });
    api.post(&format!("/subscriptions/{id}/{operation}"), json!({ "adjustment": adjustment })).await
}

async fn preview(api: &Api, id: &str, timing: &str, price_slug: &str) -> Value {
    adjust(api, "preview-adjust", id, timing, json!([{ "priceSlug": price_slug }])).await.ok()
}

async fn cancel_scheduled(api: &Api, id: &str) -> Reply {
    api.post(&format!("/subscriptions/{id}/cancel-scheduled-adjustment"), json!({})).await
}

#[tokio::test]
async fn a_preview_of_a_dearer_plan_shows_its_share_of_the_period() {
    let (api, id) = pro_customer().await;
    api.clock.set(HALF_OF_JANUARY);
    let billing = api.billing("u").await;
    let preview = preview(&api, &id, "auto", "team_monthly").await;
    let price = |name: &str| {
        let products = billing["catalog"]["products"].as_array().unwrap();
        products.iter().find(|product| product["name"] == name).unwrap()["defaultPrice"]["id"].clone()
    };
    assert_eq!(
        preview,
        json!({
            "canAdjust": true, "previewGeneratedAt": HALF_OF_JANUARY, "prorationAmount": 1500,
            "currentPlanTotal": 2000, "newPlanTotal": 5000, "resolvedTiming": "immediately",
            "effectiveDate": HALF_OF_JANUARY, "isUpgrade": true, "percentThroughBillingPeriod": 0.5,
            "billingPeriodEnd": NEW_YEAR + 31 * DAY_MS,
            "paymentMethod": { "id": billing["paymentMethods"][0]["id"], "type": "card", "last4": "4242", "brand": "visa" },
            "currentSubscriptionItems":
                [{ "name": "Pro monthly", "unitPrice": 2000, "quantity": 1, "priceId": price("Pro") }],
            "newSubscriptionItems":
                [{ "name": "team monthly", "unitPrice": 5000, "quantity": 1, "priceId": price("team") }],
        })
    );
}

#[tokio::test]
async fn a_preview_of_a_cheaper_plan_charges_nothing_and_names_the_period_end() {
    let (api, id) = pro_customer().await;
    let preview = preview(&api, &id, "auto", "lite_monthly").await;
    assert_eq!(preview["resolvedTiming"], "at_end_of_current_billing_period");
    assert_eq!((&preview["prorationAmount"], &preview["isUpgrade"]), (&json!(0), &json!(false)));
    assert_eq!(preview["effectiveDate"], preview["billingPeriodEnd"]);
    assert_eq!(preview["percentThroughBillingPeriod"], 1.0, "at its end, all of the period is over");
}

#[tokio::test]
async fn a_preview_changes_nothing_and_comes_true() {
    let (api, id) = pro_customer().await;
    let (same, _) = pro_customer().await;
    for clock in [&api.clock, &same.clock] {
        clock.set(HALF_OF_JANUARY);
    }
    let before = api.billing("u").await;
    let previewed = preview(&api, &id, "immediately", "team_monthly").await;
    preview(&api, &id, "auto", "lite_monthly").await;
    preview(&api, &id, "auto", "nope").await;
    assert_eq!(api.billing("u").await, before);

    let items = || json!([{ "priceSlug": "team_monthly" }]);
    let adjusted = adjust(&api, "adjust", &id, "immediately", items()).await.ok();
    assert_eq!(adjusted["subscriptionItems"][0]["name"], previewed["newSubscriptionItems"][0]["name"]);
    let payments = api.get("/payments").await.ok();
    assert!(each(&payments["data"], "amount").contains(&&previewed["prorationAmount"]));
    let unseen = adjust(&same, "adjust", &id, "immediately", items()).await.ok();
    assert_eq!(adjusted, unseen, "not even an id was used up by the previews");
}

#[tokio::test]
async fn a_preview_without_proration_charges_nothing() {
    let (api, id) = pro_customer().await;
    let adjustment = json!({ "timing": "immediately", "prorateCurrentBillingPeriod": false,
        "newSubscriptionItems": [{ "priceSlug": "team_monthly" }] });
    let path = format!("/subscriptions/{id}/preview-adjust");
    let preview = api.post(&path, json!({ "adjustment": adjustment })).await.ok();
    assert_eq!((&preview["canAdjust"], &preview["prorationAmount"]), (&json!(true), &json!(0)));
}

#[tokio::test]
async fn a_refused_preview_is_a_success_that_says_why() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    let free = api.current("u").await;
    assert_eq!(
        preview(&api, &free, "auto", "team_monthly").await,
        json!({ "canAdjust": false, "previewGeneratedAt": NEW_YEAR,
            "reason": "Cannot adjust free plan subscriptions. Use createSubscription to upgrade from a free plan instead." })
    );

    api.buy("u", "pro_monthly").await;
    let id = api.current("u").await;
    let refused = |preview: Value, words: &str| {
        assert_eq!(preview["canAdjust"], false, "{preview}");
        let reason = text(&preview["reason"]);
        assert!(reason.contains(words) && !reason.contains("Error: "), "{reason}");
    };
    refused(preview(&api, "sub_nope", "auto", "team_monthly").await, "Subscription not found: sub_nope");
    refused(preview(&api, &id, "auto", "nope").await, "Price not found: nope");
    refused(preview(&api, &id, "auto", "credit_pack_500").await, "is of type single_payment");
    refused(
        preview(&api, &id, "at_end_of_current_billing_period", "team_monthly").await,
        "only allowed for downgrades",
    );
    let seats = json!({ "resourceSlug": "seats", "quantity": 3 });
    api.post(&format!("/resource-claims/{id}/claim"), seats).await.ok();
    refused(preview(&api, &id, "auto", "lite_monthly").await, "Cannot reduce capacity to 2.");
    adjust(&api, "adjust", &id, "at_end_of_current_billing_period", json!([{ "priceSlug": "pro_monthly" }])).await.ok();
    refused(preview(&api, &id, "auto", "team_monthly").await, "already pending");
    cancel_scheduled(&api, &id).await.ok();
    let cancel = |timing: &str| json!({ "cancellation": { "timing": timing } });
    api.post(&format!("/subscriptions/{id}/cancel"), cancel("at_end_of_current_billing_period")).await.ok();
    refused(preview(&api, &id, "auto", "team_monthly").await, "A cancellation is scheduled");
    api.post(&format!("/subscriptions/{id}/cancel"), cancel("immediately")).await.ok();
    refused(preview(&api, &id, "auto", "team_monthly").await, "terminal state: canceled");
}

#[tokio::test]
async fn a_preview_without_a_card_is_refused_if_something_is_to_be_paid() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    api.post("/subscriptions", json!({ "customerExternalId": "u", "priceSlug": "trial_monthly" })).await.ok();
    let id = api.current("u").await;
    let refused = preview(&api, &id, "immediately", "team_monthly").await;
    assert!(text(&refused["reason"]).contains("No payment method found"), "{refused}");
    let later = preview(&api, &id, "auto", "lite_monthly").await;
    assert_eq!((&later["canAdjust"], later.get("paymentMethod")), (&json!(true), Some(&json!(null))));
}

#[tokio::test]
async fn bad_input_to_a_preview_is_refused_as_input() {
    let (api, id) = pro_customer().await;
    for body in [json!({}), json!({ "adjustment": { "timing": "later", "newSubscriptionItems": [] } }), json!([])] {
        assert_eq!(api.post(&format!("/subscriptions/{id}/preview-adjust"), body).await.status, 400);
    }
}

#[tokio::test]
async fn taking_a_planned_adjustment_back_drops_the_new_items_and_keeps_the_end_of_the_present_ones() {
    let (api, id) = pro_customer().await;
    adjust(&api, "adjust", &id, "auto", json!([{ "priceSlug": "lite_monthly" }])).await.ok();
    let canceled = cancel_scheduled(&api, &id).await.ok();
    assert_eq!(canceled["canceledItemCount"], 1);
    assert_eq!(canceled["subscription"]["scheduledAdjustmentAt"], json!(null));

    let after = api.billing("u").await["currentSubscription"].clone();
    assert_eq!(each(&after["subscriptionItems"], "name"), ["Pro monthly"]);
    assert_eq!(after["subscriptionItems"][0]["expiredAt"], NEW_YEAR + 31 * DAY_MS);
    api.clock.set(NEW_YEAR + 32 * DAY_MS);
    let later = api.billing("u").await["currentSubscription"].clone();
    assert_eq!((&later["subscriptionItems"], &later["experimental"]["featureItems"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_subscription_can_be_adjusted_again_after_a_plan_was_taken_back() {
    let (api, id) = pro_customer().await;
    adjust(&api, "adjust", &id, "auto", json!([{ "priceSlug": "lite_monthly" }])).await.ok();
    cancel_scheduled(&api, &id).await.ok();
    let adjusted = adjust(&api, "adjust", &id, "auto", json!([{ "priceSlug": "team_monthly" }])).await.ok();
    assert_eq!(each(&adjusted["subscriptionItems"], "name"), ["team monthly"]);
}

#[tokio::test]
async fn there_must_be_a_planned_adjustment_to_take_back() {
    let (api, id) = pro_customer().await;
    assert!(cancel_scheduled(&api, &id).await.error(500).contains("does not have a scheduled adjustment"));
    assert!(cancel_scheduled(&api, "nope").await.error(500).ends_with("Subscription not found: nope"));
    let path = format!("/subscriptions/{id}/cancel-scheduled-adjustment");
    let empty = send(api.request(Method::POST, &path)).await;
    assert_eq!(empty.status, 400, "it needs a JSON body");
}
