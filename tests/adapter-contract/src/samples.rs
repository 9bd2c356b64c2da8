//! A valid request for every action, an upstream on which all of them succeed, and the recorded snapshots.

use flowglad_core::action::Action;
use serde_json::{Value, json};

use crate::{
    Upstream,
    documents::{billing, customer, pricing_model, subscription},
    upstream::text,
};

/// A valid request.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The action's key.
    pub action: &'static str,
    /// A valid body; empty for none.
    pub body: &'static str,
    /// The maximum number of requests to Flowglad.
    pub budget: usize,
}

const fn sample(action: &'static str, body: &'static str, budget: usize) -> Sample {
    Sample { action, body, budget }
}

/// A valid request for every implemented action, for some actions in several forms.
pub const SAMPLES: &[Sample] = &[
    sample("customers/billing", "", 1),
    sample("customers/find-or-create", "{}", 1),
    sample("customers/update", r#"{"customer":{"name":"Ada Lovelace"}}"#, 1),
    sample("customerDetails", "{}", 1),
    sample("subscriptions/list", "{}", 1),
    sample("features/access", "{}", 1),
    sample("usage-meters/balances", "{}", 1),
    sample("payment-methods/list", "{}", 1),
    sample("invoices/list", "{}", 1),
    sample("purchases/list", "{}", 1),
    sample("pricing-models/retrieve", "{}", 1),
    sample(
        "checkout-sessions/create",
        r#"{"type":"product","priceId":"price_pro","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#,
        1,
    ),
    sample(
        "checkout-sessions/create",
        r#"{"priceSlug":"pro_monthly","quantity":2,"successUrl":" https://a.example/ok ","cancelUrl":"myapp://no",
            "outputName":"Team","outputMetadata":{"seats":3,"gift":true,"note":"hi"}}"#,
        2,
    ),
    sample(
        "checkout-sessions/create-add-payment-method",
        r#"{"successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#,
        1,
    ),
    sample(
        "checkout-sessions/create-add-payment-method",
        r#"{"targetSubscriptionId":"sub_1","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#,
        3,
    ),
    sample(
        "checkout-sessions/create-activate-subscription",
        r#"{"targetSubscriptionId":"sub_1","priceId":"price_pro","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#,
        3,
    ),
    sample("subscriptions/cancel", r#"{"id":"sub_1","cancellation":{"timing":"immediately"}}"#, 3),
    sample("subscriptions/uncancel", r#"{"id":"sub_ending"}"#, 3),
    sample("subscriptions/adjust", r#"{"priceSlug":"team_monthly"}"#, 2),
    sample(
        "subscriptions/adjust",
        r#"{"subscriptionItems":[{"priceId":"price_pro","quantity":2},{"priceSlug":"pack_500"}],"subscriptionId":"sub_1",
            "timing":"at_end_of_current_billing_period","prorate":false}"#,
        3,
    ),
    sample("usage-events/create", r#"{"usageMeterSlug":"api_calls","transactionId":"t_1"}"#, 2),
    sample(
        "usage-events/create",
        r#"{"priceId":"price_usage","amount":7,"subscriptionId":"sub_1","transactionId":"t_2","usageDate":1767312000000,
            "properties":{"region":"eu"}}"#,
        2,
    ),
    sample("resources/usages", "", 2),
    sample("resources/usages", r#"{"subscriptionId":"sub_1"}"#, 3),
    sample("resources/usages/retrieve", r#"{"resourceSlug":"seats"}"#, 2),
    sample("resources/usages/retrieve", r#"{"resourceId":"resource_1","subscriptionId":"sub_1"}"#, 3),
    sample("resources/claims", "{}", 2),
    sample("resources/claims", r#"{"resourceSlug":"seats","subscriptionId":"sub_1"}"#, 3),
    sample("resources/claim", r#"{"resourceSlug":"seats","quantity":2}"#, 2),
    sample(
        "resources/claim",
        r#"{"resourceSlug":"seats","externalId":"member_1","metadata":{"role":"dev","level":3,"lead":false},"subscriptionId":"sub_1"}"#,
        3,
    ),
    sample("resources/claim", r#"{"resourceSlug":"seats","externalIds":["member_1","member_2"]}"#, 2),
    sample("resources/release", r#"{"resourceSlug":"seats","quantity":1}"#, 2),
    sample("resources/release", r#"{"resourceSlug":"seats","externalId":"member_1","subscriptionId":"sub_1"}"#, 3),
    sample("resources/release", r#"{"resourceSlug":"seats","externalIds":["member_1"]}"#, 2),
    sample("resources/release", r#"{"resourceSlug":"seats","claimIds":["res_claim_1"]}"#, 2),
];

/// The first valid request of every action, and a refused one for `subscriptions/create`.
pub fn one_of_each() -> impl Iterator<Item = Sample> {
    const NOT_FOR_BROWSERS: Sample = sample("subscriptions/create", "{}", 0);
    Action::ALL.iter().map(|action| {
        let found = SAMPLES.iter().find(|sample| sample.action == action.key());
        *found.unwrap_or(&NOT_FOR_BROWSERS)
    })
}

/// The first valid request of every implemented action.
pub fn working() -> impl Iterator<Item = Sample> {
    one_of_each().filter(|sample| sample.budget > 0)
}

/// The response to every checkout, formatted as no serializer would.
pub const HOSTED_CHECKOUT: &str =
    r#"{ "url":"https:\/\/pay.example","checkoutSession":{"new":1.50,"status":"open","id":"chckt_session_1"} }"#;

/// A subscription with some fields replaced.
#[must_use]
pub fn subscription_with(id: &str, owner: &str, fields: &[(&str, Value)]) -> Value {
    let mut record = subscription(id, owner, &["export"]);
    for (key, value) in fields {
        record[*key] = value.clone();
    }
    record
}

/// Scripts the responses with which all [`SAMPLES`] succeed.
pub async fn script(upstream: &Upstream) {
    script_reads(upstream).await;
    script_changes(upstream).await;
}

async fn script_reads(upstream: &Upstream) {
    let ours = subscription("sub_1", "user_42", &["export"]);
    let ending = subscription_with("sub_ending", "user_42", &[("status", json!("cancellation_scheduled"))]);
    let taken = json!({"usage": usage(), "claims": [claim("member_1")]});
    upstream.answer("GET", "/customers/user_42/billing", billing("user_42", std::slice::from_ref(&ours))).await;
    upstream.answer("GET", "/customers/user_42", json!({"customer": customer("user_42")})).await;
    upstream.answer("GET", "/pricing-models/default", json!({"pricingModel": pricing_model()})).await;
    upstream.answer("GET", "/subscriptions/sub_1", json!({"subscription": ours})).await;
    upstream.answer("GET", "/subscriptions/sub_ending", json!({"subscription": ending})).await;
    let balances = ours["experimental"]["usageMeterBalances"].clone();
    upstream
        .answer("GET", "/customers/user_42/usage-balances", json!({"usageMeterBalances": balances, "new": 1}))
        .await;
    upstream.answer("GET", "/resource-claims/sub_1/usages", json!([taken])).await;
    upstream.answer("GET", "/resource-claims/sub_1/usage", &taken).await;
    upstream.answer("GET", "/resource-claims/sub_1/claims", json!({"claims": [claim("member_1")]})).await;
}

async fn script_changes(upstream: &Upstream) {
    let ours = subscription("sub_1", "user_42", &[]);
    let changed = json!({"subscription": ours, "new": {"field": 1}});
    upstream.answer("PUT", "/customers/user_42", json!({"customer": customer("user_42"), "new": 1})).await;
    upstream.answer("POST", "/checkout-sessions", text(HOSTED_CHECKOUT)).await;
    upstream.answer("POST", "/subscriptions/sub_1/cancel", &changed).await;
    upstream.answer("POST", "/subscriptions/sub_ending/uncancel", &changed).await;
    let adjusted =
        json!({"subscription": ours, "subscriptionItems": [], "resolvedTiming": "immediately", "isUpgrade": true});
    upstream.answer("POST", "/subscriptions/sub_1/adjust", adjusted).await;
    let event = json!({"id": "usage_event_1", "subscriptionId": "sub_1", "amount": 7, "transactionId": "t", "new": 1});
    upstream.answer("POST", "/usage-events", json!({"usageEvent": event})).await;
    upstream
        .answer("POST", "/resource-claims/sub_1/claim", json!({"claims": [claim("member_1")], "usage": usage()}))
        .await;
    let released = json!({"releasedClaims": [claim("member_1")], "usage": usage()});
    upstream.answer("POST", "/resource-claims/sub_1/release", released).await;
}

fn usage() -> Value {
    json!({"resourceSlug": "seats", "resourceId": "resource_1", "capacity": 5, "claimed": 2, "available": 3, "new": 1})
}

fn claim(holder: &str) -> Value {
    json!({"id": "res_claim_1", "resourceId": "resource_1", "subscriptionId": "sub_1", "externalId": holder, "new": 1})
}

/// Asserts that a text is equal to the snapshot with this name, which all adapters share.
pub fn assert_recorded(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
