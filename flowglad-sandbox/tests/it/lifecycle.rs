//! What happens to a customer from sign-up to archive.

use serde_json::json;

use crate::{Api, each};

#[tokio::test]
async fn a_new_customer_has_the_free_plan_with_its_credits_and_no_invoice() {
    let api = Api::start().await;
    let created = api.new_customer("user_42").await;
    assert_eq!(created["subscription"]["name"], "Free Subscription");
    assert_eq!(created["subscriptionItems"][0]["name"], "Free monthly");

    let billing = api.billing("user_42").await;
    let current = &billing["currentSubscription"];
    assert_eq!(current["id"], created["subscription"]["id"]);
    assert_eq!(each(&current["experimental"]["featureItems"], "slug"), ["free_api_credits"]);
    assert_eq!(current["experimental"]["usageMeterBalances"][0]["availableBalance"], 100);
    assert_eq!(current["currentBillingPeriodEnd"], 1_769_904_000_000_i64, "1 February");
    assert_eq!(billing["invoices"], json!([]));
    assert_eq!(billing["catalog"], billing["pricingModel"]);
}

#[tokio::test]
async fn paying_for_pro_replaces_the_free_plan() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;

    let billing = api.billing("u").await;
    let free = &billing["subscriptions"][0];
    let pro = &billing["currentSubscription"];
    assert_eq!((&free["status"], &free["cancellationReason"]), (&json!("canceled"), &json!("upgraded_to_paid")));
    assert_eq!(free["replacedBySubscriptionId"], pro["id"]);
    assert_eq!(free["subscriptionItems"].as_array().unwrap().len(), 1, "its items stay");
    assert_eq!(billing["currentSubscriptions"].as_array().unwrap().len(), 1);
    assert_eq!(pro["name"], "Pro - Pro monthly");
    assert_eq!(pro["metadata"], json!({}));
    assert_eq!(
        each(&pro["experimental"]["featureItems"], "slug"),
        ["export_csv", "priority_support", "pro_api_credits", "pro_seats"]
    );
    assert_eq!(pro["experimental"]["usageMeterBalances"][0]["availableBalance"], 1000);
    assert_eq!(each(&billing["paymentMethods"], "default"), [&json!(true)]);
    assert_eq!(pro["defaultPaymentMethodId"], billing["paymentMethods"][0]["id"]);
    assert_eq!(each(&billing["purchases"], "priceType"), ["subscription"]);
    let invoice = &billing["invoices"][0];
    assert_eq!((&invoice["invoice"]["status"], &invoice["invoice"]["subtotal"]), (&json!("paid"), &json!(2000)));
    assert_eq!(each(&invoice["invoiceLineItems"], "description"), ["Pro monthly"]);
}

#[tokio::test]
async fn a_credit_pack_adds_to_the_balance_and_makes_no_subscription() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    api.buy("u", "credit_pack_500").await;

    assert_eq!(api.balance("u").await, 1500);
    let billing = api.billing("u").await;
    assert_eq!(billing["subscriptions"].as_array().unwrap().len(), 2);
    assert_eq!(each(&billing["purchases"], "totalPurchaseValue"), [&json!(null), &json!(900)]);
    assert_eq!(each(&billing["purchases"], "position"), [&json!(1), &json!(2)]);
    let number = billing["invoices"][1]["invoice"]["invoiceNumber"].as_str().unwrap();
    assert!(number.ends_with("-00001"), "{number}");
    assert_eq!(billing["paymentMethods"].as_array().unwrap().len(), 1, "a single payment stores no card");
}

