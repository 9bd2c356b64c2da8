//! The page of one customer.

use serde_json::json;

use crate::{
    Api,
    dashboard::{assert_has, page_at, path_of, submit},
    each,
};

async fn pro() -> (Api, String) {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let path = path_of(&api, "u").await;
    (api, path)
}

#[tokio::test]
async fn it_shows_everything_that_the_customer_has() {
    let (api, path) = pro().await;
    api.buy("u", "credit_pack_500").await;
    let current = api.current("u").await;
    api.use_calls(&current, 7, "transaction-1").await.ok();
    let claim = json!({ "resourceSlug": "seats", "externalIds": ["seat-of-ada"] });
    api.post(&format!("/resource-claims/{current}/claim"), claim).await.ok();
    assert_has(
        &page_at(&api, &path).await,
        &[
            "Ada Example",
            "<bdi>Pro</bdi> <span class=\"badge good\">Active</span>",
            "2026-01-01 to 2026-02-01",
            "1 × $20.00",
            "export_csv",
            ">1493</span> left",
            "transaction-1",
            "−7",
            "+1000",
            "+500",
            "Granted by the plan",
            "expires 2026-02-01",
            "seat-of-ada",
            "subscription.created",
            "payment.succeeded",
            "purchase.completed",
            "Credit pack",
            "$29.00",
            "their billing portal",
        ],
    );
}

#[tokio::test]
async fn it_shows_the_plans_that_ended_after_those_that_did_not() {
    let (api, path) = pro().await;
    let page = page_at(&api, &path).await.text;
    let (current, ended) = (page.find("<bdi>Pro</bdi>").unwrap(), page.find("<bdi>Free</bdi>").unwrap());
    assert!(current < ended, "{page}");
}

#[tokio::test]
async fn time_moves_to_the_renewal_and_a_payment_fails_for_this_customer_only() {
    let (api, path) = pro().await;
    api.new_customer("other").await;
    api.buy("other", "pro_monthly").await;
    assert_eq!(submit(&api, &format!("{path}/fail-next-payment"), &[]).await.status, 303);
    assert_has(&page_at(&api, &path).await, &["The next payment of this customer will fail."]);
    assert_eq!(submit(&api, &format!("{path}/advance-to-renewal"), &[]).await.status, 303);
    assert_has(&page_at(&api, &path).await, &["<span class=\"badge bad\">Past due</span>", ">Failed</span>"]);
    assert_eq!(api.billing("other").await["currentSubscription"]["status"], "active");
    assert_eq!(submit(&api, &format!("{path}/advance-through-dunning"), &[]).await.status, 303);
    assert_eq!(api.billing("u").await["currentSubscription"]["status"], "active");
    let nothing_to_retry = submit(&api, &format!("{path}/advance-through-dunning"), &[]).await;
    assert_eq!(nothing_to_retry.status, 409);
    assert_has(&nothing_to_retry, &["Nothing was changed", "no declined payment"]);
}

#[tokio::test]
async fn the_buttons_act_on_this_customer_and_on_no_other_of_the_same_external_id() {
    let (api, archived) = pro().await;
    api.post("/customers/u/archive", json!({ "externalId": "u" })).await.ok();
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let path = path_of(&api, "u").await;
    let before = api.clock.now_ms();
    for action in ["fail-next-payment", "advance-to-renewal", "advance-through-dunning"] {
        assert!(!page_at(&api, &archived).await.text.contains(&format!("{archived}/{action}")));
        assert_has(&submit(&api, &format!("{archived}/{action}"), &[]).await, &["Nothing was changed", "archived"]);
    }
    assert_eq!(api.clock.now_ms(), before);
    assert!(!page_at(&api, &path).await.text.contains("will fail"));

    // The API key follows the pricing model that is set up last.
    let model = json!({ "name": "Second", "features": [], "products": [], "usageMeters": [] });
    api.post("/pricing-models/setup", model).await.ok();
    api.new_customer("u").await;
    let of_second_model = path_of(&api, "u").await;
    assert_eq!(submit(&api, &format!("{path}/fail-next-payment"), &[]).await.status, 303);
    assert_has(&page_at(&api, &path).await, &["The next payment of this customer will fail."]);
    assert!(!page_at(&api, &of_second_model).await.text.contains("will fail"));
}

#[tokio::test]
async fn credits_are_granted_to_the_current_plan() {
    let (api, path) = pro().await;
    let action = format!("{path}/grant-credits");
    assert_eq!(submit(&api, &action, &[("meter", "api_calls"), ("amount", "250")]).await.status, 303);
    assert_eq!(api.balance("u").await, 1250);
    for (meter, amount, reason) in [("other", "1", "no such usage meter"), ("api_calls", "0", "at least 1")] {
        let refused = submit(&api, &action, &[("meter", meter), ("amount", amount)]).await;
        assert_eq!(refused.status, 409);
        assert_has(&refused, &[reason]);
    }
    assert_eq!(api.balance("u").await, 1250);
}

#[tokio::test]
async fn a_plan_is_canceled_kept_and_ended() {
    let (api, path) = pro().await;
    let plan = format!("/dashboard/subscriptions/{}", api.current("u").await);
    let status = async || api.billing("u").await["currentSubscription"]["status"].clone();
    assert_eq!(submit(&api, &format!("{plan}/cancel"), &[]).await.status, 303);
    assert_eq!(status().await, "cancellation_scheduled");
    assert_has(&page_at(&api, &path).await, &["Cancels on", ">Keep</button>"]);
    assert_eq!(submit(&api, &format!("{plan}/keep"), &[]).await.status, 303);
    assert_eq!(status().await, "active");
    assert_eq!(submit(&api, &format!("{plan}/end"), &[]).await.status, 303);
    let billing = api.billing("u").await;
    assert!(each(&billing["subscriptions"], "status").contains(&&json!("canceled")));
    assert_eq!(submit(&api, "/dashboard/subscriptions/sub_x/end", &[]).await.status, 409);
}
