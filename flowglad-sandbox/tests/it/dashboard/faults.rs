//! The forms that plan faults.

use crate::{
    Api,
    dashboard::{assert_has, page_at, submit},
};

#[tokio::test]
async fn faults_of_requests_are_planned_and_removed() {
    let api = Api::start().await;
    let form =
        [("effect", "status"), ("amount", "503"), ("times", "2"), ("method", "GET"), ("path", "/api/v1/customers*")];
    assert_eq!(submit(&api, "/dashboard/faults/requests", &form).await.status, 303);
    assert_has(
        &page_at(&api, "/dashboard/faults").await,
        &["&#34;status&#34;:503", "/api/v1/customers*", "1 fault planned"],
    );
    assert_eq!(api.get("/customers/u").await.status, 503);
    assert_eq!(submit(&api, "/dashboard/faults/requests/0/remove", &[]).await.status, 303);
    assert_eq!(api.get("/customers/u").await.status, 404);
    for effect in ["delay", "rate_limited", "cut_before", "cut_after", "wrong_json"] {
        let form = [("effect", effect), ("amount", "10"), ("times", "1"), ("method", ""), ("path", "")];
        assert_eq!(submit(&api, "/dashboard/faults/requests", &form).await.status, 303, "{effect}");
    }
    assert_eq!(api.sandbox.faults().len(), 5);
    assert_eq!(submit(&api, "/dashboard/faults/requests/clear", &[]).await.status, 303);
    assert!(api.sandbox.faults().is_empty());
}

#[tokio::test]
async fn faults_of_deliveries_are_planned_and_removed() {
    let api = Api::start().await;
    for effect in ["copies", "slow_body", "held", "out_of_order", "wrong_signature", "unsigned", "old"] {
        let form = [("effect", effect), ("amount", "3"), ("times", "1"), ("event", "payment.failed")];
        assert_eq!(submit(&api, "/dashboard/faults/webhooks", &form).await.status, 303, "{effect}");
    }
    assert_eq!(api.sandbox.webhook_faults().len(), 7);
    assert_has(&page_at(&api, "/dashboard/faults").await, &["payment.failed", "&#34;wrongSignature&#34;:true"]);
    assert_eq!(submit(&api, "/dashboard/faults/webhooks/0/remove", &[]).await.status, 303);
    assert_eq!(api.sandbox.webhook_faults().len(), 6);
    assert_eq!(submit(&api, "/dashboard/faults/webhooks/clear", &[]).await.status, 303);
    assert!(api.sandbox.webhook_faults().is_empty());
}

#[tokio::test]
async fn a_fault_that_cannot_be_says_why() {
    let api = Api::start().await;
    for (form, reason) in [
        ([("effect", "status"), ("amount", "99"), ("times", "1")], "status must be from 200 to 599"),
        ([("effect", "status"), ("amount", ""), ("times", "1")], "the status must be a number"),
        ([("effect", "delay"), ("amount", "1"), ("times", "0")], "times must be at least 1"),
        ([("effect", "<b>"), ("amount", "1"), ("times", "1")], "there is no effect"),
    ] {
        let refused = submit(&api, "/dashboard/faults/requests", &form).await;
        assert_eq!(refused.status, 409);
        assert_has(&refused, &[reason]);
        assert!(!refused.text.contains("<b>"), "{}", refused.text);
    }
    assert!(api.sandbox.faults().is_empty());
}

#[tokio::test]
async fn the_whole_api_goes_down_and_up() {
    let api = Api::start().await;
    let choose = async |value, delay| {
        let form = [("availability", value), ("delay_ms", delay)];
        submit(&api, "/dashboard/faults/availability", &form).await.status
    };
    assert_eq!(choose("down", "").await, 303);
    assert_eq!(api.get("/customers/u").await.status, 503);
    assert_has(&page_at(&api, "/dashboard/faults").await, &["<span class=\"badge bad\">Down</span>"]);
    assert_eq!(choose("rate_limited", "").await, 303);
    assert_eq!(api.get("/customers/u").await.status, 401);
    assert_eq!((choose("slow", "1").await, choose("slow", "x").await), (303, 409));
    assert_eq!(choose("up", "").await, 303);
    assert_eq!(api.get("/customers/u").await.status, 404);
}
