//! What happens by itself as time passes.

use flowglad_sandbox::PricingModel;
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, each, model_with_team_and_lite, text};

/// The starts of months in 2026.
pub(super) const FEBRUARY: i64 = NEW_YEAR + 31 * DAY_MS;
pub(super) const MARCH: i64 = FEBRUARY + 28 * DAY_MS;

/// A customer `u` who bought a plan at the start of the year.
pub(super) async fn customer_with(price_slug: &str) -> (Api, String) {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    api.buy("u", price_slug).await;
    let id = api.current("u").await;
    (api, id)
}

/// The customer's invoices as status and subtotal.
pub(super) fn invoices(billing: &Value) -> Vec<(String, i64)> {
    let views = billing["invoices"].as_array().unwrap();
    views.iter().map(|view| (text(&view["invoice"]["status"]), view["invoice"]["subtotal"].as_i64().unwrap())).collect()
}

pub(super) fn paid(subtotals: &[i64]) -> Vec<(String, i64)> {
    subtotals.iter().map(|&subtotal| ("paid".to_owned(), subtotal)).collect()
}

pub(super) async fn status(api: &Api, id: &str) -> String {
    text(&api.get(&format!("/subscriptions/{id}")).await.ok()["subscription"]["status"])
}

pub(super) async fn cancel_at_period_end(api: &Api, id: &str) {
    let at_end = json!({ "cancellation": { "timing": "at_end_of_current_billing_period" } });
    api.post(&format!("/subscriptions/{id}/cancel"), at_end).await.ok();
}

pub(super) async fn adjust(api: &Api, id: &str, price_slug: &str) -> crate::Reply {
    let adjustment = json!({ "timing": "auto", "newSubscriptionItems": [{ "priceSlug": price_slug }] });
    api.post(&format!("/subscriptions/{id}/adjust"), json!({ "adjustment": adjustment })).await
}

/// A billing document without the base URL, which differs between sandboxes.
pub(super) async fn document(api: &Api) -> String {
    api.get("/customers/u/billing").await.text.replace(api.sandbox.base_url(), "")
}

#[tokio::test]
async fn a_paid_period_is_followed_by_the_next_with_an_invoice_and_fresh_credits() {
    let (api, id) = customer_with("pro_monthly").await;
    api.use_calls(&id, 300, "t").await.ok();
    assert_eq!(api.sandbox.advance_to(FEBRUARY - 1).unwrap(), 0);
    assert_eq!(api.balance("u").await, 700);
    assert_eq!(api.sandbox.advance_to(FEBRUARY).unwrap(), 1);

    let billing = api.billing("u").await;
    let pro = &billing["currentSubscription"];
    assert_eq!((&pro["id"], &pro["status"]), (&json!(id), &json!("active")));
    assert_eq!(pro["currentBillingPeriodStart"], FEBRUARY);
    assert_eq!(pro["currentBillingPeriodEnd"], MARCH);
    assert_eq!(pro["name"], "Pro monthly", "from a renewal on it is called after its dearest item");
    assert_eq!(invoices(&billing), paid(&[2000, 2000]));
    let invoice = &billing["invoices"][1]["invoice"];
    assert_eq!(invoice["billingPeriodStartDate"], FEBRUARY);
    assert_eq!(invoice["billingPeriodEndDate"], MARCH);
    assert_eq!(invoice["createdAt"], FEBRUARY);
    assert_eq!(api.balance("u").await, 1000, "the 700 are gone with their period");
}

#[tokio::test]
async fn periods_from_the_31st_stay_on_the_28th_after_february() {
    let (api, _) = customer_with("pro_monthly").await;
    api.clock.set(NEW_YEAR + 30 * DAY_MS);
    api.new_customer("late").await;
    api.buy("late", "pro_monthly").await;
    let mut ends = Vec::new();
    for _ in 0..3 {
        let end = &api.billing("late").await["currentSubscription"]["currentBillingPeriodEnd"];
        let end = end.as_i64().unwrap();
        ends.push((end - NEW_YEAR) / DAY_MS);
        api.sandbox.advance_to(end).unwrap();
    }
    // 28 February, 28 March, 28 April: the day of the year, counted from zero.
    assert_eq!(ends, [58, 86, 117]);
}

