//! The dashboard.

use reqwest::Method;
use serde_json::json;

use crate::{Api, DAY_MS, NEW_YEAR, Reply, send};

async fn page(api: &Api) -> Reply {
    let page = send(api.outside(Method::GET, "/")).await;
    assert_eq!(page.status, 200);
    page
}

async fn press(api: &Api, action: &str) {
    let pressed = send(api.outside(Method::POST, action).header("sec-fetch-site", "same-origin")).await;
    assert_eq!((pressed.status, &pressed.headers["location"]), (303, &"/".parse().unwrap()));
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
    let model = api.get("/pricing-models/default").await.ok()["pricingModel"]["id"].clone();
    let webhook = json!({ "name": "w", "url": "http://192.0.2.1/hook", "pricingModelId": model,
        "filterTypes": ["customer.created"] });
    api.post("/webhooks", json!({ "webhook": webhook })).await.ok();
    api.new_customer("user_42").await;
    api.buy("user_42", "pro_monthly").await;
    api.get("/customers/unknown").await;
    api.sandbox.wait_for_webhooks().await;
    let page = page(&api).await;
    for part in [
        "Ada Example",
        "ada@example.com",
        "user_42",
        "Pro - Pro monthly",
        ">active</span>",
        "2026-02-01",
        "API calls",
        "1000",
        "$20.00",
        ">paid</span>",
        "/api/v1/customers/unknown",
        ">404</span>",
        "customer.created",
        "http://192.0.2.1/hook",
        ">not sent</span>",
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
async fn hostile_names_stay_text() {
    let api = Api::start().await;
    let hostile = [
        ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x"),
        ("{{ 7 * 7 }}", "&lt;b&gt;", "</bdi></td></table>"),
    ];
    for (name, email, external_id) in hostile {
        let customer = json!({ "name": name, "email": email, "externalId": external_id });
        api.post("/customers", json!({ "customer": customer })).await.ok();
    }
    api.get("/customers/%3Cscript%3E?<script>=\"'").await;
    let page = page(&api).await.text;
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("&lt;b&gt;"), "{page}");
    assert_eq!(page.matches("</table>").count(), 2, "only those of customers and requests: {page}");
    assert!(page.contains("{{ 7 * 7 }}"));
}
