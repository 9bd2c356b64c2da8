//! The dashboard.

mod customer;
mod faults;
mod hostile_names;
mod live;
mod requests;
mod webhooks;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, Reply, send};

async fn page(api: &Api) -> Reply {
    page_at(api, "/").await
}

async fn page_at(api: &Api, path: &str) -> Reply {
    let page = send(api.outside(Method::GET, path)).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    page
}

async fn press(api: &Api, action: &str) {
    let pressed = submit(api, action, &[]).await;
    assert_eq!((pressed.status, &pressed.headers["location"]), (303, &"/".parse().unwrap()));
}

/// Sends a form as a page of the dashboard does.
async fn submit(api: &Api, action: &str, fields: &[(&str, &str)]) -> Reply {
    send(api.outside(Method::POST, action).header("sec-fetch-site", "same-origin").form(fields)).await
}

#[track_caller]
fn assert_has(page: &Reply, parts: &[&str]) {
    for part in parts {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
}

/// The path of the customer's page.
async fn path_of(api: &Api, external_id: &str) -> String {
    format!("/dashboard/customers/{}", crate::text(&api.billing(external_id).await["customer"]["id"]))
}

/// Registers a webhook for all that happens to customers and payments.
async fn register_webhook(api: &Api, url: &str) -> Value {
    let model = api.get("/pricing-models/default").await.ok()["pricingModel"]["id"].clone();
    let webhook = json!({ "name": "w", "url": url, "pricingModelId": model,
        "filterTypes": ["customer.created", "payment.succeeded"] });
    api.post("/webhooks", json!({ "webhook": webhook })).await.ok()
}

#[tokio::test]
async fn an_empty_sandbox_says_so() {
    let api = Api::start().await;
    let page = page(&api).await;
    for part in ["No customer yet", "No invoice yet", "not called yet", "Nothing was sent", "2026-01-01 00:00 UTC"] {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(!page.text.contains(api.sandbox.api_key()));
}

#[tokio::test]
async fn it_shows_who_has_what_and_what_went_on() {
    let api = Api::start().await;
    register_webhook(&api, "http://192.0.2.1/hook").await;
    api.new_customer("user_42").await;
    api.buy("user_42", "pro_monthly").await;
    api.get("/customers/unknown").await;
    api.sandbox.wait_for_webhooks().await;
    let page = page(&api).await;
    for part in [
        "Ada Example",
        "ada@example.com",
        "user_42",
        "<bdi>Pro</bdi>",
        ">Active</span>",
        "2026-02-01",
        "API calls",
        "1000",
        "$20.00",
        ">Paid</span>",
        "/api/v1/customers/unknown",
        ">404</span>",
        "customer.created",
        "http://192.0.2.1/hook",
        ">Not sent</span>",
    ] {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
}

#[tokio::test]
async fn its_buttons_do_what_they_say() {
    let api = Api::start().await;
    api.new_customer("u").await;
    press(&api, "/dashboard/advance-day").await;
    assert_eq!(api.clock.now_ms(), NEW_YEAR + DAY_MS);
    press(&api, "/dashboard/advance-month").await;
    assert_eq!(api.clock.now_ms(), NEW_YEAR + 32 * DAY_MS);
    assert!(page(&api).await.text.contains("2026-02-02 00:00 UTC"));
    press(&api, "/dashboard/fail-next-payment").await;
    assert!(page(&api).await.text.contains("The next payment will fail"));
    press(&api, "/dashboard/fail-next-payment").await;
    assert!(page(&api).await.text.contains("The next 2 payments will fail"));
    press(&api, "/dashboard/reset").await;
    assert!(page(&api).await.text.contains("No customer yet"));
}

#[tokio::test]
async fn pages_of_other_sites_cannot_press_its_buttons() {
    let api = Api::start().await;
    let reset = || api.outside(Method::POST, "/dashboard/reset");
    assert_eq!(send(reset().header("origin", "https://evil.example")).await.status, 403);
    assert_eq!(send(reset().header("sec-fetch-site", "cross-site")).await.status, 403);
    assert_eq!(send(api.outside(Method::GET, "/").header("host", "evil.example")).await.status, 403);
}

#[tokio::test]
async fn the_time_moves_to_a_chosen_minute_and_not_back() {
    let api = Api::start().await;
    let moved = submit(&api, "/dashboard/advance-to", &[("to", "2026-02-01T09:30")]).await;
    assert_eq!(moved.status, 303);
    assert_has(&page(&api).await, &["2026-02-01 09:30 UTC"]);
    for (to, reason) in [("2026-01-01T00:00", "is before now"), ("soon", "soon is no date and time")] {
        let refused = submit(&api, "/dashboard/advance-to", &[("to", to)]).await;
        assert_eq!(refused.status, 409);
        assert_has(&refused, &["Nothing was changed", reason]);
    }
}

#[tokio::test]
async fn buttons_lead_back_to_their_page() {
    let api = Api::start().await;
    let referer = format!("{}/dashboard/customers?q=a", api.sandbox.base_url());
    let pressed = api.outside(Method::POST, "/dashboard/advance-day").header("referer", referer);
    assert_eq!(send(pressed).await.headers["location"], "/dashboard/customers?q=a");
}

#[tokio::test]
async fn customers_are_searched_and_paged() {
    let api = Api::start().await;
    for number in 0..60 {
        let customer = json!({ "name": format!("Name {number:02}"), "email": "x@example.com",
            "externalId": format!("user_{number:02}") });
        api.post("/customers", json!({ "customer": customer })).await.ok();
    }
    let first = page_at(&api, "/dashboard/customers").await;
    assert_has(&first, &["1 to 50 of 60", "Name 59", "Name 10", "/dashboard/customers?from=50"]);
    assert!(!first.text.contains("Name 09"), "{}", first.text);
    let second = page_at(&api, "/dashboard/customers?from=50").await;
    assert_has(&second, &["51 to 60 of 60", "Name 09", "Newer"]);
    let found = page_at(&api, "/dashboard/customers?q=NAME+07").await;
    assert_has(&found, &["Found", "user_07"]);
    assert!(!found.text.contains("user_08"), "{}", found.text);
    assert_has(&page_at(&api, "/dashboard/customers?q=nothing").await, &["No customer has this"]);
}

#[tokio::test]
async fn the_catalog_shows_what_is_sold_and_by_which_names() {
    let api = Api::start().await;
    let catalog = page_at(&api, "/dashboard/catalog").await;
    assert_has(
        &catalog,
        &[
            "Starter SaaS",
            "The API key",
            "Default plan",
            "pro_monthly",
            "$20.00 per month",
            "export_csv",
            "credit_pack_500",
            "$9.00 once",
            "api_calls",
            "Usage meter",
            "Resource",
        ],
    );
}

#[tokio::test]
async fn what_does_not_exist_has_a_page_too() {
    let api = Api::start().await;
    for path in ["/dashboard/customers/cust_x", "/dashboard/requests/9", "/dashboard/webhooks/a/deliveries/b"] {
        let page = send(api.outside(Method::GET, path)).await;
        assert_eq!(page.status, 404, "{path}");
        assert_has(&page, &["Not found", "href=\"/\""]);
    }
}

#[tokio::test]
async fn the_dashboard_is_closed_where_the_control_api_is() {
    let api = Api::of(flowglad_sandbox::Sandbox::builder().control_api(false)).await;
    for path in ["/", "/dashboard/customers", "/dashboard/requests", "/dashboard/changes"] {
        assert_eq!(send(api.outside(Method::GET, path)).await.status, 404, "{path}");
    }
}
