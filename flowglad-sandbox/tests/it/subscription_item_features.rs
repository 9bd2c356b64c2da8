//! Features that are added to one subscription, beside those of its plan.

use flowglad_sandbox::{ErrorMode, Sandbox};
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, Reply, each, model_with_team_and_lite, pro_customer, pro_customer_of, text};

async fn free_customer() -> (Api, String) {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    (api, id)
}

async fn add(api: &Api, id: &str, body: Value) -> Reply {
    api.post(&format!("/subscriptions/{id}/add-feature"), body).await
}

async fn add_slug(api: &Api, id: &str, slug: &str) -> Value {
    add(api, id, json!({ "featureSlug": slug })).await.ok()["subscriptionItemFeature"].clone()
}

async fn slugs(api: &Api) -> Vec<String> {
    let billing = api.billing("u").await;
    each(&billing["currentSubscription"]["experimental"]["featureItems"], "slug").into_iter().map(text).collect()
}

/// The record by which a plan gives a feature.
async fn of_plan(api: &Api, slug: &str) -> Value {
    let billing = api.billing("u").await;
    let items = billing["currentSubscription"]["experimental"]["featureItems"].as_array().unwrap().clone();
    items.into_iter().find(|item| item["slug"] == slug).unwrap()
}

async fn adjust(api: &Api, id: &str, price_slug: &str) {
    let adjustment = json!({ "timing": "auto", "newSubscriptionItems": [{ "priceSlug": price_slug }] });
    api.post(&format!("/subscriptions/{id}/adjust"), json!({ "adjustment": adjustment })).await.ok();
}

#[tokio::test]
async fn an_added_toggle_hangs_on_a_hidden_item_and_is_there_once() {
    let (api, id) = free_customer().await;
    let added = add_slug(&api, &id, "export_csv").await;
    assert_eq!((&added["manuallyCreated"], &added["productFeatureId"]), (&json!(true), &json!(null)));
    assert_eq!((&added["name"], &added["slug"]), (&json!("CSV export"), &json!("export_csv")));
    assert_eq!(add_slug(&api, &id, "export_csv").await, added);
    assert_eq!(slugs(&api).await, ["free_api_credits", "export_csv"]);
    let items = &api.billing("u").await["currentSubscription"]["subscriptionItems"];
    assert_eq!(each(items, "name"), ["Free monthly"], "the item that it hangs on is not shown");
    let other = add_slug(&api, &id, "priority_support").await;
    assert_eq!(other["subscriptionItemId"], added["subscriptionItemId"], "there is one such item");
}

#[tokio::test]
async fn a_feature_is_named_by_its_id_or_its_slug_and_not_by_both() {
    let (api, id) = pro_customer().await;
    let feature = of_plan(&api, "export_csv").await["featureId"].clone();
    let added = add(&api, &id, json!({ "featureId": feature })).await.ok();
    assert_eq!(added["subscriptionItemFeature"]["slug"], "export_csv");
    for body in [json!({}), json!({ "featureId": feature, "featureSlug": "export_csv" }), json!({ "featureId": 5 })] {
        assert_eq!(add(&api, &id, body).await.status, 400);
    }
}

#[tokio::test]
async fn repeated_credit_grants_add_up_and_are_given_at_once_once_in_a_period() {
    let (api, id) = free_customer().await;
    let slug = "team_api_credits";
    assert_eq!(add_slug(&api, &id, slug).await["amount"], 5000);
    assert_eq!(api.balance("u").await, 100, "nothing was to be given before the next period");
    let now = json!({ "featureSlug": slug, "grantCreditsImmediately": true });
    assert_eq!(add(&api, &id, now.clone()).await.ok()["subscriptionItemFeature"]["amount"], 10000);
    assert_eq!(api.balance("u").await, 5100);
    assert_eq!(add(&api, &id, now).await.ok()["subscriptionItemFeature"]["amount"], 15000);
    assert_eq!(api.balance("u").await, 5100);
    api.clock.set(NEW_YEAR + 31 * DAY_MS);
    assert_eq!(api.balance("u").await, 0, "they end with the period");
}

