//! Name and email from Clerk's API.

use std::{sync::Arc, time::Duration};

use flowglad_core::{
    auth::{Clerk, Provider as _, SignedIn},
    clock::ManualClock,
    input::CustomerDetails,
    model::Timestamp,
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use crate::auth_sessions::NOW;

struct Setup {
    server: MockServer,
    clock: Arc<ManualClock>,
    clerk: Clerk,
}

async fn setup(answer: ResponseTemplate) -> Setup {
    let server = MockServer::start().await;
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(NOW * 1000)));
    let clerk = Clerk::new("https://clerk.example.com", ["https://app.example.com"]).unwrap();
    let clerk = clerk.secret_key("sk_test_clerk").unwrap().api_url(&format!("{}/", server.uri())).unwrap();
    let clerk = clerk.clock(Arc::clone(&clock));
    Mock::given(method("GET"))
        .and(path("/v1/users/user_ada"))
        .and(header("authorization", "Bearer sk_test_clerk"))
        .respond_with(answer)
        .mount(&server)
        .await;
    Setup { server, clock, clerk }
}

fn ada() -> Value {
    json!({
        "id": "user_ada", "first_name": "Ada", "last_name": "Lovelace", "username": null,
        "primary_email_address_id": "idn_2",
        "email_addresses": [
            {"id": "idn_1", "email_address": "old@example.com"},
            {"id": "idn_2", "email_address": "ada@example.com"},
        ],
    })
}

fn user(email: Option<&str>) -> SignedIn {
    let mut user = SignedIn::new("user_ada");
    user.email = email.map(str::to_owned);
    user
}

#[tokio::test]
async fn the_primary_address_is_read_once_a_minute() {
    let Setup { server, clock, clerk } = setup(ResponseTemplate::new(200).set_body_json(ada())).await;
    let found = CustomerDetails::new("Ada Lovelace", "ada@example.com");
    for requests in [1, 1, 2] {
        if requests == 2 {
            clock.advance(Duration::from_secs(60));
        }
        assert_eq!(clerk.details(&user(None)).await, Ok(found.clone()));
        assert_eq!(server.received_requests().await.unwrap().len(), requests);
    }
}

#[tokio::test]
async fn what_the_token_says_needs_no_request() {
    let Setup { server, clerk, .. } = setup(ResponseTemplate::new(500)).await;
    let details = clerk.details(&user(Some("ada@example.com"))).await;
    assert_eq!(details, Ok(CustomerDetails::new("", "ada@example.com")));
    let without_key = Clerk::new("https://clerk.example.com", ["https://app.example.com"]).unwrap();
    assert_eq!(without_key.details(&user(None)).await, Ok(CustomerDetails::new("", "")));
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn users_without_a_name_or_address_have_none() {
    for (answer, name, email) in [
        (json!({"username": "ada", "primary_email_address_id": "idn_9", "email_addresses": []}), "ada", ""),
        (json!({"first_name": "Ada", "last_name": "", "primary_email_address_id": null}), "Ada", ""),
        (json!({}), "", ""),
    ] {
        let setup = setup(ResponseTemplate::new(200).set_body_json(answer)).await;
        assert_eq!(setup.clerk.details(&user(None)).await, Ok(CustomerDetails::new(name, email)));
    }
    let deleted = setup(ResponseTemplate::new(404)).await;
    assert_eq!(deleted.clerk.details(&user(None)).await, Ok(CustomerDetails::new("", "")));
}

#[tokio::test]
async fn an_api_that_is_down_is_unavailable_and_not_remembered() {
    for answer in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(401),
        ResponseTemplate::new(429),
        ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/"),
        ResponseTemplate::new(200).set_body_string("[]"),
        ResponseTemplate::new(200).set_body_json(json!({"padding": "x".repeat(300 * 1024)})),
    ] {
        let Setup { server, clerk, .. } = setup(answer).await;
        for requests in 1..3 {
            let error = clerk.details(&user(None)).await.unwrap_err();
            assert!(!error.to_string().contains("sk_test") && !error.to_string().contains("user_ada"), "{error}");
            assert_eq!(server.received_requests().await.unwrap().len(), requests);
        }
    }
}

#[tokio::test]
async fn an_id_that_is_a_path_reaches_nothing() {
    let Setup { server, clerk, .. } = setup(ResponseTemplate::new(200).set_body_json(ada())).await;
    for id in ["../sessions", "user_ada/metadata", "user_ada?x=y", "user_ada#", "", ".", "%2e%2e"] {
        assert!(clerk.details(&SignedIn::new(id)).await.is_err(), "{id:?}");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
    assert!(!format!("{clerk:?}").contains("sk_test"));
}
