//! Effects that one does not expect and that the real platform has.

use flowglad_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, each, model_with_team_and_lite, pro_customer, text};

async fn cancel(api: &Api, id: &str, timing: &str) -> crate::Reply {
    api.post(&format!("/subscriptions/{id}/cancel"), json!({ "cancellation": { "timing": timing } })).await
}

fn monthly(slug: &str, cents: i64) -> Value {
    json!({ "type": "subscription", "name": slug, "slug": slug, "unitPrice": cents, "intervalUnit": "month",
        "intervalCount": 1, "isDefault": true, "active": true })
}

#[tokio::test]
async fn a_list_and_a_customer_without_a_plan_have_null_and_not_no_key() {
    let api = Api::start().await;
    let list = api.get("/customers").await.ok();
    assert_eq!((list.get("currentCursor"), list.get("nextCursor")), (Some(&json!(null)), Some(&json!(null))));
    let model = json!({ "pricingModel": { "name": "Empty" } });
    let id = text(&api.post("/pricing-models", model).await.ok()["pricingModel"]["id"]);
    let model = api.get(&format!("/pricing-models/{id}")).await.ok()["pricingModel"].clone();
    assert_eq!(model.get("defaultProduct"), Some(&json!(null)));
}

#[tokio::test]
async fn a_customer_and_a_subscription_were_updated_after_they_were_created() {
    let api = Api::start().await;
    let created = api.new_customer("u").await;
    for record in ["customer", "subscription"] {
        assert_eq!(created[record]["createdAt"], NEW_YEAR);
        assert!(created[record]["updatedAt"].as_i64().unwrap() > NEW_YEAR, "{record}");
    }
    assert_eq!(created["subscriptionItems"][0]["updatedAt"], NEW_YEAR);
}

#[tokio::test]
async fn a_customer_that_is_archived_from_the_start_has_the_free_plan() {
    let api = Api::start().await;
    let new = json!({ "email": "old@example.com", "name": "Old", "externalId": "old", "archived": true });
    let created = api.post("/customers", json!({ "customer": new })).await.ok()["data"].clone();
    assert_eq!(
        (&created["customer"]["archived"], &created["subscription"]["status"]),
        (&json!(true), &json!("active"))
    );
    assert_eq!(api.get("/customers/old").await.status, 404);
}

#[tokio::test]
async fn no_user_id_is_known() {
    let api = Api::start().await;
    let unknown = "This operation references data that does not exist or you don't have access to.";
    let new = json!({ "email": "a@example.com", "name": "A", "externalId": "a", "userId": "user_1" });
    assert_eq!(api.post("/customers", json!({ "customer": new })).await.error(400), unknown);
    let id = api.new_customer("b").await["customer"]["id"].clone();
    let change = |user: Value| json!({ "customer": { "id": id, "name": "B", "userId": user } });
    assert_eq!(api.put("/customers/b", change(json!("user_1"))).await.error(400), unknown);
    assert_eq!(api.put("/customers/b", change(json!(null))).await.ok()["customer"]["name"], "B");
}

#[tokio::test]
async fn an_event_without_a_transaction_id_is_taken_for_any_earlier_one() {
    let (api, id) = pro_customer().await;
    let first = api.use_calls(&id, 7, "").await.ok();
    assert_eq!(api.use_calls(&id, 9, "").await.ok(), first, "nothing is recorded");
    api.new_customer("v").await;
    let other = api.current("v").await;
    let error = api.use_calls(&other, 1, "").await.error(500);
    assert!(error.contains("does not belong to subscription"), "{error}");
    assert_eq!((api.balance("u").await, api.balance("v").await), (json!(993), json!(100)));
}

#[tokio::test]
async fn an_amount_beyond_32_bits_is_a_500_and_not_recorded() {
    let (api, id) = pro_customer().await;
    assert_eq!(api.use_calls(&id, 2_147_483_648, "t").await.status, 500);
    assert_eq!(api.balance("u").await, 1000);
    api.use_calls(&id, 2_147_483_647, "t").await.ok();
}