#[tokio::test]
async fn added_capacity_can_be_claimed() {
    let (api, id) = pro_customer().await;
    add_slug(&api, &id, "lite_seats").await;
    add_slug(&api, &id, "lite_seats").await;
    let usage = api.get(&format!("/resource-claims/{id}/usage?resourceSlug=seats")).await.ok();
    assert_eq!(usage["usage"]["capacity"], 5 + 2);
}

#[tokio::test]
async fn added_features_survive_an_adjustment_unless_the_new_plan_has_them() {
    let (api, id) = pro_customer().await;
    add_slug(&api, &id, "lite_seats").await;
    add_slug(&api, &id, "team_seats").await;
    adjust(&api, &id, "team_monthly").await;
    assert_eq!(slugs(&api).await, ["lite_seats", "export_csv", "team_api_credits", "team_seats"]);
}

#[tokio::test]
async fn added_features_give_way_to_a_planned_plan_at_its_start_also_if_it_is_taken_back() {
    let (api, id) = pro_customer().await;
    let added = add_slug(&api, &id, "lite_seats").await;
    let path = format!("/subscription-item-features/{}", text(&added["id"]));
    adjust(&api, &id, "lite_monthly").await;
    let planned = api.get(&path).await.ok();
    assert_eq!(planned["subscriptionItemFeature"]["expiredAt"], NEW_YEAR + 31 * DAY_MS);
    api.post(&format!("/subscriptions/{id}/cancel-scheduled-adjustment"), json!({})).await.ok();
    assert_eq!(api.get(&path).await.ok(), planned);
}

#[tokio::test]
async fn a_feature_of_another_model_or_none_cannot_be_added_nor_to_an_ended_subscription() {
    let (api, id) = pro_customer().await;
    let unknown = add(&api, &id, json!({ "featureSlug": "nope" })).await.error(500);
    assert!(unknown.ends_with("Feature not found: nope"), "{unknown}");
    assert_eq!(add(&api, &id, json!({ "featureId": "nope" })).await.status, 500);
    let cancel = json!({ "cancellation": { "timing": "immediately" } });
    api.post(&format!("/subscriptions/{id}/cancel"), cancel).await.ok();
    let ended = add(&api, &id, json!({ "featureSlug": "export_csv" })).await.error(500);
    assert!(ended.starts_with("Invalid subscription: "), "{ended}");
}

#[tokio::test]
async fn an_inactive_feature_cannot_be_added() {
    let mut form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    form["features"][0]["active"] = json!(false);
    let api = Api::with_model(flowglad_sandbox::PricingModel::from_json(&form.to_string()).unwrap()).await;
    api.new_customer("u").await;
    let slug = form["features"][0]["slug"].clone();
    let error = add(&api, &api.current("u").await, json!({ "featureSlug": slug })).await.error(500);
    assert!(error.starts_with("Invalid feature: "), "{error}");
}

#[tokio::test]
async fn a_feature_of_an_item_is_made_read_changed_and_ended() {
    let (api, _) = pro_customer().await;
    let credits = of_plan(&api, "pro_api_credits").await;
    let new = json!({ "subscriptionItemId": credits["subscriptionItemId"], "featureId": credits["featureId"],
        "type": "usage_credit_grant", "amount": 7, "usageMeterId": credits["usageMeterId"],
        "renewalFrequency": "once", "name": "ignored", "slug": "ignored" });
    let made = api.post("/subscription-item-features", json!({ "subscriptionItemFeature": new })).await.ok();
    let made = made["subscriptionItemFeature"].clone();
    assert_eq!((&made["amount"], &made["slug"]), (&json!(7), &json!("pro_api_credits")));
    let path = format!("/subscription-item-features/{}", text(&made["id"]));
    assert_eq!(api.get(&path).await.ok()["subscriptionItemFeature"], made);

    let change = json!({ "id": made["id"], "type": "usage_credit_grant", "amount": 8,
        "usageMeterId": credits["usageMeterId"], "renewalFrequency": "every_billing_period",
        "detachedReason": "support case" });
    let changed = api.put(&path, json!({ "subscriptionItemFeature": change })).await.ok();
    let changed = &changed["subscriptionItemFeature"];
    assert_eq!((&changed["amount"], &changed["detachedReason"]), (&json!(8), &json!("support case")));
    assert_eq!(changed["renewalFrequency"], "every_billing_period");

    let refused = api.post(&format!("{path}/expire"), json!({})).await.error(404);
    assert_eq!(refused, "No procedure found on path \"subscriptionItemFeatures.expire\"");
}

