//! Refusals of bad requests, and that no request stops the sandbox.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Api, send};

#[tokio::test]
async fn a_request_without_a_good_key_gets_a_plain_text_401() {
    let api = Api::start().await;
    let url = format!("{}/api/v1/customers/u", api.sandbox.base_url());
    for (header, start) in [
        (None, "Unauthorized. Authorization header is required"),
        (Some("Basic abc"), "Either the API key was missing, or it was in an invalid format."),
        (Some("sk_test_wrong"), "API key invalid. "),
        (Some("Bearer sk_test_wrong"), "API key invalid. "),
    ] {
        let mut request = api.client.get(&url);
        if let Some(value) = header {
            request = request.header("authorization", value);
        }
        let answer = send(request).await;
        assert_eq!(answer.status, 401);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
        assert!(answer.text.starts_with(start), "{}", answer.text);
    }
    let nowhere = send(api.client.get(format!("{}/api/v1/nowhere", api.sandbox.base_url()))).await;
    assert_eq!(nowhere.status, 401, "the key is checked before the path");
}

#[tokio::test]
async fn paths_without_an_operation_get_text_and_records_that_are_missing_get_json() {
    let api = Api::start().await;
    for (method, path) in [(Method::GET, "/nowhere"), (Method::PUT, "/customers"), (Method::POST, "/customers/u")] {
        let answer = send(api.request(method, path)).await;
        assert_eq!((answer.status, answer.text.as_str()), (404, "Not Found"), "{path}");
    }
    let missing = api.get("/customers/unknown").await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.headers["x-request-id"].to_str().unwrap(), missing.body["request_id"]);
    assert_eq!(
        (&missing.body["error"], &missing.body["code"]),
        (&json!("Customer with externalId unknown not found"), &json!("NOT_FOUND"))
    );
    let no_procedure = api.get("/webhooks").await.error(404);
    assert_eq!(no_procedure, "No procedure found on path \"webhooks.list\"");
    assert_eq!(send(api.request(Method::PATCH, "/customers")).await.status, 405);
    assert_eq!(send(api.request(Method::DELETE, "/customers/u")).await.status, 415);
}

#[tokio::test]
async fn all_issues_of_a_body_come_at_once() {
    let api = Api::start().await;
    let answer = api.post("/customers", json!({ "customer": { "email": 1, "name": null, "domain": [] } })).await;
    assert_eq!((answer.status, &answer.body["code"]), (400, &json!("BAD_REQUEST")));
    let issues = answer.body["error"].as_array().unwrap();
    let paths: Vec<&Value> = issues.iter().map(|issue| &issue["path"][1]).collect();
    assert_eq!(paths, ["email", "name", "domain", "externalId"]);
    assert_eq!(
        issues[3],
        json!({ "expected": "string", "code": "invalid_type", "path": ["customer", "externalId"],
            "message": "Invalid input: expected string, received undefined" })
    );
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_before_the_operation() {
    let api = Api::start().await;
    let post = || api.request(Method::POST, "/customers");
    for body in [String::new(), "{".to_owned(), "[".repeat(10_000), "{\"a\":1e999}".to_owned()] {
        let answer = send(post().header("content-type", "application/json").body(body)).await;
        assert_eq!(answer.status, 400);
        assert_eq!((&answer.body["error"], answer.body.get("code")), (&json!("Invalid JSON in request body"), None));
    }
    let text = send(post().header("content-type", "text/plain").body("{}")).await;
    assert_eq!((text.status, &text.body["code"]), (415, &json!("UNSUPPORTED_MEDIA_TYPE")));
    let large = send(post().header("content-type", "application/json").body(vec![b' '; 5 * 1024 * 1024])).await;
    assert_eq!(large.status, 413);
    assert_eq!(send(api.request(Method::POST, "/customers/u/archive")).await.status, 400, "archive needs a body");
}

#[tokio::test]
async fn an_external_id_is_taken_once_also_in_a_race() {
    let api = Api::start().await;
    let customer = json!({ "customer": { "email": "a@example.com", "name": "A", "externalId": "same" } });
    let (one, other) = tokio::join!(api.post("/customers", customer.clone()), api.post("/customers", customer));
    let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
    won.ok();
    assert_eq!(lost.headers["x-should-retry"], "false");
    assert_eq!(
        lost.error(409),
        "This pricing model id external id unique idx already exists. Please choose a different value."
    );
}

#[tokio::test]
async fn hostile_values_are_refused_and_the_server_goes_on() {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let id = api.current("u").await;
    for amount in [json!(0), json!(-1), json!(1.5), json!(1e300), json!("1"), json!(null), json!([]), json!(u64::MAX)] {
        let event =
            json!({ "subscriptionId": id, "usageMeterSlug": "api_calls", "amount": amount, "transactionId": "t" });
        assert_eq!(api.post("/usage-events", json!({ "usageEvent": event })).await.status, 400, "{amount}");
    }
    let most = 9_007_199_254_740_991_i64;
    assert_eq!(api.use_calls(&id, most, "t").await.status, 500);
    for transaction in 0..3 {
        api.use_calls(&id, i64::from(i32::MAX), &format!("t{transaction}")).await.ok();
    }
    let seats = json!({ "resourceSlug": "seats", "quantity": most });
    assert_eq!(api.post(&format!("/resource-claims/{id}/claim"), seats).await.status, 400);
    let session =
        api.checkout("u", json!({ "type": "product", "priceSlug": "pro_monthly", "quantity": i32::MAX })).await.ok();
    assert_eq!(send(api.client.get(session["url"].as_str().unwrap())).await.status, 200);
    let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "intervalCount": most });
    assert_eq!(api.post("/subscriptions", new).await.status, 500);
    for path in ["/customers/%FF", "/customers/%FF/billing", "/resource-claims/%00/usage", "/checkout-sessions/%2E%2E"]
    {
        let status = api.get(path).await.status;
        assert!((300..=500).contains(&status), "{path}: {status}");
    }
    assert_eq!(send(api.client.get(format!("{}/checkout/%FF", api.sandbox.base_url()))).await.status, 400);
    for body in [json!([]), json!("x"), json!(null), json!({ "checkoutSession": { "type": ["product"] } })] {
        assert_eq!(api.post("/checkout-sessions", body).await.status, 400);
    }
    api.billing("u").await;
}

#[tokio::test]
async fn a_form_that_does_not_fit_together_is_refused_and_the_key_stays_with_its_model() {
    let api = Api::start().await;
    let before = api.get("/pricing-models/default").await.ok();
    let form = json!({ "name": "Bad", "isDefault": true, "features": [], "usageMeters": [], "products": [
        { "product": { "name": "P", "slug": "p", "active": true },
          "price": { "type": "single_payment", "slug": "p", "unitPrice": 1, "isDefault": true }, "features": [] }] });
    let answer = api.post("/pricing-models/setup", form).await;
    assert_eq!((answer.status, &answer.body["error"][0]["path"]), (400, &json!(["products", 0, "price"])));
    assert_eq!(api.post("/pricing-models/setup", json!({ "name": "" })).await.status, 400);
    assert_eq!(api.get("/pricing-models/default").await.ok(), before);
}
