//! What a body may hold, and that nothing of it changes where a request goes.

use serde_json::{Value, json as object};
use wiremock::MockServer;

use crate::{
    act, answer, client,
    documents::{billing, customer, subscription},
    json, parsed, seen,
};

/// Every problem of a refused body, as `path: message`. No request may have been made.
async fn problems(action: &str, body: impl Into<String>) -> Vec<String> {
    let server = MockServer::start().await;
    let answer = act(&client(&server), action, body).await;
    let body = parsed(&answer);
    assert_eq!((answer.status, &body["error"]["code"]), (400, &object!("validation_error")), "{body}");
    assert!(seen(&server).await.is_empty());
    let issues = body["error"]["json"]["issues"].as_array().unwrap();
    issues.iter().map(|issue| format!("{}: {}", issue["path"], issue["message"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn all_problems_of_a_body_are_reported_at_once() {
    let checkout = object!({
        "priceId": "", "priceSlug": "pro", "successUrl": "/relative", "quantity": 1.5, "outputName": null,
        "outputMetadata": {"ok": 1, "list": [], "nothing": null, "long": "x".repeat(501)},
    });
    insta::assert_snapshot!(problems("checkout-sessions/create", checkout.to_string()).await.join("\n"), @r#"
    []: Give exactly one of priceId, priceSlug
    ["quantity"]: must be a whole number, 1 or more
    ["successUrl"]: must be an absolute URL such as https://app.example.com/paid
    ["cancelUrl"]: is required
    ["outputName"]: must be a string
    ["outputMetadata","list"]: must be a string, a number, true or false
    ["outputMetadata","nothing"]: must be a string, a number, true or false
    ["outputMetadata","long"]: values must be at most 500 characters long
    "#);
    let cancel = object!({"cancellation": {"timing": "tomorrow"}});
    insta::assert_snapshot!(problems("subscriptions/cancel", cancel.to_string()).await.join("\n"), @r#"
    ["id"]: is required
    ["cancellation","timing"]: must be one of: at_end_of_current_billing_period, immediately
    "#);
    let event = object!({"amount": 0, "usageMeterSlug": " ", "subscriptionId": 7, "transactionId": "", "usageDate": "now",
        "properties": []});
    insta::assert_snapshot!(problems("usage-events/create", event.to_string()).await.join("\n"), @r#"
    ["usageMeterSlug"]: must not be empty
    ["amount"]: must be a whole number, 1 or more
    ["subscriptionId"]: must be a string
    ["transactionId"]: must not be empty
    ["usageDate"]: must be a whole number, 0 or more
    ["properties"]: must be an object
    "#);
}

#[tokio::test]
async fn the_message_names_every_problem_for_a_person() {
    let server = MockServer::start().await;
    let answer = act(&client(&server), "subscriptions/cancel", r#"{"cancellation":7}"#).await;
    insta::assert_json_snapshot!(parsed(&answer), @r#"
    {
      "data": null,
      "error": {
        "code": "validation_error",
        "message": "id is required. cancellation must be an object.",
        "json": {
          "message": "id is required. cancellation must be an object.",
          "issues": [
            {
              "path": [
                "id"
              ],
              "message": "is required"
            },
            {
              "path": [
                "cancellation"
              ],
              "message": "must be an object"
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn actions_with_filters_refuse_keys_that_they_do_not_know() {
    for action in [
        "customerDetails",
        "subscriptions/list",
        "usage-meters/balances",
        "features/access",
        "payment-methods/list",
        "invoices/list",
        "purchases/list",
        "pricing-models/retrieve",
    ] {
        assert_eq!(problems(action, r#"{"limt":1}"#).await, [r#"["limt"]: is not a known field"#], "{action}");
    }
}

#[tokio::test]
async fn wrong_values_are_refused_before_any_request() {
    for (action, body) in [
        ("invoices/list", r#"{"limit":-1}"#),
        ("invoices/list", r#"{"limit":1.5}"#),
        ("purchases/list", r#"{"limit":"1"}"#),
        ("purchases/list", r#"{"startingAfter":""}"#),
        ("subscriptions/list", r#"{"includeHistorical":"yes"}"#),
        ("subscriptions/list", r#"{"includeHistorical":null}"#),
        ("features/access", r#"{"subscriptionId":""}"#),
        ("usage-meters/balances", r#"{"subscriptionId":"a/b"}"#),
        ("usage-events/create", "{}"),
        ("usage-events/create", r#"{"priceId":"p","usageMeterId":"m"}"#),
        ("usage-events/create", r#"{"priceId":"p","amount":9007199254740992}"#),
        ("checkout-sessions/create-activate-subscription", r#"{"successUrl":"https://a","cancelUrl":"https://a"}"#),
        ("checkout-sessions/create", r#"{"priceId":"p","successUrl":"javascript:alert(1)","cancelUrl":"https://a"}"#),
        (
            "checkout-sessions/create",
            r#"{"priceId":"p","quantity":0,"successUrl":"https://a","cancelUrl":"https://a"}"#,
        ),
    ] {
        assert_eq!(problems(action, body).await.len(), 1, "{action} {body}");
    }
}

#[tokio::test]
async fn an_unknown_record_to_start_after_is_a_problem_of_that_field() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42/billing", json(billing("user_42", &[]))).await;
    let answer = act(&client(&server), "invoices/list", r#"{"startingAfter":"inv_9"}"#).await;
    assert_eq!(answer.status, 400);
    assert_eq!(parsed(&answer)["error"]["json"]["issues"][0]["path"], object!(["startingAfter"]));
}

#[tokio::test]
async fn ids_from_the_browser_never_change_the_upstream_path() {
    let hostile = [
        "../customers/bob/archive",
        "sub_1?x=1",
        "sub_1#x",
        "%2e%2e",
        "..",
        ".",
        "",
        "sub_1%2Fcancel",
        "sub_1/cancel",
        "sub_1\\cancel",
        "sub_1\r\nX-Evil: 1",
        "sub_1;x=1",
        "sub 1",
    ];
    for id in hostile {
        let server = MockServer::start().await;
        answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
        let current = [subscription("sub_1", "user_42", &[])];
        answer(&server, "GET", "/customers/user_42/billing", json(billing("user_42", &current))).await;
        let flowglad = client(&server);
        let urls = object!({"successUrl": "https://a", "cancelUrl": "https://a", "targetSubscriptionId": id});
        let mut statuses = vec![
            act(
                &flowglad,
                "subscriptions/cancel",
                object!({"id": id, "cancellation": {"timing": "immediately"}}).to_string(),
            )
            .await
            .status,
            act(&flowglad, "subscriptions/uncancel", object!({"id": id}).to_string()).await.status,
            act(&flowglad, "checkout-sessions/create-activate-subscription", urls.to_string()).await.status,
            act(&flowglad, "checkout-sessions/create-add-payment-method", urls.to_string()).await.status,
            act(&flowglad, "usage-meters/balances", object!({"subscriptionId": id}).to_string()).await.status,
        ];
        statuses.dedup();
        assert!(statuses.iter().all(|status| [400, 404, 502].contains(status)), "{id:?}: {statuses:?}");

        for request in server.received_requests().await.unwrap() {
            assert_eq!(request.method, "GET", "{id:?}");
            let segments: Vec<&str> = request.url.path_segments().unwrap().collect();
            let harmless = match segments[..] {
                ["api", "v1", "customers", "user_42"] => true,
                ["api", "v1", "customers", "user_42", "usage-balances"] => {
                    let query: Vec<_> = request.url.query_pairs().collect();
                    query.len() == 1 && query[0] == ("subscriptionId".into(), id.into())
                }
                ["api", "v1", "subscriptions", segment] => segment.contains("%3F") || segment.starts_with("sub"),
                _ => false,
            };
            assert!(harmless, "{id:?} reached {}", request.url);
            let id_segment_only = request.url.query().is_none() || segments.last() == Some(&"usage-balances");
            assert!(id_segment_only && request.url.fragment().is_none(), "{id:?} reached {}", request.url);
        }
    }
}

#[tokio::test]
async fn an_external_id_with_syntax_in_it_stays_one_segment() {
    let server = MockServer::start().await;
    let who = flowglad_core::RequestingCustomer::new("a b?c#d%2Fe", "Ada", "ada@example.com").unwrap();
    let _ = client(&server).customer(&who).billing().await;
    assert_eq!(seen(&server).await, ["GET /customers/a%20b%3Fc%23d%252Fe/billing"]);
}

#[tokio::test]
async fn an_absent_body_needs_no_content_type() {
    use flowglad_core::action::{ActionRequest, Actions, Visitor};
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42/billing", json(billing("user_42", &[]))).await;
    let request = ActionRequest { method: "POST", subroute: "/invoices/list", content_type: None };
    let who = async { Ok::<_, ()>(Visitor::Customer(crate::ada())) };
    let answer = Actions::new(client(&server)).run(request, who, async { Ok("".into()) }).await.unwrap();
    assert_eq!(answer.status, 200);
    let data: Value = parsed(&answer);
    assert_eq!(data["data"]["invoices"].as_array().unwrap().len(), 3);
}