#[tokio::test]
async fn an_incomplete_subscription_has_no_end_to_cancel_at_and_nothing_to_uncancel() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" });
    let created = api.post("/subscriptions", new).await.ok()["subscription"].clone();
    let id = text(&created["id"]);
    let error = cancel(&api, &id, "at_end_of_current_billing_period").await.error(500);
    assert_eq!(error, format!("Current billing period not found: subscription {id}"));
    let kept = api.post(&format!("/subscriptions/{id}/uncancel"), json!({})).await.ok()["subscription"].clone();
    assert_eq!(kept, created);
}

#[tokio::test]
async fn a_subscription_can_be_adjusted_to_nothing() {
    let (api, id) = pro_customer().await;
    let nothing = json!({ "adjustment": { "timing": "auto", "newSubscriptionItems": [] } });
    let preview = api.post(&format!("/subscriptions/{id}/preview-adjust"), nothing.clone()).await.ok();
    assert_eq!((&preview["canAdjust"], &preview["newPlanTotal"]), (&json!(true), &json!(0)));
    let adjusted = api.post(&format!("/subscriptions/{id}/adjust"), nothing).await.ok();
    let end = NEW_YEAR + 31 * DAY_MS;
    assert_eq!(adjusted["resolvedTiming"], "at_end_of_current_billing_period");
    assert_eq!(each(&adjusted["subscriptionItems"], "expiredAt"), [end]);
    api.sandbox.advance_to(end).unwrap();
    let current = api.billing("u").await["currentSubscription"].clone();
    assert_eq!((&current["name"], &current["subscriptionItems"]), (&json!("Pro monthly"), &json!([])));
}

#[tokio::test]
async fn the_invoice_of_a_difference_stays_open_although_it_is_paid() {
    let (api, id) = pro_customer().await;
    let items = json!([{ "priceSlug": "pro_monthly", "quantity": 2 }]);
    let adjustment = json!({ "adjustment": { "timing": "immediately", "newSubscriptionItems": items } });
    let adjusted = api.post(&format!("/subscriptions/{id}/adjust"), adjustment).await.ok();
    assert_eq!(adjusted["subscription"]["name"], "Pro monthly", "without the quantity");
    let invoices = api.billing("u").await["invoices"].clone();
    let second = &invoices[1]["invoice"];
    assert_eq!((&second["status"], &second["subtotal"]), (&json!("open"), &json!(4000)));
    let payments = api.get("/payments").await.ok()["data"].clone();
    let paid = payments.as_array().unwrap().iter().find(|payment| payment["invoiceId"] == second["id"]).unwrap();
    assert_eq!((&paid["amount"], &paid["subtotal"]), (&json!(2000), &json!(4000)));
}

#[tokio::test]
async fn a_trial_has_an_invoice_of_0_that_no_run_charged() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    api.buy("u", "trial_monthly").await;
    let invoices = api.get("/invoices").await.ok()["data"].clone();
    assert_eq!((each(&invoices, "subtotal"), each(&invoices, "billingRunId")), (vec![&json!(0)], vec![&json!(null)]));
}

#[tokio::test]
async fn a_trial_that_is_canceled_within_its_first_hour_has_no_invoice() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    for (name, minutes, shown) in [("quick", 59, 1), ("slow", 60, 3)] {
        api.new_customer(name).await;
        api.buy(name, "trial_monthly").await;
        let id = api.current(name).await;
        api.sandbox.advance_to(api.clock.now_ms() + minutes * 60_000).unwrap();
        cancel(&api, &id, "immediately").await.ok();
        let invoices = api.get("/invoices").await.ok();
        // The free plan that starts again has an invoice too, as there is a card.
        assert_eq!((&invoices["total"], each(&invoices["data"], "id").len()), (&json!(shown), shown), "{name}");
        api.sandbox.advance_to(api.clock.now_ms() + 1).unwrap();
    }
    let numbers = api.get("/invoices").await.ok()["data"].clone();
    let numbers: Vec<String> = each(&numbers, "invoiceNumber").into_iter().map(text).collect();
    assert!(numbers[0].ends_with("-00000") && numbers[2].ends_with("-00001"), "{numbers:?}");
}