#[tokio::test]
async fn usage_beyond_the_credits_is_charged_with_the_next_period() {
    let (api, id) = customer_with("pro_monthly").await;
    api.use_calls(&id, 900, "t1").await.ok();
    api.use_calls(&id, 225, "t2").await.ok();
    assert_eq!(api.balance("u").await, -125);
    api.sandbox.advance_days(31);

    let billing = api.billing("u").await;
    assert_eq!(invoices(&billing), paid(&[2000, 2013]), "13 tens of calls at one cent were begun");
    let lines = &billing["invoices"][1]["invoiceLineItems"];
    assert_eq!(each(lines, "description"), ["Pro monthly", "Usage: API calls at $0.01 per 10"]);
    let usage = &lines[1];
    assert_eq!((&usage["type"], &usage["quantity"], &usage["price"]), (&json!("usage"), &json!(13), &json!(1)));
    assert_eq!(usage["ledgerAccountCredit"], 125);
    assert_eq!(usage["billingRunId"], billing["invoices"][1]["invoice"]["billingRunId"]);
    assert_eq!(lines[0].get("billingRunId"), None);
    assert_eq!(api.balance("u").await, 1000, "what was paid for is settled");

    api.sandbox.advance_days(28);
    assert_eq!(invoices(&api.billing("u").await), paid(&[2000, 2013, 2000]), "it is charged once");
    assert_eq!(api.balance("u").await, 1000);
}

#[tokio::test]
async fn bought_credits_cover_usage_before_it_is_charged_and_outlast_the_period() {
    let (api, id) = customer_with("pro_monthly").await;
    api.buy("u", "credit_pack_500").await;
    api.use_calls(&id, 1100, "t1").await.ok();
    api.sandbox.advance_days(31);
    assert_eq!(api.balance("u").await, 1000 + 400);
    api.use_calls(&id, 1500, "t2").await.ok();
    assert_eq!(api.balance("u").await, -100);
    api.sandbox.advance_days(28);
    assert_eq!(api.balance("u").await, 1000);
    assert_eq!(invoices(&api.billing("u").await), paid(&[2000, 900, 2000, 2010]));
}

#[tokio::test]
async fn usage_at_the_price_that_costs_nothing_is_settled_for_nothing() {
    let (api, id) = customer_with("pro_monthly").await;
    let event = json!({ "subscriptionId": id, "priceSlug": "api_calls_no_charge", "amount": 1030,
        "transactionId": "t" });
    api.post("/usage-events", json!({ "usageEvent": event })).await.ok();
    api.sandbox.advance_days(31);
    let billing = api.billing("u").await;
    assert_eq!(invoices(&billing), paid(&[2000, 2000]));
    assert_eq!(each(&billing["invoices"][1]["invoiceLineItems"], "quantity"), [&json!(1), &json!(30)]);
    assert_eq!(api.balance("u").await, 1000);
}

#[tokio::test]
async fn a_free_plan_without_a_card_is_past_due_after_its_first_period_and_can_still_be_upgraded() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    api.use_calls(&id, 130, "t").await.ok();
    api.sandbox.advance_days(31);
    let billing = api.billing("u").await;
    let free = &billing["currentSubscription"];
    assert_eq!((&free["id"], &free["status"], &free["current"]), (&json!(id), &json!("past_due"), &json!(true)));
    assert_eq!(billing["invoices"], json!([]));
    assert_eq!(api.balance("u").await, 100 - 30, "the 30 were not paid");

    api.buy("u", "pro_monthly").await;
    let billing = api.billing("u").await;
    assert_eq!(billing["subscriptions"][0]["cancellationReason"], "upgraded_to_paid");
    assert_eq!(billing["currentSubscription"]["name"], "Pro - Pro monthly");
    assert_eq!(api.sandbox.advance_days(28), 1, "the free plan renews no more");
}

