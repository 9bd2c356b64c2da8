//! The redirect to Flowglad's own page.

use std::convert::Infallible;

use adapter_contract::documents;
use flowglad_core::{
    Flowglad,
    action::RequestHandler,
    adapter::{ActionResponse, Identity},
};
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::{ada, answer, client, error_of, seen};

async fn portal(flowglad: &Flowglad, who: Identity) -> ActionResponse {
    RequestHandler::new(flowglad.clone()).portal(async { Ok::<_, Infallible>(who) }).await.unwrap()
}

/// Where a customer is sent whose document has this URL.
async fn sent_to(url: Value) -> ActionResponse {
    let server = MockServer::start().await;
    let mut document = documents::billing("user_42", &[]);
    document["billingPortalUrl"] = url;
    answer(&server, "GET", "/customers/user_42/billing", crate::json(document)).await;
    portal(&client(&server), Identity::Customer(ada())).await
}

#[tokio::test]
async fn a_customer_is_redirected_to_the_page_that_flowglad_names() {
    let response = sent_to(json!("https://app.flowglad.com/billing-portal/org_1")).await;
    assert_eq!(response.status, 303);
    assert_eq!(response.headers, [("location", "https://app.flowglad.com/billing-portal/org_1".to_owned())]);
    assert!(response.body.is_empty());
}

#[tokio::test]
async fn only_web_pages_are_redirected_to() {
    for url in [json!(null), json!(""), json!("/portal"), json!("javascript:alert(1)"), json!("myapp://billing")] {
        let response = sent_to(url.clone()).await;
        assert_eq!(error_of(&response), (404, "no_billing_portal".to_owned()), "{url}");
    }
    let response = sent_to(json!("https://a.example/x\r\nset-cookie: a=b")).await;
    assert_eq!(response.headers, [("location", "https://a.example/xset-cookie:%20a=b".to_owned())]);
}

#[tokio::test]
async fn who_is_not_signed_in_and_a_flowglad_that_is_down_are_answered_as_by_an_action() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42/billing", ResponseTemplate::new(502)).await;
    let flowglad = client(&server);
    assert_eq!(error_of(&portal(&flowglad, Identity::Anonymous).await), (401, "unauthorized".to_owned()));
    assert_eq!(seen(&server).await, [""; 0]);
    let down = portal(&flowglad, Identity::Customer(ada())).await;
    assert_eq!(error_of(&down), (502, "flowglad_unavailable".to_owned()));
}