#[tokio::test]
async fn a_session_that_only_saves_a_card_keeps_no_address() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let session = api.checkout("u", json!({ "type": "add_payment_method" })).await.ok()["checkoutSession"].clone();
    api.sandbox.complete_checkout_session(session["id"].as_str().unwrap()).unwrap();
    let done = api.get(&format!("/checkout-sessions/{}", text(&session["id"]))).await.ok()["checkoutSession"].clone();
    assert_eq!((&done["status"], &done["billingAddress"]), (&json!("succeeded"), &json!(null)));
}

#[tokio::test]
async fn a_card_for_a_subscription_of_another_customer_changes_only_its_owner() {
    let (api, id) = pro_customer().await;
    let before = api.get(&format!("/subscriptions/{id}")).await.ok();
    api.new_customer("v").await;
    let session = api.checkout("v", json!({ "type": "add_payment_method", "targetSubscriptionId": id })).await.ok();
    api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    assert_eq!(api.get(&format!("/subscriptions/{id}")).await.ok(), before);
    assert_eq!(api.billing("v").await["paymentMethods"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn seats_of_a_canceled_subscription_are_none_and_a_name_that_is_claimed_twice_counts_twice() {
    let (api, id) = pro_customer().await;
    let path = format!("/resource-claims/{id}");
    let claim = async |names: Value| {
        let body = json!({ "resourceSlug": "seats", "externalIds": names });
        api.post(&format!("{path}/claim"), body).await
    };
    claim(json!(["a", "b", "c", "d"])).await.ok();
    let error = claim(json!(["e", "e"])).await.error(400);
    assert_eq!(error, "No available capacity. Requested: 2, Available: 1, Total capacity: 5");
    let release = json!({ "resourceSlug": "seats", "externalId": "d" });
    api.post(&format!("{path}/release"), release).await.ok();
    assert_eq!(claim(json!(["e", "e"])).await.status, 500, "no two active claims have one name");
    assert_eq!(api.get(&format!("{path}/claims?resourceSlug=nope")).await.error(404), "Resource not found");
    cancel(&api, &id, "immediately").await.ok();
    let usage = api.get(&format!("{path}/usage?resourceSlug=seats")).await.ok();
    assert_eq!((&usage["usage"]["capacity"], &usage["claims"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn claims_have_ids_with_dashes_and_nothing_else_has() {
    let (api, id) = pro_customer().await;
    let claim = json!({ "resourceSlug": "seats", "externalIds": ["a", "b", "c", "d", "e"] });
    let claims = api.post(&format!("/resource-claims/{id}/claim"), claim).await.ok()["claims"].clone();
    let ids: Vec<String> = each(&claims, "id").into_iter().map(text).collect();
    assert!(ids.iter().any(|id| id.trim_start_matches("res_claim_").contains(['-', '_'])), "{ids:?}");
    assert!(ids.iter().all(|id| id.len() == "res_claim_".len() + 21), "{ids:?}");
}

#[tokio::test]
async fn a_product_is_active_from_the_start_and_names_features_that_exist() {
    let api = Api::start().await;
    let model = text(&api.get("/pricing-models/default").await.ok()["pricingModel"]["id"]);
    let product = |slug: &str| json!({ "name": slug, "slug": slug, "active": false, "pricingModelId": model });
    let made = api.post("/products", json!({ "product": product("solo"), "price": monthly("solo", 700) })).await.ok();
    assert_eq!(made["product"]["active"], true);
    let body = json!({ "product": product("duo"), "price": monthly("duo", 900), "featureIds": ["feature_nope"] });
    assert!(api.post("/products", body).await.error(400).contains("references data that does not exist"));
}

#[tokio::test]
async fn a_meter_that_does_not_exist_or_takes_a_slug_is_refused_as_intended() {
    let api = Api::start().await;
    let rename = |id: &str, slug: &str| json!({ "usageMeter": { "id": id, "slug": slug } });
    let unknown = api.put("/usage-meters/nope", rename("nope", "x")).await.error(404);
    assert_eq!(unknown, "The requested usage_meters could not be found.");
    let meter = api.post("/usage-meters", json!({ "usageMeter": { "name": "Mails", "slug": "mails" } })).await.ok();
    let id = text(&meter["usageMeter"]["id"]);
    let taken = api.put(&format!("/usage-meters/{id}"), rename(&id, "api_calls")).await.error(409);
    assert_eq!(taken, "A usage meter with this slug already exists in this pricing model.");
}

#[tokio::test]
async fn a_clone_for_live_mode_is_live_with_all_it_has_and_unknown_to_the_key() {
    let api = Api::start().await;
    let model = text(&api.get("/pricing-models/default").await.ok()["pricingModel"]["id"]);
    let path = format!("/pricing-models/{model}/clone");
    let live = json!({ "name": "Live", "destinationEnvironment": "livemode" });
    let clone = api.post(&path, live.clone()).await.ok()["pricingModel"].clone();
    assert_eq!(clone["livemode"], true);
    assert!(each(&clone["products"], "livemode").iter().all(|live| **live == json!(true)));
    let error = api.post(&path, live).await.error(500);
    assert!(error.starts_with("Cannot clone to livemode"), "{error}");
    assert_eq!(api.get(&format!("/pricing-models/{}", text(&clone["id"]))).await.status, 500);
    assert_eq!(api.get("/pricing-models").await.ok()["total"], 1);
}

#[tokio::test]
async fn a_setup_form_is_refused_as_input_as_far_as_a_validator_sees_it() {
    let api = Api::start().await;
    let form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    let doubled = |list: &str| {
        let mut form = form.clone();
        let entry = form[list][0].clone();
        form[list].as_array_mut().unwrap().push(entry);
        form
    };
    for (list, message) in [
        ("features", "Features must have unique slugs"),
        ("products", "Products must have unique slugs"),
        ("usageMeters", "Usage meters must have unique slugs"),
        ("resources", "Resources must have unique slugs"),
    ] {
        let refused = api.post("/pricing-models/setup", doubled(list)).await;
        assert_eq!((refused.status, each(&refused.body["error"], "message")), (400, vec![&json!(message)]), "{list}");
    }
    let mut reserved = form.clone();
    reserved["usageMeters"][0]["prices"][0]["slug"] = json!("calls_no_charge");
    let refused = api.post("/pricing-models/setup", reserved).await;
    let path = json!(["usageMeters", 0, "prices", 0, "slug"]);
    assert_eq!((refused.status, &refused.body["error"][0]["path"]), (400, &path));
}

#[tokio::test]
async fn a_setup_form_whose_parts_do_not_fit_is_a_500() {
    let api = Api::start().await;
    let form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    let changed = |pointer: &str, value: Value| {
        let mut form = form.clone();
        *form.pointer_mut(pointer).unwrap() = value;
        form
    };
    for (form, words) in [
        (changed("/products/1/price/slug", json!("free_monthly")), "Price with slug free_monthly already exists"),
        (changed("/products/0/price/unitPrice", json!(5)), "Default products must have zero price"),
        (changed("/products/1/product/default", json!(true)), "Multiple default products not allowed"),
        (changed("/products/0/product/default", json!(false)), "generator body threw"),
        (changed("/products/1/features", json!(["nope"])), "Feature not found: nope"),
    ] {
        let error = api.post("/pricing-models/setup", form).await.error(500);
        assert!(error.ends_with(words), "{error}");
    }
    let mut packed = form.clone();
    packed["products"][2]["features"].as_array_mut().unwrap().push(json!("export_csv"));
    api.post("/pricing-models/setup", packed).await.ok();
}

#[tokio::test]
async fn a_key_that_stays_with_its_model_sees_another_one_empty() {
    let api = Api::of(Sandbox::builder().key_stays()).await;
    let form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    for _ in 0..2 {
        let made = api.post("/pricing-models/setup", form.clone()).await.ok()["pricingModel"].clone();
        assert_eq!(made["products"].as_array().unwrap().len(), 4, "the answer of the setup shows all");
        let seen = api.get(&format!("/pricing-models/{}", text(&made["id"]))).await.ok()["pricingModel"].clone();
        assert_eq!((&seen["products"], &seen["defaultProduct"]), (&json!([]), &json!(null)));
        let customer = api.new_customer("u").await["customer"].clone();
        assert_ne!(customer["pricingModelId"], made["id"]);
        api.sandbox.reset();
    }
}