#[tokio::test]
async fn a_feature_of_an_item_ends_where_errors_are_as_intended() {
    let (api, _) = pro_customer_of(Sandbox::builder().errors(ErrorMode::Intended)).await;
    let path = format!("/subscription-item-features/{}/expire", text(&of_plan(&api, "export_csv").await["id"]));
    let shown = slugs(&api).await.len();
    let ended = api.post(&path, json!({})).await.ok();
    assert_eq!(ended["subscriptionItemFeature"]["expiredAt"], NEW_YEAR);
    assert_eq!(slugs(&api).await.len(), shown - 1);
    let again = api.post(&path, json!({ "expiredAt": NEW_YEAR + 9 })).await.ok();
    assert_eq!(again, ended, "what has expired stays as it is");
    assert_eq!(api.post("/subscription-item-features/nope/expire", json!({})).await.status, 404);
}

#[tokio::test]
async fn a_feature_can_be_set_to_end_later() {
    let (api, _) = pro_customer_of(Sandbox::builder().errors(ErrorMode::Intended)).await;
    let toggle = of_plan(&api, "export_csv").await;
    let path = format!("/subscription-item-features/{}/expire", text(&toggle["id"]));
    api.post(&path, json!({ "expiredAt": NEW_YEAR + DAY_MS })).await.ok();
    assert!(slugs(&api).await.contains(&"export_csv".to_owned()));
    api.clock.set(NEW_YEAR + DAY_MS);
    assert!(!slugs(&api).await.contains(&"export_csv".to_owned()));
    assert_eq!(api.post(&path, json!({ "expiredAt": "soon" })).await.status, 400);
}

#[tokio::test]
async fn a_feature_of_an_item_must_fit_the_feature_that_it_names() {
    let (api, _) = pro_customer().await;
    let seats = of_plan(&api, "pro_seats").await;
    let made = |changes: Value| {
        let mut new = json!({ "subscriptionItemId": seats["subscriptionItemId"], "featureId": seats["featureId"],
            "type": "resource", "amount": 3, "resourceId": seats["resourceId"], "name": "n", "slug": "s" });
        for (key, value) in changes.as_object().unwrap() {
            new[key] = value.clone();
        }
        json!({ "subscriptionItemFeature": new })
    };
    let path = "/subscription-item-features";
    for (changes, status) in [
        (json!({ "resourceId": "resource_other" }), 400),
        (json!({ "type": "toggle", "amount": null, "resourceId": null }), 400),
        (json!({ "type": "wish" }), 400),
        (json!({ "amount": 1.5 }), 400),
        (json!({ "amount": 1e300 }), 400),
        (json!({ "usageMeterId": "usage_meter_1" }), 400),
        (json!({ "slug": 5 }), 400),
        (json!({ "subscriptionItemId": "si_nope" }), 500),
        (json!({ "featureId": "feature_nope" }), 500),
        (json!({ "productFeatureId": "product_feature_nope" }), 500),
    ] {
        let answer = api.post(path, made(changes.clone())).await;
        assert_eq!(answer.status, status, "{changes}: {}", answer.text);
    }
    api.post(path, made(json!({ "productFeatureId": seats["productFeatureId"] }))).await.ok();
    let moved = json!({ "id": seats["id"], "type": "resource", "amount": 3, "resourceId": seats["resourceId"],
        "subscriptionItemId": "si_other" });
    let answer = api.put(&format!("{path}/{}", text(&seats["id"])), json!({ "subscriptionItemFeature": moved })).await;
    assert!(answer.error(400).contains("cannot change"));
}