#[tokio::test]
async fn a_free_plan_with_a_card_stays_active_and_pays_for_its_usage() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    let card = json!({ "type": "add_payment_method", "targetSubscriptionId": id });
    let session = api.checkout("u", card).await.ok();
    api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    api.sandbox.advance_days(31);
    api.use_calls(&id, 200, "t").await.ok();
    api.sandbox.advance_days(28);
    assert_eq!(status(&api, &id).await, "active");
    assert_eq!(invoices(&api.billing("u").await), paid(&[0, 10]));
    assert_eq!(api.balance("u").await, 100);
}

#[tokio::test]
async fn a_trial_with_a_card_becomes_a_paid_plan_and_its_credits_begin_anew() {
    let (api, id) = customer_with("trial_monthly").await;
    api.use_calls(&id, 10, "t").await.ok();
    api.sandbox.advance_days(13);
    assert_eq!(status(&api, &id).await, "trialing");
    api.sandbox.advance_days(1);
    let billing = api.billing("u").await;
    let plan = &billing["currentSubscription"];
    assert_eq!((&plan["id"], &plan["status"]), (&json!(id), &json!("active")));
    assert_eq!(plan["trialEnd"], NEW_YEAR + 14 * DAY_MS, "it stays on the record");
    assert_eq!(plan["currentBillingPeriodStart"], NEW_YEAR + 14 * DAY_MS);
    assert_eq!(plan["currentBillingPeriodEnd"], NEW_YEAR + (14 + 31) * DAY_MS);
    assert_eq!(invoices(&billing), paid(&[3000]));
    assert_eq!(api.balance("u").await, 1000);
}

#[tokio::test]
async fn a_trial_without_a_card_is_past_due_at_its_end_until_there_is_one() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "trial_monthly" });
    let id = text(&api.post("/subscriptions", new).await.ok()["subscription"]["id"]);
    api.sandbox.advance_days(14);
    assert_eq!(status(&api, &id).await, "past_due");
    assert_eq!(api.billing("u").await["invoices"], json!([]));
    let card = json!({ "type": "add_payment_method", "targetSubscriptionId": id });
    let session = api.checkout("u", card).await.ok();
    api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    api.sandbox.advance_days(31);
    assert_eq!(status(&api, &id).await, "active");
    assert_eq!(invoices(&api.billing("u").await), paid(&[3000]));
}

#[tokio::test]
async fn an_incomplete_subscription_does_not_renew() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" });
    let id = text(&api.post("/subscriptions", new).await.ok()["subscription"]["id"]);
    assert_eq!(api.sandbox.advance_days(365), 0);
    assert_eq!(status(&api, &id).await, "incomplete");
}

#[tokio::test]
async fn a_planned_cancellation_takes_effect_at_the_end_of_the_period() {
    let (api, id) = customer_with("pro_monthly").await;
    let claim = json!({ "resourceSlug": "seats", "quantity": 2 });
    api.post(&format!("/resource-claims/{id}/claim"), claim.clone()).await.ok();
    cancel_at_period_end(&api, &id).await;
    api.post(&format!("/resource-claims/{id}/claim"), claim).await.ok();
    assert_eq!(api.sandbox.advance_to(FEBRUARY + DAY_MS).unwrap(), 1);

    let ended = api.get(&format!("/subscriptions/{id}")).await.ok()["subscription"].clone();
    assert_eq!((&ended["status"], &ended["current"]), (&json!("canceled"), &json!(false)));
    assert_eq!((&ended["canceledAt"], &ended["cancelScheduledAt"]), (&json!(FEBRUARY), &json!(FEBRUARY)));
    assert_eq!(ended["cancellationReason"], json!(null));
    assert_eq!(api.get(&format!("/resource-claims/{id}/claims")).await.ok()["claims"], json!([]));
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["isFreePlan"], true);
    assert_eq!(billing["currentSubscription"]["startDate"], FEBRUARY);
    assert_eq!(invoices(&billing), paid(&[2000, 0]), "the free plan is billed to the card, with 0");
    assert_eq!(billing["invoices"][1]["invoiceLineItems"][0]["description"], "Free monthly");
    assert_eq!(billing["invoices"][1]["invoice"]["billingRunId"], json!(null));
    assert_eq!(api.balance("u").await, 100);
}

