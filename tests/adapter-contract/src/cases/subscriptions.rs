//! The owner, the choice and the state of subscriptions.

use serde_json::{Value, json};

use crate::{
    App, Start,
    app::client,
    documents::{billing, customer, subscription},
    samples::{SAMPLES, Sample, script, subscription_with},
    upstream::{reading_in_pairs, refusal},
};

/// The requests that name `sub_1`, `sub_ending` or no subscription.
fn naming_a_subscription() -> impl Iterator<Item = &'static Sample> {
    SAMPLES.iter().filter(|sample| sample.body.contains("\"sub_"))
}

fn naming_none() -> impl Iterator<Item = &'static Sample> {
    let by_subscription =
        |sample: &&Sample| sample.action.starts_with("resources/") || sample.action == "subscriptions/adjust";
    SAMPLES.iter().filter(by_subscription).filter(|sample| !sample.body.contains("\"sub_"))
}

const BALANCES: Sample = Sample { action: "usage-meters/balances", body: r#"{"subscriptionId":"sub_1"}"#, budget: 3 };

/// A subscription of another customer is forbidden, and nothing is changed.
pub async fn a_subscription_of_another_customer_is_forbidden(start: Start) {
    let app = App::start(start).await;
    for sample in naming_a_subscription().chain([&BALANCES]) {
        app.upstream.reset().await;
        let foreign = |id: &str| json!({"subscription": subscription(id, "bob", &[])});
        app.upstream.answer("GET", "/subscriptions/sub_1", foreign("sub_1")).await;
        app.upstream.answer("GET", "/subscriptions/sub_ending", foreign("sub_ending")).await;
        app.upstream.answer("GET", "/customers/user_42", json!({"customer": customer("user_42")})).await;
        app.upstream.answer("GET", "/customers/user_42/billing", billing("user_42", &[])).await;
        app.upstream.answer_all(refusal(404, "NOT_FOUND", "Subscription not found")).await;
        let reply = app.ask(sample.action, sample.body).await;
        assert_eq!(reply.refusal(), (403, "forbidden".into()), "{} {}", sample.action, sample.body);
        let requests = app.upstream.requests().await;
        assert!(requests.iter().all(|request| request.starts_with("GET")), "{}: {requests:?}", sample.action);
    }
}

/// A missing subscription is not found, for every form of the API's response.
pub async fn a_missing_subscription_is_not_found(start: Start) {
    let app = App::start(start).await;
    let wordings = || {
        [
            refusal(404, "NOT_FOUND", "Subscription not found"),
            refusal(500, "INTERNAL_SERVER_ERROR", "Unwrap called on Err: X: No subscriptions found with id: sub_1"),
        ]
    };
    // A usage event searches only the current subscriptions.
    for sample in naming_a_subscription().filter(|sample| sample.action != "usage-events/create") {
        for wording in wordings() {
            app.upstream.reset().await;
            app.upstream.answer("GET", "/customers/user_42", json!({"customer": customer("user_42")})).await;
            app.upstream.answer_all(wording).await;
            let reply = app.ask(sample.action, sample.body).await;
            assert_eq!(reply.refusal(), (404, "not_found".into()), "{} {}", sample.action, sample.body);
        }
    }
}

/// If no subscription is named, exactly one current subscription is required.
pub async fn exactly_one_current_subscription_is_required_if_none_is_named(start: Start) {
    let app = App::start(start).await;
    let two = [subscription("sub_1", "user_42", &[]), subscription("sub_2", "user_42", &[])];
    let cases: [(&[Value], (u16, &str)); 2] =
        [(&[], (404, "no_current_subscription")), (&two, (409, "ambiguous_subscription"))];
    for (current, (status, code)) in cases {
        for sample in naming_none() {
            app.upstream.reset().await;
            app.upstream.answer("GET", "/customers/user_42/billing", billing("user_42", current)).await;
            let reply = app.ask(sample.action, sample.body).await;
            assert_eq!(reply.refusal(), (status, code.to_owned()), "{}", sample.action);
            assert_eq!(app.upstream.requests().await, ["GET /customers/user_42/billing"]);
        }
    }
    app.upstream.reset().await;
    app.upstream.answer("GET", "/customers/user_42/billing", billing("user_42", &[])).await;
    let usage = app.ask("usage-events/create", r#"{"usageMeterSlug":"api_calls"}"#).await;
    assert_eq!(usage.refusal(), (404, "no_current_subscription".into()));
}

/// A change that the subscription's state does not allow is refused with its own code, before the change is sent.
pub async fn a_change_that_the_state_does_not_allow_is_refused_before_the_call(start: Start) {
    let app = App::start(start).await;
    let states: [(&str, &str, Value); 8] = [
        ("free_plan", "isFreePlan", json!(true)),
        ("already_canceled", "status", json!("canceled")),
        ("already_canceled", "status", json!("incomplete_expired")),
        ("non_renewing", "renews", json!(false)),
        ("adjustment_scheduled", "scheduledAdjustmentAt", json!(1_767_312_000_000_i64)),
        ("do_not_charge", "doNotCharge", json!(true)),
        ("cancellation_scheduled", "status", json!("cancellation_scheduled")),
        ("", "status", json!("past_due")),
    ];
    let cancel = r#"{"id":"sub_1","cancellation":{"timing":"at_end_of_current_billing_period"}}"#;
    for (code, field, value) in states {
        for (action, body) in [
            ("subscriptions/adjust", r#"{"priceSlug":"a","subscriptionId":"sub_1"}"#),
            ("subscriptions/cancel", cancel),
        ] {
            app.upstream.reset().await;
            let ours = subscription_with("sub_1", "user_42", &[(field, value.clone())]);
            app.upstream.answer("GET", "/subscriptions/sub_1", json!({"subscription": ours})).await;
            script(&app.upstream).await;
            let reply = app.ask(action, body).await;
            let only_for_adjust = ["do_not_charge", "cancellation_scheduled"].contains(&code);
            if code.is_empty() || (only_for_adjust && action == "subscriptions/cancel") {
                assert_eq!(reply.status, 200, "{action} {field}={value}: {reply}");
            } else {
                assert_eq!(reply.refusal(), (409, code.to_owned()), "{action} {field}={value}");
                let requests = app.upstream.requests().await;
                assert!(requests.iter().all(|request| request.starts_with("GET")), "{requests:?}");
            }
        }
    }
    app.upstream.reset().await;
    let non_renewing = subscription_with("sub_1", "user_42", &[("renews", json!(false))]);
    app.upstream.answer("GET", "/subscriptions/sub_1", json!({"subscription": non_renewing})).await;
    script(&app.upstream).await;
    let now = app.ask("subscriptions/cancel", r#"{"id":"sub_1","cancellation":{"timing":"immediately"}}"#).await;
    assert_eq!(now.status, 200, "{now}");
}

/// Uncancel returns a subscription without a scheduled cancellation unchanged, and sends no change.
pub async fn uncancel_returns_a_subscription_that_is_not_about_to_end(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    let reply = app.ask("subscriptions/uncancel", r#"{"id":"sub_1"}"#).await;
    assert_eq!(reply.data()["subscription"]["id"], "sub_1");
    assert!(app.upstream.requests().await.iter().all(|request| request.starts_with("GET")));
}

/// The two reads that check ownership are sent at the same time, so that such an action takes two steps, not three.
pub async fn ownership_is_checked_by_two_reads_at_once(start: Start) {
    let ours = subscription("sub_1", "user_42", &[]);
    let base_url = reading_in_pairs(vec![
        ("GET /customers/user_42", json!({"customer": customer("user_42")})),
        ("GET /subscriptions/sub_1", json!({"subscription": ours})),
        ("POST /subscriptions/sub_1/cancel", json!({"subscription": ours})),
        ("POST /subscriptions/sub_1/adjust", json!({"subscription": ours})),
    ])
    .await;
    let app = App::start_before(start, client(&base_url)).await;
    for (action, body) in [
        ("subscriptions/cancel", r#"{"id":"sub_1","cancellation":{"timing":"immediately"}}"#),
        ("subscriptions/uncancel", r#"{"id":"sub_1"}"#),
        ("subscriptions/adjust", r#"{"priceSlug":"team_monthly","subscriptionId":"sub_1"}"#),
    ] {
        assert_eq!(app.ask(action, body).await.status, 200, "{action}");
    }
}
