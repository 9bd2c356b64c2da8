//! Webhooks and their deliveries on the dashboard.

use flowglad_sandbox::Sandbox;

use crate::{
    Api,
    dashboard::{assert_has, page_at, register_webhook, submit},
};

/// A sandbox with a delivery that was not sent, and the path of its page.
async fn not_sent() -> (Api, String) {
    let api = Api::of(Sandbox::builder()).await;
    register_webhook(&api, "http://192.0.2.1/hook").await;
    api.new_customer("user_42").await;
    api.sandbox.wait_for_webhooks().await;
    let delivery = api.sandbox.webhook_deliveries().remove(0);
    let path = format!("/dashboard/webhooks/{}/deliveries/{}", delivery.webhook_id, delivery.id);
    (api, path)
}

#[tokio::test]
async fn webhooks_and_deliveries_are_listed_and_filtered() {
    let (api, path) = not_sent().await;
    let all = page_at(&api, "/dashboard/webhooks").await;
    assert_has(&all, &["http://192.0.2.1/hook", "customer.created, payment.succeeded", ">Not sent</span>", &path]);
    assert_has(&page_at(&api, "/dashboard/webhooks?q=user_42&state=refused").await, &[&path]);
    for filter in ["q=nothing", "state=delivered"] {
        let none = page_at(&api, &format!("/dashboard/webhooks?{filter}")).await;
        assert_has(&none, &["There is no such delivery."]);
    }
}

#[tokio::test]
async fn a_delivery_has_its_body_and_attempts_and_is_delivered_anew() {
    let (api, path) = not_sent().await;
    let page = page_at(&api, &path).await;
    assert_has(
        &page,
        &[
            "customer.created",
            "&#34;externalId&#34;: &#34;user_42&#34;",
            "192.0.2.1",
            "Attempts</h2><span class=\"soft\">1</span>",
        ],
    );
    assert!(!page.text.contains("whsec_"), "{}", page.text);
    assert_eq!(submit(&api, &format!("{path}/redeliver"), &[]).await.status, 303);
    api.sandbox.wait_for_webhooks().await;
    assert_has(&page_at(&api, &path).await, &["Attempts</h2><span class=\"soft\">2</span>"]);
}

#[tokio::test]
async fn a_customers_page_has_the_deliveries_about_it_only() {
    let (api, path) = not_sent().await;
    api.new_customer("other").await;
    let theirs = page_at(&api, &super::path_of(&api, "user_42").await).await;
    assert_has(&theirs, &[&path]);
    assert_eq!(theirs.text.matches("/deliveries/").count(), 1, "{}", theirs.text);
}
