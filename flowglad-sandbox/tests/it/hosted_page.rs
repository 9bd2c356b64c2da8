//! The hosted checkout page.

use serde_json::{Value, json};

use crate::{Api, Reply, send};

async fn session(api: &Api, fields: Value) -> String {
    crate::text(&api.checkout("u", fields).await.ok()["url"])
}

async fn open(api: &Api, url: &str) -> Reply {
    send(api.client.get(url)).await
}

async fn submit(api: &Api, page: &Reply) -> Reply {
    let action = page.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    send(api.client.post(format!("{}{action}", api.sandbox.base_url()))).await
}

#[tokio::test]
async fn the_page_shows_what_is_bought_and_paying_leads_back_to_the_app() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "product", "priceSlug": "pro_monthly", "quantity": 2 })).await;
    let page = open(&api, &url).await;
    assert_eq!(page.status, 200);
    for part in [
        "Flowglad sandbox: no real money moves",
        "<h1>Pay for Pro</h1>",
        "<dd>$20.00 per month</dd>",
        "<dt>Quantity</dt><dd>2</dd>",
        "Ada Example",
        "ada@example.com",
        "4242 4242 4242 4242",
        ">Pay $40.00</button>",
        "href=\"https://app.example.com/no\">Cancel</a>",
    ] {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));

    let paid = submit(&api, &page).await;
    assert_eq!((paid.status, &paid.headers["location"]), (303, &"https://app.example.com/ok".parse().unwrap()));
    let billing = api.billing("u").await;
    assert_eq!(billing["currentSubscription"]["subscriptionItems"][0]["quantity"], 2);
}

#[tokio::test]
async fn paying_twice_is_refused_and_charges_once() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "product", "priceSlug": "credit_pack_500" })).await;
    let page = open(&api, &url).await;
    let (one, other) = tokio::join!(submit(&api, &page), submit(&api, &page));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(api.billing("u").await["invoices"].as_array().unwrap().len(), 1);
    let again = open(&api, &url).await;
    assert_eq!(again.status, 200);
    assert!(again.text.contains("Already complete") && !again.text.contains("<button"), "{}", again.text);
}

#[tokio::test]
async fn a_refused_payment_says_why_and_leaves_the_session_open() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "product", "priceSlug": "pro_monthly" })).await;
    api.buy("u", "pro_monthly").await;
    let page = open(&api, &url).await;
    let refused = submit(&api, &page).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("already has an active subscription"), "{}", refused.text);
    assert_eq!(open(&api, &url).await.status, 200);
}

#[tokio::test]
async fn cards_are_saved_and_subscriptions_activated_on_the_page() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "add_payment_method" })).await;
    let page = open(&api, &url).await;
    assert!(page.text.contains(">Save card</button>"), "{}", page.text);
    let other_address = url.replace("/add-payment-method/", "/checkout/");
    assert_eq!(open(&api, &other_address).await.status, 200);

    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" });
    let target = api.post("/subscriptions", new).await.ok()["subscription"]["id"].clone();
    let activate = json!({ "type": "activate_subscription", "targetSubscriptionId": target });
    let activation = open(&api, &session(&api, activate).await).await;
    assert!(activation.text.contains(">Activate and pay $20.00</button>"), "{}", activation.text);
    assert_eq!(submit(&api, &activation).await.status, 303);
    assert_eq!(submit(&api, &page).await.status, 303);
    assert_eq!(api.billing("u").await["paymentMethods"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_page_says_what_one_gets_and_when_it_renews() {
    let api = Api::with_model(crate::model_with_team_and_lite()).await;
    api.new_customer("u").await;
    for (slug, parts) in [
        ("pro_monthly", ["CSV export", "The plan renews on February 1, 2026 for $20.00, and then until you cancel."]),
        ("credit_pack_500", ["500", "You pay once. Nothing renews."]),
        ("trial_monthly", ["<dt>Trial</dt><dd>14 days</dd>", "The trial ends on January 15, 2026. Then $30.00 is due"]),
    ] {
        let page = open(&api, &session(&api, json!({ "type": "product", "priceSlug": slug })).await).await;
        for part in parts {
            assert!(page.text.contains(part), "{part} is missing in {}", page.text);
        }
    }
}

#[tokio::test]
async fn an_activation_is_announced_as_it_is_charged() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "interval": "year" });
    let id = crate::text(&api.post("/subscriptions", new).await.ok()["subscription"]["id"]);
    let activate = json!({ "type": "activate_subscription", "targetSubscriptionId": id });
    api.clock.advance(std::time::Duration::from_secs(40 * 24 * 60 * 60));
    let page = open(&api, &session(&api, activate.clone()).await).await;
    for part in
        ["<dd>$20.00 per year</dd>", "The plan renews on January 1, 2027 for $20.00, and then until you cancel."]
    {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
    api.clock.advance(std::time::Duration::from_secs(366 * 24 * 60 * 60));
    let late = open(&api, &session(&api, activate).await).await;
    assert!(late.text.contains("the period that ended on January 1, 2027. Later periods are charged"), "{}", late.text);
    assert_eq!(submit(&api, &late).await.status, 303);
    assert_eq!(api.sandbox.advance_days(0), 1, "the second period");
    let billing = api.billing("u").await;
    assert_eq!(billing["invoices"].as_array().unwrap().len(), 2);
    let customer = crate::text(&billing["customer"]["id"]);
    let portal = open(&api, &format!("{}/{customer}", crate::text(&billing["billingPortalUrl"]))).await;
    assert!(portal.text.contains("$20.00 per year"), "{}", portal.text);
}