#[tokio::test]
async fn a_canceled_trial_ends_without_a_charge() {
    let (api, id) = customer_with("trial_monthly").await;
    cancel_at_period_end(&api, &id).await;
    api.sandbox.advance_days(14);
    assert_eq!(status(&api, &id).await, "canceled");
    let billing = api.billing("u").await;
    assert_eq!(invoices(&billing), paid(&[0]));
    assert_eq!(billing["currentSubscription"]["isFreePlan"], true);
}

#[tokio::test]
async fn a_planned_downgrade_takes_effect_with_the_next_period() {
    let (api, id) = customer_with("pro_monthly").await;
    adjust(&api, &id, "lite_monthly").await.ok();
    let claim = json!({ "resourceSlug": "seats", "externalIds": ["a", "b", "c"] });
    api.post(&format!("/resource-claims/{id}/claim"), claim).await.ok();
    api.sandbox.advance_to(FEBRUARY).unwrap();

    let billing = api.billing("u").await;
    let lite = &billing["currentSubscription"];
    assert_eq!((&lite["id"], &lite["name"]), (&json!(id), &json!("lite monthly")));
    assert_eq!(lite["scheduledAdjustmentAt"], FEBRUARY, "it stays until it is canceled");
    assert_eq!(each(&lite["subscriptionItems"], "name"), ["lite monthly"]);
    assert_eq!(lite["priceId"], lite["subscriptionItems"][0]["priceId"]);
    assert_eq!(each(&lite["experimental"]["featureItems"], "slug"), ["lite_seats"]);
    assert_eq!(invoices(&billing), paid(&[2000, 500]));
    assert_eq!(api.balance("u").await, 0, "Lite gives no credits");
    let usage = api.get(&format!("/resource-claims/{id}/usage?resourceSlug=seats")).await.ok();
    assert_eq!(each(&usage["claims"], "externalId"), ["a", "b"]);
    assert_eq!(usage["usage"]["available"], 0);
    assert!(adjust(&api, &id, "pro_monthly").await.error(500).contains("already pending"));
    let canceled = api.post(&format!("/subscriptions/{id}/cancel-scheduled-adjustment"), json!({})).await.ok();
    assert_eq!(canceled["canceledItemCount"], 0);
    adjust(&api, &id, "pro_monthly").await.ok();
}

#[tokio::test]
async fn a_subscription_that_is_not_charged_for_renews_with_credits_and_without_invoices() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "doNotCharge": true });
    let id = text(&api.post("/subscriptions", new).await.ok()["subscription"]["id"]);
    api.sandbox.advance_days(31);
    assert_eq!(status(&api, &id).await, "active");
    assert_eq!(api.billing("u").await["invoices"], json!([]));
    assert_eq!(api.balance("u").await, 1000);
}

#[tokio::test]
async fn a_subscription_that_does_not_renew_stays_as_it_is() {
    let mut form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    form["products"][0]["price"] = json!({ "type": "single_payment", "name": "Free", "slug": "free_once",
        "unitPrice": 0, "isDefault": true, "active": true });
    let api = Api::with_model(PricingModel::from_json(&form.to_string()).unwrap()).await;
    assert_eq!(api.new_customer("u").await["subscription"]["renews"], false);
    let before = document(&api).await;
    assert_eq!(api.sandbox.advance_days(365), 0);
    assert_eq!(document(&api).await, before);
}

#[tokio::test]
async fn an_archived_customer_is_left_alone() {
    let (api, _) = customer_with("pro_monthly").await;
    api.post("/customers/u/archive", json!({})).await.ok();
    assert_eq!(api.sandbox.advance_days(365), 0);
}
