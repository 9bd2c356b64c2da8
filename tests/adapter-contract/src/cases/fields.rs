//! The allowed values of body fields.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    App, Start,
    cases::sessions::STRICT,
    documents::{billing, customer, subscription},
    samples::{assert_recorded, script, working},
    upstream::refusal,
};

const URLS: &str = r#""successUrl":"https://a.example","cancelUrl":"https://a.example""#;

/// Bodies that break one or several rules.
fn broken() -> Vec<(&'static str, String)> {
    let long = format!(r#"{{"resourceSlug":"seats","externalId":"{}"}}"#, "x".repeat(256));
    let fixed = BROKEN_CHANGES.iter().chain(BROKEN_USES).chain(BROKEN_READS);
    let fixed = fixed.flat_map(|(action, bodies)| bodies.iter().map(|body| (*action, (*body).to_owned())));
    fixed.chain([("resources/claim", long)]).chain(broken_checkouts()).collect()
}

type Broken = (&'static str, &'static [&'static str]);

const BROKEN_CHANGES: &[Broken] = &[
    (
        "customers/update",
        &[
            "{}",
            r#"{"customer":null}"#,
            r#"{"customer":[]}"#,
            r#"{"customer":{"name":7,"email":"ada","phone":null,"billingAddress":"home"}}"#,
            r#"{"customer":{"email":""}}"#,
        ],
    ),
    (
        "subscriptions/cancel",
        &[
            "{}",
            r#"{"id":"","cancellation":{}}"#,
            r#"{"id":7,"cancellation":{"timing":"tomorrow"}}"#,
            r#"{"id":"sub_1","cancellation":"immediately"}"#,
            r#"{"id":"sub_1","cancellation":{"timing":null}}"#,
        ],
    ),
    ("subscriptions/uncancel", &["{}", r#"{"id":null}"#, r#"{"id":"a/b"}"#]),
    (
        "subscriptions/adjust",
        &[
            "{}",
            r#"{"priceSlug":"a","priceId":"b"}"#,
            r#"{"priceSlug":"a","subscriptionItems":[{"priceId":"b"}]}"#,
            r#"{"priceSlug":""}"#,
            r#"{"priceId":null}"#,
            r#"{"priceSlug":"a","quantity":0,"timing":"soon","prorate":1,"subscriptionId":""}"#,
            r#"{"priceSlug":"a","quantity":1.5}"#,
            r#"{"subscriptionItems":[]}"#,
            r#"{"subscriptionItems":{}}"#,
            r#"{"subscriptionItems":[7,{},{"priceId":"a","priceSlug":"b"},{"priceId":"a","quantity":0},{"priceSlug":""}]}"#,
            r#"{"subscriptionItems":[{"priceId":"a"}],"quantity":2}"#,
        ],
    ),
];

const BROKEN_USES: &[Broken] = &[
    (
        "usage-events/create",
        &[
            "{}",
            r#"{"priceId":"a","usageMeterId":"b"}"#,
            r#"{"priceId":"","amount":0,"subscriptionId":7,"transactionId":"","usageDate":"now","properties":[]}"#,
            r#"{"priceSlug":"","amount":1.5}"#,
            r#"{"usageMeterId":"a/b","amount":-1}"#,
            r#"{"usageMeterSlug":null,"amount":9007199254740992}"#,
            r#"{"usageMeterSlug":"a","amount":"1","usageDate":1.5}"#,
        ],
    ),
    (
        "resources/claim",
        &[
            "{}",
            r#"{"resourceSlug":"","quantity":0}"#,
            r#"{"resourceSlug":"seats","quantity":1,"externalId":"a"}"#,
            r#"{"resourceSlug":"seats","externalId":""}"#,
            r#"{"resourceSlug":"seats","externalIds":[]}"#,
            r#"{"resourceSlug":"seats","externalIds":["a","",7]}"#,
            r#"{"resourceSlug":"seats","claimIds":["a"]}"#,
            r#"{"resourceSlug":"seats","quantity":1,"metadata":{"a":null,"b":[],"c":{}},"subscriptionId":null}"#,
        ],
    ),
    (
        "resources/release",
        &[
            "{}",
            r#"{"resourceSlug":"seats","quantity":1.5}"#,
            r#"{"resourceSlug":"seats","claimIds":[]}"#,
            r#"{"resourceSlug":"seats","claimIds":["a","b/c"]}"#,
            r#"{"resourceSlug":7,"externalIds":"a"}"#,
        ],
    ),
];

const BROKEN_READS: &[Broken] = &[
    ("subscriptions/list", &[r#"{"includeHistorical":"yes"}"#, r#"{"includeHistorical":null}"#]),
    ("usage-meters/balances", &[r#"{"subscriptionId":""}"#, r#"{"subscriptionId":["sub_1"]}"#]),
    ("features/access", &[r#"{"subscriptionId":null}"#]),
    (
        "invoices/list",
        &[
            r#"{"limit":-1,"startingAfter":""}"#,
            r#"{"limit":1.5}"#,
            r#"{"limit":"1","startingAfter":7}"#,
            r#"{"limit":null}"#,
        ],
    ),
    (
        "purchases/list",
        &[
            r#"{"limit":-1,"startingAfter":""}"#,
            r#"{"limit":1.5}"#,
            r#"{"limit":"1","startingAfter":7}"#,
            r#"{"limit":null}"#,
        ],
    ),
    ("resources/usages", &[r#"{"subscriptionId":""}"#]),
    (
        "resources/usages/retrieve",
        &[
            "{}",
            r#"{"resourceSlug":"a","resourceId":"b"}"#,
            r#"{"resourceSlug":""}"#,
            r#"{"resourceId":"a/b","subscriptionId":7}"#,
        ],
    ),
    ("resources/claims", &[r#"{"resourceSlug":"","subscriptionId":""}"#]),
];

fn broken_checkouts() -> Vec<(&'static str, String)> {
    let long = "x".repeat(501);
    let product = [
        "{}".to_owned(),
        format!(r#"{{"priceId":"a","priceSlug":"b",{URLS}}}"#),
        format!(r#"{{"priceId":"",{URLS},"quantity":0,"outputName":7}}"#),
        format!(r#"{{"priceSlug":null,{URLS},"quantity":1.5}}"#),
        format!(r#"{{"priceSlug":"a",{URLS},"quantity":"1","outputName":null}}"#),
        format!(r#"{{"priceId":"a",{URLS},"outputMetadata":{{"ok":1,"null":null,"list":[],"long":"{long}"}}}}"#),
        format!(r#"{{"priceId":"a",{URLS},"outputMetadata":[]}}"#),
        r#"{"priceId":"a","successUrl":"javascript:alert(1)","cancelUrl":"/relative"}"#.to_owned(),
        r#"{"priceId":"a","successUrl":"data:text/html,x","cancelUrl":"vbscript:x"}"#.to_owned(),
        r#"{"priceId":"a","successUrl":"file:///etc/passwd","cancelUrl":"blob:https://a.example/1"}"#.to_owned(),
        r#"{"priceId":"a","successUrl":" JavaScript:alert(1)","cancelUrl":"java\nscript:alert(1)"}"#.to_owned(),
        r#"{"priceId":"a","successUrl":"","cancelUrl":7}"#.to_owned(),
    ];
    let card = [format!(r#"{{"targetSubscriptionId":"",{URLS}}}"#), r#"{"targetSubscriptionId":null}"#.to_owned()];
    let activate = [format!("{{{URLS}}}"), format!(r#"{{"targetSubscriptionId":"a/b","priceId":"",{URLS}}}"#)];
    let of = |action: &'static str| move |body| (action, body);
    let product = product.into_iter().map(of("checkout-sessions/create"));
    let card = card.into_iter().map(of("checkout-sessions/create-add-payment-method"));
    let activate = activate.into_iter().map(of("checkout-sessions/create-activate-subscription"));
    product.chain(card).chain(activate).collect()
}

/// Every rule of every field is checked before any request to Flowglad, and all problems are reported at once.
pub async fn every_rule_of_every_field_is_checked(start: Start) {
    let app = App::start(start).await;
    let mut record = String::new();
    for (action, body) in broken() {
        let reply = app.ask(action, &body).await;
        assert_eq!(reply.refusal(), (400, "validation_error".into()), "{action} {body}: {reply}");
        let _ = writeln!(record, "{action} {}", body.replace(&"x".repeat(256), "x…").replace("xxxxx", ""));
        let json = reply.json();
        for issue in json["error"]["json"]["issues"].as_array().unwrap() {
            let _ = writeln!(record, "    {}: {}", issue["path"], issue["message"].as_str().unwrap());
        }
    }
    assert!(app.upstream.requests().await.is_empty());
    assert_recorded("validation", &record);
    let one = app.ask("subscriptions/cancel", r#"{"cancellation":7}"#).await;
    assert_recorded("validation_reply", &one.to_string());
}

/// Unknown keys are ignored, except where a mistyped filter would silently return more data.
pub async fn unknown_keys_are_ignored_except_where_they_would_return_more_data(start: Start) {
    let app = App::start(start).await;
    for sample in working() {
        app.upstream.reset().await;
        script(&app.upstream).await;
        let mut body: Value = serde_json::from_str(sample.body).unwrap_or_else(|_| json!({}));
        body["limt"] = json!(1);
        let reply = app.ask(sample.action, &body.to_string()).await;
        if STRICT.contains(&sample.action) {
            assert_eq!(reply.refusal(), (400, "validation_error".into()), "{}", sample.action);
            assert_eq!(reply.json()["error"]["json"]["issues"][0]["path"], json!(["limt"]));
        } else {
            assert_eq!(reply.status, 200, "{}: {reply}", sample.action);
            let sent = app.upstream.bodies().await;
            assert!(!json!(sent).to_string().contains("limt"), "{}: {sent:?}", sample.action);
        }
    }
}

const HOSTILE: [&str; 14] = [
    "../customers/bob/archive",
    "sub_1?x=1",
    "sub_1#x",
    "%2e%2e",
    "..",
    ".",
    "",
    " ",
    "sub_1%2Fcancel",
    "sub_1/cancel",
    "sub_1\\cancel",
    "sub_1\r\nX-Evil: 1",
    "sub_1;x=1",
    "sub 1&customerId=bob",
];

/// Ids from the browser never change the path of a request to Flowglad.
pub async fn ids_from_the_browser_never_change_the_upstream_path(start: Start) {
    let app = App::start(start).await;
    for id in HOSTILE {
        for (action, body) in bodies_with(id) {
            app.upstream.reset().await;
            let ours = subscription("sub_1", "user_42", &[]);
            app.upstream.answer("GET", "/customers/user_42", json!({"customer": customer("user_42")})).await;
            app.upstream.answer("GET", "/customers/user_42/billing", billing("user_42", &[ours])).await;
            app.upstream.answer_all(refusal(404, "NOT_FOUND", "No such thing")).await;
            let reply = app.ask(action, &body.to_string()).await;
            assert!(matches!(reply.status, 400 | 403 | 404), "{action} {id:?}: {reply}");
            for request in app.upstream.received().await {
                assert_harmless(&request.url, id);
            }
        }
    }
}

fn bodies_with(id: &str) -> Vec<(&'static str, Value)> {
    let url = "https://a.example";
    vec![
        ("subscriptions/cancel", json!({"id": id, "cancellation": {"timing": "immediately"}})),
        ("subscriptions/uncancel", json!({"id": id})),
        ("subscriptions/adjust", json!({"priceSlug": "a", "subscriptionId": id})),
        ("usage-events/create", json!({"usageMeterSlug": "a", "subscriptionId": id})),
        ("usage-meters/balances", json!({"subscriptionId": id})),
        (
            "checkout-sessions/create-add-payment-method",
            json!({"successUrl": url, "cancelUrl": url, "targetSubscriptionId": id}),
        ),
        (
            "checkout-sessions/create-activate-subscription",
            json!({"successUrl": url, "cancelUrl": url, "targetSubscriptionId": id}),
        ),
        ("resources/usages", json!({"subscriptionId": id})),
        ("resources/usages/retrieve", json!({"resourceSlug": "seats", "subscriptionId": id})),
        ("resources/usages/retrieve", json!({"resourceId": id})),
        ("resources/usages/retrieve", json!({"resourceSlug": id})),
        ("resources/claims", json!({"subscriptionId": id})),
        ("resources/claims", json!({"resourceSlug": id})),
        ("resources/claim", json!({"resourceSlug": "seats", "quantity": 1, "subscriptionId": id})),
        ("resources/release", json!({"resourceSlug": "seats", "quantity": 1, "subscriptionId": id})),
    ]
}

/// Asserts that the path is one that a valid id produces, and that the id is one segment or one value of a known query
/// key.
fn assert_harmless(url: &reqwest::Url, id: &str) {
    let segments: Vec<&str> = url.path_segments().unwrap().collect();
    let as_expected = match segments[..] {
        ["api", "v1", "subscriptions", segment] => decoded(segment) == id,
        ["api", "v1", "customers", "user_42"]
        | ["api", "v1", "customers", "user_42", "billing" | "usage-balances"]
        | ["api", "v1", "resource-claims", "sub_1", "usage" | "usages" | "claims" | "claim" | "release"] => true,
        _ => false,
    };
    assert!(as_expected, "{id:?} reached {url}");
    for (key, value) in url.query_pairs() {
        let known = ["subscriptionId", "resourceSlug", "resourceId"].contains(&key.as_ref());
        assert!(known && value == id, "{id:?} reached {url}");
    }
    assert!(url.fragment().is_none() && url.query_pairs().count() <= 1, "{id:?} reached {url}");
}

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8().unwrap().into_owned()
}