#[tokio::test]
async fn seats_are_claimed_up_to_the_capacity_and_given_back() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let claims = format!("/resource-claims/{}", api.current("u").await);
    let names = ["a", "b", "c", "d", "e"];

    let five = json!({ "resourceSlug": "seats", "externalIds": names });
    let claimed = api.post(&format!("{claims}/claim"), five.clone()).await.ok();
    assert_eq!(claimed["usage"]["available"], 0);
    assert_eq!(each(&claimed["claims"], "externalId"), names);
    let again = api.post(&format!("{claims}/claim"), five).await.ok();
    assert_eq!(again["claims"], claimed["claims"], "named claims are idempotent, also when all are taken");

    let sixth = json!({ "resourceSlug": "seats", "externalId": "f" });
    let refused = api.post(&format!("{claims}/claim"), sixth.clone()).await.error(400);
    assert_eq!(refused, "No available capacity. Requested: 1, Available: 0, Total capacity: 5");
    let released =
        api.post(&format!("{claims}/release"), json!({ "resourceSlug": "seats", "externalId": "a" })).await.ok();
    assert_eq!(released["releasedClaims"][0]["releaseReason"], "released");
    assert_eq!(api.post(&format!("{claims}/claim"), sixth).await.ok()["usage"]["claimed"], 5);
    let filtered = api.get(&format!("{claims}/usages?resourceSlugs=seats&resourceSlugs=other")).await.ok();
    assert_eq!(each(&filtered, "usage").len(), 1);
    assert_eq!(filtered[0]["usage"]["claimed"], 5);
    let single = api.get(&format!("{claims}/usages?resourceSlugs=seats")).await;
    assert_eq!(single.status, 400, "a filter is a list, and a key that comes once is none");
    assert_eq!(api.get(&format!("{claims}/usage?resourceSlug=seats")).await.ok()["usage"]["capacity"], 5);
    assert_eq!(api.get(&format!("{claims}/claims")).await.ok()["claims"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_cancellation_can_be_planned_taken_back_and_done_at_once() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let id = api.current("u").await;
    let seat = json!({ "resourceSlug": "seats", "quantity": 2 });
    api.post(&format!("/resource-claims/{id}/claim"), seat).await.ok();
    let cancel = format!("/subscriptions/{id}/cancel");

    let at_end = json!({ "cancellation": { "timing": "at_end_of_current_billing_period" } });
    let planned = api.post(&cancel, at_end).await.ok()["subscription"].clone();
    assert_eq!((&planned["status"], &planned["current"]), (&json!("cancellation_scheduled"), &json!(true)));
    assert_eq!(planned["cancelScheduledAt"], planned["currentBillingPeriodEnd"]);
    let back = api.post(&format!("/subscriptions/{id}/uncancel"), json!({})).await.ok();
    assert_eq!(
        (&back["subscription"]["status"], &back["subscription"]["cancelScheduledAt"]),
        (&json!("active"), &json!(null))
    );

    let now = json!({ "cancellation": { "timing": "immediately" } });
    let ended = api.post(&cancel, now).await.ok()["subscription"].clone();
    assert_eq!((&ended["status"], &ended["current"]), (&json!("canceled"), &json!(false)));
    assert_eq!(ended["canceledAt"], ended["cancelScheduledAt"]);
    assert_eq!(api.get(&format!("/resource-claims/{id}/claims")).await.ok()["claims"], json!([]));
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["isFreePlan"], true, "the free plan is back");
    assert_eq!(billing["subscriptions"].as_array().unwrap().len(), 3);
    assert_eq!(billing["subscriptions"][1]["subscriptionItems"], json!([]));
    let claim =
        api.post(&format!("/resource-claims/{id}/claim"), json!({ "resourceSlug": "seats", "quantity": 1 })).await;
    assert!(claim.error(500).contains("is not active (status: canceled)"));
}

#[tokio::test]
async fn an_archived_customer_is_gone_and_the_external_id_is_free_again() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let id = api.current("u").await;
    assert_eq!(api.post("/customers/u/archive", json!({})).await.ok()["customer"]["archived"], true);
    assert_eq!(api.get("/customers/u").await.error(404), "Customer with externalId u not found");
    let subscription = api.get(&format!("/subscriptions/{id}")).await.ok()["subscription"].clone();
    assert_eq!(subscription["cancellationReason"], "customer_archived");
    assert_eq!(api.post("/customers/u/archive", json!({})).await.ok()["customer"]["archived"], true, "twice is fine");
    assert_eq!(api.use_calls(&id, 1, "t").await.error(500), "Cannot create usage event for archived customer");

    let second = api.new_customer("u").await;
    assert_eq!(second["customer"]["archived"], false);
    assert_eq!(api.billing("u").await["subscriptions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_clears_what_is_null() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let changed =
        json!({ "customer": { "name": "Ada Q.", "domain": "example.com", "externalId": "other", "archived": true } });
    let customer = api.put("/customers/u", changed).await.ok()["customer"].clone();
    assert_eq!((&customer["name"], &customer["domain"]), (&json!("Ada Q."), &json!("example.com")));
    assert_eq!((&customer["externalId"], &customer["archived"]), (&json!("u"), &json!(false)), "these cannot change");
    let customer = api.put("/customers/u", json!({ "customer": { "domain": null } })).await.ok()["customer"].clone();
    assert_eq!((&customer["name"], &customer["domain"]), (&json!("Ada Q."), &json!(null)));
}

#[tokio::test]
async fn an_external_id_without_a_slash_is_one_segment_of_the_path() {
    let api = Api::start().await;
    for (external_id, segment) in [("ü #?", "%C3%BC%20%23%3F"), ("100%", "100%25"), ("alice#x", "alice%23x")] {
        api.new_customer(external_id).await;
        let customer = api.get(&format!("/customers/{segment}")).await.ok()["customer"].clone();
        assert_eq!(customer["externalId"], external_id);
        assert_eq!(api.billing(segment).await["customer"]["id"], customer["id"]);
    }
}