#[tokio::test]
async fn a_declined_card_buys_nothing_and_leaves_the_session_open() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "product", "priceSlug": "pro_monthly" })).await;
    let declined = send(api.client.post(format!("{url}/decline"))).await;
    assert_eq!(declined.status, 303);
    let page =
        send(api.client.get(format!("{}{}", api.sandbox.base_url(), declined.headers["location"].to_str().unwrap())));
    let page = page.await;
    assert!(page.text.contains("Your card was declined") && page.text.contains("Pay $20.00"), "{}", page.text);
    assert_eq!(api.billing("u").await["invoices"], json!([]));
    assert_eq!(submit(&api, &page).await.status, 303);
    assert_eq!(send(api.client.post(format!("{url}/decline"))).await.status, 409);
}

#[tokio::test]
async fn authentication_comes_before_the_payment() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "product", "priceSlug": "pro_monthly" })).await;
    let bank = open(&api, &format!("{url}/authentication")).await;
    assert!(bank.text.contains("Confirm the payment") && bank.text.contains("$20.00"), "{}", bank.text);
    assert_eq!(api.billing("u").await["invoices"], json!([]));
    let confirmed = submit(&api, &bank).await;
    assert_eq!(
        (confirmed.status, &confirmed.headers["location"]),
        (303, &"https://app.example.com/ok".parse().unwrap())
    );
    assert_eq!(open(&api, &format!("{url}/authentication")).await.status, 200);
}

#[tokio::test]
async fn pages_of_other_sites_cannot_pay() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "product", "priceSlug": "pro_monthly" })).await;
    let foreign = api.client.post(format!("{url}/pay")).header("origin", "https://evil.example");
    assert_eq!(send(foreign).await.status, 403);
    assert_eq!(open(&api, &url).await.status, 200);
}

#[tokio::test]
async fn a_session_that_failed_says_so() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "product", "priceSlug": "pro_monthly" })).await;
    api.sandbox.fail_checkout_session(url.rsplit('/').next().unwrap()).unwrap();
    let page = open(&api, &url).await;
    assert!(page.text.contains("The payment of this checkout failed"), "{}", page.text);
}

#[tokio::test]
async fn hostile_names_and_addresses_stay_text() {
    let api = Api::start().await;
    let customer =
        json!({ "email": "\"><img src=x onerror=alert(1)>", "name": "<script>alert(1)</script>", "externalId": "u" });
    api.post("/customers", json!({ "customer": customer })).await.ok();
    let fields = json!({ "type": "product", "priceSlug": "pro_monthly", "outputName": "</h1><script>",
        "successUrl": "javascript:alert(1)", "cancelUrl": "java\nscript:alert(1)" });
    let url = session(&api, fields).await;
    let page = open(&api, &url).await;
    assert!(!page.text.contains("<script") && !page.text.contains("<img"), "{}", page.text);
    assert!(!page.text.contains("script:alert"), "{}", page.text);
    assert!(page.text.contains("cancelUrl is no address"), "{}", page.text);
    let paid = submit(&api, &page).await;
    assert_eq!(paid.status, 200);
    assert!(!paid.headers.contains_key("location") && !paid.text.contains("javascript:"), "{}", paid.text);
}

#[tokio::test]
async fn an_apps_own_scheme_is_redirected_to() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let fields =
        json!({ "type": "add_payment_method", "successUrl": "myapp://paid?a=1&b=2", "cancelUrl": "myapp://no?x=\"" });
    let page = open(&api, &session(&api, fields).await).await;
    assert_eq!(submit(&api, &page).await.headers["location"], "myapp://paid?a=1&b=2");
}

#[tokio::test]
async fn unknown_and_expired_sessions_have_pages_too() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let url = session(&api, json!({ "type": "add_payment_method" })).await;
    let page = open(&api, &url).await;
    api.clock.advance(std::time::Duration::from_secs(24 * 60 * 60));
    assert_eq!(open(&api, &url).await.status, 410);
    assert_eq!(submit(&api, &page).await.status, 410);
    let unknown = open(&api, &format!("{}/checkout/nope", api.sandbox.base_url())).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("<h1>No such checkout</h1>"), "{}", unknown.text);
}
