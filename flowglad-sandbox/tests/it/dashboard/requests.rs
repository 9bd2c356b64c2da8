//! The requests of the API on the dashboard.

use reqwest::Method;
use serde_json::json;

use crate::{
    Api,
    dashboard::{assert_has, page_at, register_webhook},
    send,
};

#[tokio::test]
async fn requests_are_filtered_by_path_and_status() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.get("/customers/unknown").await;
    let all = page_at(&api, "/dashboard/requests").await;
    assert_has(&all, &["/api/v1/customers/unknown", ">404</span>", ">200</span>"]);
    let refused = page_at(&api, "/dashboard/requests?status=4").await;
    assert_has(&refused, &["/api/v1/customers/unknown"]);
    assert!(!refused.text.contains(">200</span>"), "{}", refused.text);
    let posts = page_at(&api, "/dashboard/requests?q=POST").await;
    assert!(!posts.text.contains("unknown") && posts.text.contains("/dashboard/requests/0"), "{}", posts.text);
    assert_has(&page_at(&api, "/dashboard/requests?q=nothing").await, &["No request has this"]);
}

#[tokio::test]
async fn a_request_has_both_bodies_and_no_key() {
    let api = Api::start().await;
    api.new_customer("user_42").await;
    let page = page_at(&api, "/dashboard/requests/0").await;
    assert_has(&page, &["POST", "/api/v1/customers", "&#34;externalId&#34;: &#34;user_42&#34;", "sk_test_…", "cust_"]);
    assert!(!page.text.contains(api.sandbox.api_key()), "{}", page.text);
}

#[tokio::test]
async fn secrets_of_webhooks_are_masked_in_bodies() {
    let api = Api::start().await;
    let created = register_webhook(&api, "http://127.0.0.1:9/hook").await;
    let secret = created["secret"].as_str().unwrap_or_else(|| created["webhook"]["secret"].as_str().unwrap());
    let found = page_at(&api, "/dashboard/requests?q=/webhooks").await.text;
    let link = found.split("href=\"/dashboard/requests/").nth(1).unwrap().split('"').next().unwrap();
    for path in [format!("/dashboard/requests/{link}"), "/dashboard/webhooks".to_owned()] {
        let page = page_at(&api, &path).await.text;
        assert!(page.contains("127.0.0.1:9/hook") && !page.contains(secret), "{page}");
    }
}

#[tokio::test]
async fn a_request_that_was_refused_before_it_was_read_has_a_page() {
    let api = Api::start().await;
    let refused = api.outside(Method::POST, "/api/v1/customers").json(&json!({ "secret": "x" }));
    assert_eq!(send(refused).await.status, 401);
    assert_has(&page_at(&api, "/dashboard/requests/0").await, &[">401</span>", "<dd class=\"mono\">none</dd>"]);
}
