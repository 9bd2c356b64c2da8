//! The actions as a browser meets them: envelope, order of checks, requests made, data given.

use std::num::NonZeroUsize;

use flowglad_core::{
    InvalidCustomer, RequestingCustomer,
    action::{Action, ActionRequest, Actions, BodyError, Visitor},
};
use serde_json::{Value, json as object};
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    act, act_as, ada, answer, client,
    documents::{billing, customer, not_found, pricing_model, refusal, subscription, toggle},
    error_of, json, on, parsed, seen,
};

const BILLING: &str = "/customers/user_42/billing";
const URLS: &str = r#""successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no""#;

const HOSTED_CHECKOUT: &str =
    r#"{"url":"https://pay","checkoutSession":{"new":1,"status":"open","id":"chckt_session_1"}}"#;

async fn upstream() -> MockServer {
    let server = MockServer::start().await;
    let current = [subscription("sub_1", "user_42", &["export"])];
    answer(&server, "GET", BILLING, json(billing("user_42", &current))).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    answer(&server, "GET", "/pricing-models/default", json(object!({"pricingModel": pricing_model()}))).await;
    let hosted = ResponseTemplate::new(200).set_body_string(HOSTED_CHECKOUT);
    answer(&server, "POST", "/checkout-sessions", hosted).await;
    answer(&server, "GET", "/customers/user_42/usage-balances", json(object!({"usageMeterBalances": [], "new": 1})))
        .await;
    let sub = object!({"subscription": subscription("sub_1", "user_42", &[]), "new": {"field": 1}});
    answer(&server, "GET", "/subscriptions/sub_1", json(&sub)).await;
    answer(&server, "POST", "/subscriptions/sub_1/cancel", json(&sub)).await;
    answer(&server, "PUT", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    answer(&server, "POST", "/subscriptions/sub_1/adjust", json(&sub)).await;
    let usage =
        object!({"resourceSlug": "seats", "resourceId": "resource_1", "capacity": 5, "claimed": 2, "available": 3});
    let taken = object!({"usage": usage, "claims": []});
    answer(&server, "GET", "/resource-claims/sub_1/usages", json(object!([taken]))).await;
    answer(&server, "GET", "/resource-claims/sub_1/usage", json(&taken)).await;
    answer(&server, "GET", "/resource-claims/sub_1/claims", json(object!({"claims": []}))).await;
    answer(&server, "POST", "/resource-claims/sub_1/claim", json(&taken)).await;
    let released = object!({"releasedClaims": [], "usage": usage});
    answer(&server, "POST", "/resource-claims/sub_1/release", json(released)).await;
    let event = object!({"id": "e", "subscriptionId": "sub_1", "amount": 1, "transactionId": "t"});
    answer(&server, "POST", "/usage-events", json(object!({"usageEvent": event}))).await;
    server
}

/// A customer's action with a good body, and the requests it may cost.
const BUDGET: &[(&str, &str, usize)] = &[
    ("customers/billing", "", 1),
    ("customers/find-or-create", "{}", 1),
    ("customerDetails", "{}", 1),
    ("subscriptions/list", "{}", 1),
    ("features/access", "{}", 1),
    ("usage-meters/balances", "{}", 1),
    ("payment-methods/list", "{}", 1),
    ("invoices/list", "{}", 1),
    ("purchases/list", "{}", 1),
    ("pricing-models/retrieve", "{}", 1),
    ("checkout-sessions/create", r#"{"priceId":"price_pro","successUrl":"https://a/","cancelUrl":"https://a/"}"#, 1),
    (
        "checkout-sessions/create",
        r#"{"priceSlug":"pro_monthly","successUrl":"https://a/","cancelUrl":"https://a/"}"#,
        2,
    ),
    ("checkout-sessions/create-add-payment-method", r#"{"successUrl":"https://a/","cancelUrl":"https://a/"}"#, 1),
    (
        "checkout-sessions/create-activate-subscription",
        r#"{"targetSubscriptionId":"sub_1","successUrl":"https://a/","cancelUrl":"https://a/"}"#,
        3,
    ),
    ("subscriptions/cancel", r#"{"id":"sub_1","cancellation":{"timing":"immediately"}}"#, 3),
    ("subscriptions/uncancel", r#"{"id":"sub_1"}"#, 2),
    ("usage-events/create", r#"{"usageMeterSlug":"api_calls"}"#, 2),
    ("customers/update", r#"{"customer":{"name":"Ada Lovelace"}}"#, 1),
    ("subscriptions/adjust", r#"{"priceSlug":"team"}"#, 2),
    ("subscriptions/adjust", r#"{"priceSlug":"team","subscriptionId":"sub_1"}"#, 3),
    ("resources/usages", "", 2),
    ("resources/usages/retrieve", r#"{"resourceSlug":"seats"}"#, 2),
    ("resources/claims", "{}", 2),
    ("resources/claim", r#"{"resourceSlug":"seats","quantity":1}"#, 2),
    ("resources/release", r#"{"resourceSlug":"seats","quantity":1,"subscriptionId":"sub_1"}"#, 3),
];

#[tokio::test]
async fn every_action_stays_within_its_budget_of_requests() {
    for (action, body, budget) in BUDGET {
        let server = upstream().await;
        let answer = act(&client(&server), action, *body).await;
        assert_eq!(answer.status, 200, "{action}: {answer:?}");
        let requests = seen(&server).await;
        assert_eq!(requests.len(), *budget, "{action}: {requests:?}");
    }
}

#[tokio::test]
async fn billing_passes_through_byte_for_byte() {
    let mut document = billing("user_42", &[subscription("sub_1", "user_42", &["export"])]);
    document["invented"] =
        (0..4000).map(|n| object!({"field": n, "text": "ünïcödé \u{2028} \\u0041 </script>"})).collect();
    // Spelled in ways that no serializer of ours would choose: the point is that none touches it.
    let body = format!("{{ \"spaced\" :1.50e+1,\"esc\\u0061ped\":\"\\u00e9\\/\",{}", &document.to_string()[1..]);
    assert!(body.len() > 200_000, "{}", body.len());
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, ResponseTemplate::new(200).set_body_raw(body.clone(), "application/json")).await;

    let answer = act(&client(&server), "customers/billing", "{}").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers, [("content-type", "application/json".to_owned())]);
    assert!(answer.body == format!("{{\"data\":{body}}}"), "the bytes differ");
}

#[tokio::test]
async fn replies_to_changes_pass_through_with_unknown_fields() {
    let server = upstream().await;
    let flowglad = client(&server);
    let cancel =
        act(&flowglad, "subscriptions/cancel", r#"{"id":"sub_1","cancellation":{"timing":"immediately"}}"#).await;
    assert_eq!(parsed(&cancel)["data"]["new"]["field"], 1);
    let checkout = act(&flowglad, "checkout-sessions/create", format!(r#"{{"priceId":"price_pro",{URLS}}}"#)).await;
    assert_eq!(checkout.body, format!(r#"{{"data":{HOSTED_CHECKOUT}}}"#));
}

#[tokio::test]
async fn data_of_every_read_has_the_form_that_the_hooks_expect() {
    let server = upstream().await;
    let flowglad = client(&server);
    let data = async |action, body| parsed(&act(&flowglad, action, body).await)["data"].take();

    insta::assert_json_snapshot!(data("customerDetails", "{}").await, @r#"
    {
      "customer": {
        "id": "cust_user_42",
        "livemode": false,
        "email": "ada@example.com",
        "name": "Ada",
        "externalId": "user_42",
        "createdAt": "2026-01-01T12:00:00.000Z",
        "updatedAt": "2026-01-01T12:00:00.040Z"
      }
    }
    "#);
    insta::assert_json_snapshot!(data("features/access", "{}").await, @r#"
    {
      "features": [
        {
          "id": "sub_feature_export",
          "livemode": false,
          "slug": "export",
          "name": "export"
        }
      ]
    }
    "#);
    insta::assert_json_snapshot!(data("usage-meters/balances", "{}").await, @r#"
    {
      "usageMeterBalances": [],
      "new": 1
    }
    "#);
    insta::assert_json_snapshot!(data("payment-methods/list", "{}").await, @r#"
    {
      "paymentMethods": [
        {
          "id": "pm_1",
          "type": "card",
          "default": true,
          "paymentMethodData": {
            "last4": "4242"
          }
        }
      ],
      "billingPortalUrl": "https://app.flowglad.com/billing-portal/org_1"
    }
    "#);
    insta::assert_json_snapshot!(data("purchases/list", "{}").await, @r#"
    {
      "purchases": [
        {
          "id": "prch_1",
          "status": "paid",
          "priceId": "price_pro"
        }
      ]
    }
    "#);
    insta::assert_json_snapshot!(data("invoices/list", r#"{"limit":1,"startingAfter":"inv_1"}"#).await, @r#"
    {
      "invoices": [
        {
          "invoice": {
            "id": "inv_2",
            "status": "paid",
            "subtotal": 2000,
            "currency": "USD"
          },
          "invoiceLineItems": []
        }
      ]
    }
    "#);
    insta::assert_json_snapshot!(data("customers/find-or-create", "").await, @r#"
    {
      "customer": {
        "id": "cust_user_42",
        "externalId": "user_42",
        "email": "ada@example.com",
        "name": "Ada",
        "livemode": false,
        "createdAt": 1767268800000,
        "updatedAt": 1767268800040
      }
    }
    "#);

    let subscriptions = data("subscriptions/list", "").await;
    assert_eq!(subscriptions["currentSubscription"]["id"], "sub_1");
    assert_eq!(subscriptions["subscriptions"], subscriptions["currentSubscriptions"]);
    let pricing = data("pricing-models/retrieve", "").await;
    assert_eq!((&pricing["source"], &pricing["pricingModel"]), (&object!("customer"), &pricing_model()));
}

#[tokio::test]
async fn historical_subscriptions_come_only_when_asked_for() {
    let server = MockServer::start().await;
    let mut document = billing("user_42", &[]);
    document["subscriptions"] = object!([subscription("sub_old", "user_42", &[])]);
    answer(&server, "GET", BILLING, json(document)).await;
    let flowglad = client(&server);
    let list = async |body: &str| parsed(&act(&flowglad, "subscriptions/list", body).await)["data"].take();
    assert_eq!(
        list("{}").await,
        object!({"subscriptions": [], "currentSubscriptions": [], "currentSubscription": null})
    );
    assert_eq!(list(r#"{"includeHistorical":true}"#).await["subscriptions"][0]["id"], "sub_old");
}

#[tokio::test]
async fn features_are_the_first_of_each_slug_over_the_current_subscriptions() {
    let mut again = toggle("export");
    again["id"] = "sub_feature_again".into();
    let mut second = subscription("sub_2", "user_42", &["support"]);
    second["experimental"]["featureItems"].as_array_mut().unwrap().push(again);
    let server = MockServer::start().await;
    let current = [subscription("sub_1", "user_42", &["export"]), second];
    answer(&server, "GET", BILLING, json(billing("user_42", &current))).await;
    let flowglad = client(&server);
    let ids = async |body: &str| {
        let features = parsed(&act(&flowglad, "features/access", body).await)["data"]["features"].take();
        features
            .as_array()
            .unwrap()
            .iter()
            .map(|feature| feature["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("{}").await, ["sub_feature_export", "sub_feature_support"]);
    assert_eq!(ids(r#"{"subscriptionId":"sub_2"}"#).await, ["sub_feature_support", "sub_feature_again"]);
    assert!(ids(r#"{"subscriptionId":"sub_old"}"#).await.is_empty());
}

#[tokio::test]
async fn identity_comes_from_the_session_whatever_the_body_says() {
    let server = upstream().await;
    let body = format!(r#"{{"priceId":"price_pro","customerExternalId":"bob","type":"purchase",{URLS},"quantity":2}}"#);
    act(&client(&server), "checkout-sessions/create", body).await;
    let sent: Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    insta::assert_json_snapshot!(sent, @r#"
    {
      "checkoutSession": {
        "type": "product",
        "priceId": "price_pro",
        "quantity": 2,
        "customerExternalId": "user_42",
        "successUrl": "https://a.example/ok",
        "cancelUrl": "https://a.example/no"
      }
    }
    "#);
}

#[tokio::test]
async fn every_checkout_sends_what_it_was_asked_to() {
    let server = upstream().await;
    let flowglad = client(&server);
    let extras = r#""outputName":"Team","outputMetadata":{"seats":3,"gift":true,"note":"hi"}"#;
    let product = format!(r#"{{"priceSlug":"pro_monthly",{URLS},{extras}}}"#);
    let card = format!(r#"{{"targetSubscriptionId":"sub_1",{URLS}}}"#);
    let activate = format!(r#"{{"targetSubscriptionId":"sub_1","priceId":"price_pro",{URLS}}}"#);
    act(&flowglad, "checkout-sessions/create", product).await;
    act(&flowglad, "checkout-sessions/create-add-payment-method", card).await;
    act(&flowglad, "checkout-sessions/create-activate-subscription", activate).await;
    let posts: Vec<Value> = (server.received_requests().await.unwrap().iter())
        .filter(|request| request.method == "POST")
        .map(|request| request.body_json().unwrap())
        .collect();
    insta::assert_json_snapshot!(posts, @r#"
    [
      {
        "checkoutSession": {
          "type": "product",
          "priceId": "price_pro",
          "quantity": 1,
          "customerExternalId": "user_42",
          "successUrl": "https://a.example/ok",
          "cancelUrl": "https://a.example/no",
          "outputName": "Team",
          "outputMetadata": {
            "gift": true,
            "note": "hi",
            "seats": 3
          }
        }
      },
      {
        "checkoutSession": {
          "type": "add_payment_method",
          "targetSubscriptionId": "sub_1",
          "customerExternalId": "user_42",
          "successUrl": "https://a.example/ok",
          "cancelUrl": "https://a.example/no"
        }
      },
      {
        "checkoutSession": {
          "type": "activate_subscription",
          "targetSubscriptionId": "sub_1",
          "priceId": "price_pro",
          "customerExternalId": "user_42",
          "successUrl": "https://a.example/ok",
          "cancelUrl": "https://a.example/no"
        }
      }
    ]
    "#);
}

#[tokio::test]
async fn a_price_slug_that_the_customer_cannot_buy_is_not_found() {
    let server = upstream().await;
    let answer = act(&client(&server), "checkout-sessions/create", format!(r#"{{"priceSlug":"gold",{URLS}}}"#)).await;
    assert_eq!(error_of(&answer), (404, "not_found".into()));
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
}

#[tokio::test]
async fn a_checkout_for_a_customer_that_flowglad_does_not_know_creates_it_first() {
    let server = MockServer::start().await;
    let unknown = refusal(500, "INTERNAL_SERVER_ERROR", "Invalid checkoutSession: Customer not found");
    on("POST", "/checkout-sessions").respond_with(unknown).up_to_n_times(1).mount(&server).await;
    let hosted = object!({"checkoutSession": {"id": "chckt_session_1", "status": "open"}, "url": "https://pay"});
    answer(&server, "POST", "/checkout-sessions", json(hosted)).await;
    answer(&server, "GET", "/customers/user_42", not_found()).await;
    answer(&server, "POST", "/customers", json(object!({"data": {"customer": customer("user_42")}}))).await;
    let answer =
        act(&client(&server), "checkout-sessions/create", format!(r#"{{"priceId":"price_pro",{URLS}}}"#)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = ["POST /checkout-sessions", "GET /customers/user_42", "POST /customers", "POST /checkout-sessions"];
    assert_eq!(seen(&server).await, expected);
}

#[tokio::test]
async fn a_refused_checkout_of_a_known_customer_is_not_sent_again() {
    let server = MockServer::start().await;
    let refused = refusal(500, "INTERNAL_SERVER_ERROR", "Unwrap called on Err: X: Invalid priceId: price_1");
    answer(&server, "POST", "/checkout-sessions", refused).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let answer =
        act(&client(&server), "checkout-sessions/create", format!(r#"{{"priceId":"price_pro",{URLS}}}"#)).await;
    let body = parsed(&answer);
    assert_eq!(error_of(&answer), (502, "flowglad_error".into()));
    assert_eq!(body["error"]["json"]["requestId"], "5b1f09c2");
    assert_eq!(seen(&server).await, ["POST /checkout-sessions", "GET /customers/user_42"]);
}

#[tokio::test]
async fn a_foreign_target_subscription_is_forbidden_before_any_session_is_opened() {
    let server = MockServer::start().await;
    let foreign = object!({"subscription": subscription("sub_1", "bob", &[])});
    answer(&server, "GET", "/subscriptions/sub_1", json(foreign)).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let flowglad = client(&server);
    for action in ["create-add-payment-method", "create-activate-subscription"] {
        let body = format!(r#"{{"targetSubscriptionId":"sub_1",{URLS}}}"#);
        let answer = act(&flowglad, &format!("checkout-sessions/{action}"), body).await;
        assert_eq!(error_of(&answer), (403, "forbidden".into()));
    }
    assert!(seen(&server).await.iter().all(|request| request.starts_with("GET")));
}

#[tokio::test]
async fn balances_of_an_unknown_customer_create_it_and_of_a_foreign_subscription_are_forbidden() {
    let server = MockServer::start().await;
    let balances = "/customers/user_42/usage-balances";
    on("GET", balances).respond_with(not_found()).up_to_n_times(1).mount(&server).await;
    answer(&server, "GET", balances, json(object!({"usageMeterBalances": []}))).await;
    answer(&server, "GET", "/customers/user_42", not_found()).await;
    answer(&server, "POST", "/customers", json(object!({"data": {"customer": customer("user_42")}}))).await;
    let first = act(&client(&server), "usage-meters/balances", "{}").await;
    assert_eq!(first.body, r#"{"data":{"usageMeterBalances":[]}}"#);

    let server = MockServer::start().await;
    answer(&server, "GET", balances, not_found()).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let foreign = act(&client(&server), "usage-meters/balances", r#"{"subscriptionId":"sub_of_bob"}"#).await;
    assert_eq!(error_of(&foreign), (403, "forbidden".into()));
    assert_eq!(seen(&server).await[0], "GET /customers/user_42/usage-balances?subscriptionId=sub_of_bob");
}

#[tokio::test]
async fn strangers_see_the_default_pricing_and_nothing_else() {
    let server = upstream().await;
    let flowglad = client(&server);
    for action in Action::ALL {
        let answer = act_as(&flowglad, Visitor::Anonymous, action.key(), "").await;
        if *action == Action::PricingModelsRetrieve {
            assert_eq!(parsed(&answer)["data"], object!({"pricingModel": pricing_model(), "source": "default"}));
        } else {
            assert_eq!(error_of(&answer), (401, "unauthorized".into()), "{action}");
        }
    }
    assert_eq!(seen(&server).await, ["GET /pricing-models/default"]);
}

#[tokio::test]
async fn pricing_of_a_customer_never_falls_back_to_the_default() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, ResponseTemplate::new(400)).await;
    answer(&server, "GET", "/pricing-models/default", json(object!({"pricingModel": pricing_model()}))).await;
    assert_eq!(error_of(&act(&client(&server), "pricing-models/retrieve", "").await).0, 502);
}

#[tokio::test]
async fn default_pricing_that_is_no_pricing_is_a_502() {
    for nothing in [object!({"pricingModel": null}), object!(null), object!({"pricingModel": "<html>"})] {
        let server = MockServer::start().await;
        answer(&server, "GET", "/pricing-models/default", json(nothing)).await;
        let answer = act_as(&client(&server), Visitor::Anonymous, "pricing-models/retrieve", "").await;
        assert_eq!(error_of(&answer), (502, "flowglad_unavailable".into()));
    }
}

#[tokio::test]
async fn a_session_without_a_valid_customer_is_told_what_is_wrong() {
    let server = upstream().await;
    let invalid = Visitor::from(RequestingCustomer::new("user_42", "Ada", ""));
    let answer = act_as(&client(&server), invalid, "customers/billing", "").await;
    assert_eq!(error_of(&answer), (401, "invalid_customer".into()));
    assert!(parsed(&answer)["error"]["message"].as_str().unwrap().contains("email is missing"));
    let invalid = Visitor::Invalid(InvalidCustomer::EmailMissing);
    assert_eq!(error_of(&act_as(&client(&server), invalid, "pricing-models/retrieve", "").await).0, 401);
    assert!(seen(&server).await.is_empty());
}

#[tokio::test]
async fn subscribing_without_checkout_is_not_for_browsers() {
    let server = upstream().await;
    let answer = act(&client(&server), "subscriptions/create", "{}").await;
    assert_eq!(error_of(&answer), (501, "not_implemented".into()));
    assert!(seen(&server).await.is_empty());
}

/// Runs a request on which several things are wrong; the first check in order must win.
async fn refused(
    method: &str,
    subroute: &str,
    who: Visitor,
    content_type: &str,
    body: Result<&'static str, BodyError>,
) -> u16 {
    let server = MockServer::start().await;
    let actions = Actions::new(client(&server));
    let request = ActionRequest { method, subroute, content_type: Some(content_type) };
    let answer = actions.run(request, async { Ok::<_, ()>(who) }, async { body.map(Into::into) }).await.unwrap();
    assert!(seen(&server).await.is_empty());
    answer.status
}

#[tokio::test]
async fn checks_come_in_order() {
    let nobody = || Visitor::Anonymous;
    let somebody = || Visitor::Customer(ada());
    let too_large = Err(BodyError::TooLarge);
    assert_eq!(refused("GET", "nonsense", nobody(), "text/plain", too_large).await, 404);
    assert_eq!(refused("GET", "customers/billing", nobody(), "text/plain", too_large).await, 405);
    assert_eq!(refused("POST", "customers/billing", nobody(), "text/plain", too_large).await, 401);
    assert_eq!(refused("POST", "customers/billing", somebody(), "text/plain", too_large).await, 415);
    assert_eq!(refused("POST", "customers/billing", somebody(), "application/json", too_large).await, 413);
    assert_eq!(refused("POST", "customers/billing", somebody(), "application/json", Err(BodyError::Broken)).await, 400);
    assert_eq!(refused("POST", "customers/billing", somebody(), "application/json", Ok("[]")).await, 400);
}

#[tokio::test]
async fn a_stranger_costs_no_body_and_an_unknown_route_no_session() {
    let server = MockServer::start().await;
    let actions = Actions::new(client(&server)).with_body_limit(NonZeroUsize::new(10).unwrap());
    assert_eq!(actions.body_limit(), 10);
    let unread = async { panic!("the body of a stranger was read") };
    let request = ActionRequest { method: "POST", subroute: "customers/billing", content_type: None };
    let answer = actions.run(request, async { Ok::<_, ()>(Visitor::Anonymous) }, unread).await.unwrap();
    assert_eq!(answer.status, 401);

    let unasked = async { panic!("the session was looked up") as Result<Visitor, ()> };
    let request = ActionRequest { subroute: "nonsense", ..request };
    assert_eq!(actions.run(request, unasked, async { Ok("".into()) }).await.unwrap().status, 404);
}

#[tokio::test]
async fn a_session_layer_that_broke_down_answers_for_itself() {
    let server = MockServer::start().await;
    let request = ActionRequest { method: "POST", subroute: "pricing-models/retrieve", content_type: None };
    let broken = async { Err("session store is down") };
    let answer = Actions::new(client(&server)).run(request, broken, async { Ok("".into()) }).await;
    assert_eq!(answer, Err("session store is down"));
}