#[tokio::test]
async fn an_unknown_feature_of_an_item_is_not_found() {
    let api = Api::start().await;
    let path = "/subscription-item-features/nope";
    assert_eq!(api.get(path).await.error(404), "subscriptionItemFeature with id nope not found.");
    let change = json!({ "subscriptionItemFeature": { "id": "nope", "type": "toggle" } });
    assert!(api.put(path, change).await.error(500).ends_with("No subscription features found with id: nope"));
    let twice = "Unwrap called on Err: Panic: Unwrap called on Err: NotFoundError: ";
    let unknown = api.post("/subscriptions/nope/add-feature", json!({ "featureId": "f" })).await.error(500);
    assert_eq!(unknown, format!("{twice}No subscriptions found with id: nope"));
    api.new_customer("u").await;
    let id = api.current("u").await;
    let unknown = api.post(&format!("/subscriptions/{id}/add-feature"), json!({ "featureId": "f" })).await.error(500);
    assert_eq!(unknown, format!("{twice}No features found with id: f"));
}

#[tokio::test]
async fn an_enormous_amount_neither_overflows_nor_stops_the_sandbox() {
    let (api, id) = pro_customer().await;
    let credits = of_plan(&api, "pro_api_credits").await;
    let most = 9_007_199_254_740_991_i64;
    let new = json!({ "subscriptionItemId": credits["subscriptionItemId"], "featureId": credits["featureId"],
        "type": "usage_credit_grant", "amount": most, "usageMeterId": credits["usageMeterId"],
        "renewalFrequency": "once", "name": "n", "slug": "s" });
    for _ in 0..3 {
        api.post("/subscription-item-features", json!({ "subscriptionItemFeature": new })).await.ok();
    }
    let most_at_once = i64::from(i32::MAX);
    for transaction in ["t1", "t2", "t3"] {
        api.use_calls(&id, most_at_once, transaction).await.ok();
    }
    assert_eq!(api.balance("u").await, 1000 - 3 * most_at_once);
}

#[tokio::test]
async fn added_features_cost_nothing_when_a_subscription_is_activated() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" });
    let made = api.post("/subscriptions", new).await.ok()["subscription"].clone();
    assert_eq!(made["status"], "incomplete");
    let id = text(&made["id"]);
    add_slug(&api, &id, "priority_support").await;
    let activation = json!({ "type": "activate_subscription", "targetSubscriptionId": id });
    let session = api.checkout("u", activation).await.ok();
    api.sandbox.complete_checkout_session(&text(&session["checkoutSession"]["id"])).unwrap();
    let lines = &api.billing("u").await["invoices"][0]["invoiceLineItems"];
    assert_eq!(each(lines, "description"), ["Pro monthly"], "the hidden item is no line");
}

#[tokio::test]
async fn features_of_an_ended_subscription_or_of_another_model_are_out_of_reach() {
    let (api, id) = pro_customer().await;
    let toggle = of_plan(&api, "export_csv").await;
    let new = json!({ "subscriptionItemFeature": { "subscriptionItemId": toggle["subscriptionItemId"],
        "featureId": toggle["featureId"], "type": "toggle", "name": "n", "slug": "s" } });
    api.post("/subscription-item-features", new.clone()).await.ok();
    let cancel = json!({ "cancellation": { "timing": "immediately" } });
    api.post(&format!("/subscriptions/{id}/cancel"), cancel).await.ok();
    assert!(api.post("/subscription-item-features", new.clone()).await.error(500).contains("has ended"));

    let form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    api.post("/pricing-models/setup", form).await.ok();
    let path = format!("/subscription-item-features/{}", text(&toggle["id"]));
    assert_eq!(api.get(&path).await.status, 404);
    assert_eq!(api.post("/subscription-item-features", new).await.status, 500);
    assert_eq!(add(&api, &id, json!({ "featureSlug": "export_csv" })).await.status, 500);
}
