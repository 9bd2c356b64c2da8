//! Recovery from transient failures, and changes whose response was lost.

use flowglad_core::{
    Advice, Error, Flowglad, SideEffect,
    api::{
        Adjustment, AdjustmentTiming, CancellationTiming, ClaimTarget, CustomerChanges, MeterRef, NewClaim, NewRelease,
        NewUsageEvent, PriceRef, ReleaseTarget,
    },
    model::{ResolvedTiming, SubscriptionStatus},
};
use flowglad_sandbox::{Fault, Sandbox};
use serde_json::{Value, json as object};
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    act, ada, answer, client,
    documents::{billing, customer, pricing_model, subscription},
    error_of, json, on, seen,
    upstream::{not_found, refusal},
};

const BILLING: &str = "/customers/user_42/billing";

/// What the API answers when something below it fails.
fn failure() -> ResponseTemplate {
    refusal(500, "INTERNAL_SERVER_ERROR", "connect ECONNREFUSED 10.0.0.7:5432")
}

/// Fails the first such request, and answers the next ones.
async fn fail_once(server: &MockServer, verb: &str, path: &str, then: ResponseTemplate) {
    on(verb, path).respond_with(failure()).up_to_n_times(1).mount(server).await;
    answer(server, verb, path, then).await;
}

#[tokio::test]
async fn reads_recover_from_one_500_with_the_apis_json() {
    let server = MockServer::start().await;
    let model = object!({"pricingModel": pricing_model()});
    let balances = object!({"usageMeterBalances": []});
    fail_once(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    fail_once(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    fail_once(&server, "GET", "/customers/user_42/usage-balances", json(balances)).await;
    fail_once(&server, "GET", "/pricing-models/default", json(model)).await;
    let flowglad = client(&server);
    let me = flowglad.customer(&ada());
    me.billing().await.unwrap();
    me.find_or_create().await.unwrap();
    me.usage_balances(None).await.unwrap();
    flowglad.default_pricing_model().await.unwrap();
    assert_eq!(seen(&server).await.len(), 8);
}

#[tokio::test]
async fn an_update_recovers_from_one_500_with_the_apis_json() {
    let server = MockServer::start().await;
    fail_once(&server, "PUT", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    client(&server).customer(&ada()).update(&named("Ada")).await.unwrap();
    assert_eq!(seen(&server).await, ["PUT /customers/user_42"; 2]);
}

#[tokio::test]
async fn a_500_is_not_retried_if_the_api_says_so() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/pricing-models/default", failure().insert_header("x-should-retry", "false")).await;
    let error = client(&server).default_pricing_model().await.unwrap_err();
    assert_eq!(error.advice(), Advice::GiveUp);
    assert_eq!(seen(&server).await.len(), 1);
}

#[tokio::test]
async fn a_sentence_is_a_refusal_only_where_it_is_known_as_one() {
    let vague = || refusal(500, "INTERNAL_SERVER_ERROR", "An unexpected error occurred. Please try again.");
    let server = MockServer::start().await;
    answer(&server, "GET", "/products/prod_1", vague()).await;
    answer(&server, "GET", "/features/feature_1", vague()).await;
    let flowglad = client(&server);
    let refused = flowglad.products().get(&"prod_1".parse().unwrap()).await.unwrap_err();
    let failed = flowglad.features().get(&"feature_1".parse().unwrap()).await.unwrap_err();
    assert_eq!((refused.advice(), failed.advice()), (Advice::GiveUp, Advice::Retry));
    let requests = seen(&server).await;
    assert_eq!(requests, [&["GET /products/prod_1"][..], &["GET /features/feature_1"; 3]].concat());
}

fn event() -> ResponseTemplate {
    let event = object!({"id": "usage_event_1", "subscriptionId": "sub_1", "amount": 3, "transactionId": "t"});
    json(object!({"usageEvent": event}))
}

/// The API answers the loser of two equal events at the same time with a 500, although the event is stored.
#[tokio::test]
async fn an_event_that_failed_on_the_index_of_its_duplicate_is_stored_and_its_retry_succeeds() {
    let duplicate = "Failed to insert item into usage_events: duplicate key value violates unique constraint; \
                     Key (transaction_id, usage_meter_id) already exists";
    for sentence in [duplicate, "connect ECONNREFUSED 10.0.0.7:5432"] {
        let server = MockServer::start().await;
        answer(&server, "GET", BILLING, json(billing("user_42", &[subscription("sub_1", "user_42", &[])]))).await;
        let failure = refusal(500, "INTERNAL_SERVER_ERROR", sentence);
        on("POST", "/usage-events").respond_with(failure).up_to_n_times(1).mount(&server).await;
        answer(&server, "POST", "/usage-events", event()).await;
        let used = NewUsageEvent::for_meter("api_calls", 3.try_into().unwrap());
        client(&server).customer(&ada()).create_usage_event(&used, None).await.unwrap();
        let requests = server.received_requests().await.unwrap();
        let sent: Vec<Value> = requests[1..].iter().map(|request| request.body_json().unwrap()).collect();
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0], sent[1], "the generated transaction id is kept");
    }
}

#[tokio::test]
async fn a_conflict_worded_as_a_500_is_one_and_is_not_retried() {
    let server = MockServer::start().await;
    let taken = "UsageEvent conflict: A usage event already exists for transactionid t, but does not belong to sub_1";
    answer(&server, "POST", "/usage-events", refusal(500, "INTERNAL_SERVER_ERROR", taken)).await;
    let used = NewUsageEvent::new(MeterRef::UsageMeterSlug("api_calls".into()), 3.try_into().unwrap());
    let error = client(&server).usage_events().create(&"sub_1".parse().unwrap(), &used).await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    assert_eq!((error.advice(), error.side_effect()), (Advice::GiveUp, SideEffect::None));
    assert_eq!(seen(&server).await.len(), 1);
}

#[test]
fn transaction_ids_of_a_customer_and_a_key_never_collide() {
    let id = |customer: &str, key: &str| {
        let who = flowglad_core::RequestingCustomer::new(customer, "Ada", "ada@example.com").unwrap();
        let event = NewUsageEvent::for_meter("api_calls", 1.try_into().unwrap()).unique_for(&who, key);
        event.transaction_id.unwrap().to_string()
    };
    let pairs = [("a", "b:c"), ("a:b", "c"), ("1:a", "b:c"), ("a", "1:b:c"), ("3:a:b", "c"), ("a", ""), ("a:", "")];
    let ids: std::collections::BTreeSet<String> = pairs.iter().map(|(customer, key)| id(customer, key)).collect();
    assert_eq!(ids.len(), pairs.len(), "{ids:?}");
    assert_eq!(id("a", "b"), id("a", "b"));
}

#[tokio::test]
async fn a_first_visit_survives_a_failed_creation_of_the_customer() {
    let server = MockServer::start().await;
    on("GET", BILLING).respond_with(not_found()).up_to_n_times(1).mount(&server).await;
    let created = object!({"data": {"customer": customer("user_42")}});
    fail_once(&server, "POST", "/customers", json(created)).await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    client(&server).customer(&ada()).billing().await.unwrap();
    assert_eq!(seen(&server).await[1..], ["POST /customers", "POST /customers", "GET /customers/user_42/billing"]);
}

#[tokio::test]
async fn a_creation_that_is_refused_is_not_repeated() {
    let server = MockServer::start().await;
    on("GET", BILLING).respond_with(not_found()).mount(&server).await;
    let refused = refusal(500, "INTERNAL_SERVER_ERROR", "Default pricing model not found");
    answer(&server, "POST", "/customers", refused).await;
    client(&server).customer(&ada()).billing().await.unwrap_err();
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing", "POST /customers"]);
}

async fn sandbox() -> (Sandbox, Flowglad) {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = crate::builder(sandbox.base_url()).api_key(sandbox.api_key()).build().unwrap();
    (sandbox, flowglad)
}

/// Ada with the plan `pro_monthly` and a card.
async fn pro(sandbox: &Sandbox, flowglad: &Flowglad) -> flowglad_core::model::SubscriptionId {
    let me = flowglad.customer(&ada());
    me.find_or_create().await.unwrap();
    let home = || "https://app.example.com/".parse().unwrap();
    let options = flowglad_core::api::CheckoutOptions::new(home(), home());
    let buy = flowglad_core::api::ProductCheckout::new(PriceRef::Slug("pro_monthly".into()), options);
    let session = me.create_checkout_session(&buy).await.unwrap();
    sandbox.complete_checkout_session(session.checkout_session.id.as_str()).unwrap();
    me.billing().await.unwrap().current_subscription().unwrap().id.clone()
}

fn lose_the_answer(sandbox: &Sandbox, verb: &str, path: &str, times: u32) {
    sandbox.inject_fault(Fault::cut_after().times(times).on(verb, &format!("/api/v1{path}"))).unwrap();
}

#[tokio::test]
async fn a_first_visit_survives_a_lost_answer_to_the_creation_of_the_customer() {
    let (sandbox, flowglad) = sandbox().await;
    lose_the_answer(&sandbox, "POST", "/customers", 1);
    let me = flowglad.customer(&ada());
    assert_eq!(me.billing().await.unwrap().customer().external_id, "user_42");
    let (sandbox, flowglad) = self::sandbox().await;
    lose_the_answer(&sandbox, "POST", "/customers", 1);
    assert_eq!(flowglad.customer(&ada()).find_or_create().await.unwrap().external_id, "user_42");
    assert_eq!(flowglad.customers().list().page().await.unwrap().total, 1);
}

#[tokio::test]
async fn a_cancellation_and_its_withdrawal_survive_a_reset_connection() {
    let (sandbox, flowglad) = sandbox().await;
    let id = pro(&sandbox, &flowglad).await;
    let me = flowglad.customer(&ada());
    for lost in [Fault::cut_before, Fault::cut_after] {
        sandbox.inject_fault(lost().on("POST", "/api/v1/subscriptions/*")).unwrap();
        let ending = me.cancel_subscription(&id, CancellationTiming::AtEndOfCurrentBillingPeriod).await.unwrap();
        assert_eq!(ending.status, SubscriptionStatus::CancellationScheduled);
        sandbox.inject_fault(lost().on("POST", "/api/v1/subscriptions/*")).unwrap();
        assert_eq!(me.uncancel_subscription(&id).await.unwrap().status, SubscriptionStatus::Active);
    }
}

#[tokio::test]
async fn a_cancellation_and_its_withdrawal_recover_from_one_500_with_the_apis_json() {
    let server = MockServer::start().await;
    let mut ending = subscription("sub_2", "user_42", &[]);
    ending["status"] = "cancellation_scheduled".into();
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let active = object!({"subscription": subscription("sub_1", "user_42", &[])});
    answer(&server, "GET", "/subscriptions/sub_1", json(&active)).await;
    answer(&server, "GET", "/subscriptions/sub_2", json(object!({"subscription": ending}))).await;
    fail_once(&server, "POST", "/subscriptions/sub_1/cancel", json(&active)).await;
    fail_once(&server, "POST", "/subscriptions/sub_2/uncancel", json(&active)).await;
    let me = client(&server);
    let me = me.customer(&ada());
    me.cancel_subscription(&"sub_1".parse().unwrap(), CancellationTiming::Immediately).await.unwrap();
    me.uncancel_subscription(&"sub_2".parse().unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_change_whose_answers_are_all_lost_is_looked_up_and_returned() {
    let (sandbox, flowglad) = sandbox().await;
    let id = pro(&sandbox, &flowglad).await;
    let me = flowglad.customer(&ada());

    lose_the_answer(&sandbox, "POST", "/subscriptions/*", 3);
    let ending = me.cancel_subscription(&id, CancellationTiming::AtEndOfCurrentBillingPeriod).await.unwrap();
    assert_eq!(ending.status, SubscriptionStatus::CancellationScheduled);
    lose_the_answer(&sandbox, "POST", "/subscriptions/*", 3);
    assert_eq!(me.uncancel_subscription(&id).await.unwrap().status, SubscriptionStatus::Active);

    lose_the_answer(&sandbox, "PUT", "/customers/*", 3);
    assert_eq!(me.update(&named("Ada Lovelace")).await.unwrap().name, "Ada Lovelace");

    lose_the_answer(&sandbox, "POST", "/resource-claims/*", 3);
    let seats = NewClaim::new("seats", ClaimTarget::ExternalIds(vec!["m1".parse().unwrap(), "m2".parse().unwrap()]));
    let claimed = me.claim_resource(&seats, None).await.unwrap();
    assert_eq!((claimed.claims.len(), claimed.usage.claimed), (2, 2));
    assert_eq!(claimed.raw().as_str(), me.claim_resource(&seats, None).await.unwrap().raw().as_str());
}

#[tokio::test]
async fn an_adjustment_whose_answer_is_lost_is_looked_up_and_never_sent_again() {
    let (sandbox, flowglad) = sandbox().await;
    let id = pro(&sandbox, &flowglad).await;
    let me = flowglad.customer(&ada());

    lose_the_answer(&sandbox, "POST", "/subscriptions/*", 1);
    let mut seats = Adjustment::to_price(PriceRef::Slug("pro_monthly".into()));
    seats.items[0].quantity = 3.try_into().unwrap();
    let adjusted = me.adjust_subscription(&seats, None).await.unwrap();
    assert_eq!(adjusted.resolved_timing, Some(ResolvedTiming::Immediately));
    assert_eq!((&adjusted.subscription.id, adjusted.subscription_items[0].quantity), (&id, 3));

    lose_the_answer(&sandbox, "POST", "/subscriptions/*", 1);
    let mut fewer = Adjustment::to_price(PriceRef::Slug("pro_monthly".into()));
    fewer.timing = AdjustmentTiming::AtEndOfCurrentBillingPeriod;
    let adjusted = me.adjust_subscription(&fewer, Some(&id)).await.unwrap();
    assert_eq!(adjusted.resolved_timing, Some(ResolvedTiming::AtEndOfCurrentBillingPeriod));
    assert!(adjusted.subscription.scheduled_adjustment_at.is_some());
    let adjust = format!("/api/v1/subscriptions/{id}/adjust");
    assert_eq!(sandbox.requests().iter().filter(|request| request.path == adjust).count(), 2);
}

#[tokio::test]
async fn an_adjustment_that_was_not_made_is_reported_as_what_is_known() {
    let (sandbox, flowglad) = sandbox().await;
    pro(&sandbox, &flowglad).await;
    let me = flowglad.customer(&ada());
    let mut seats = Adjustment::to_price(PriceRef::Slug("pro_monthly".into()));
    seats.items[0].quantity = 3.try_into().unwrap();

    // The connection was lost: the change may still be made.
    sandbox.inject_fault(Fault::cut_before().on("POST", "/api/v1/subscriptions/*")).unwrap();
    let error = me.adjust_subscription(&seats, None).await.unwrap_err();
    assert_eq!((error.side_effect(), error.advice()), (SideEffect::Possible, Advice::Look), "{error:?}");

    // The API has ended its work, and the items are as before.
    sandbox.inject_fault(Fault::status(500).body("").on("POST", "/api/v1/subscriptions/*")).unwrap();
    let error = me.adjust_subscription(&seats, None).await.unwrap_err();
    assert_eq!((error.side_effect(), error.advice()), (SideEffect::None, Advice::Retry), "{error:?}");
}

#[tokio::test]
async fn what_could_happen_twice_is_never_sent_again_and_says_that_it_may_have_happened() {
    let (sandbox, flowglad) = sandbox().await;
    pro(&sandbox, &flowglad).await;
    let me = flowglad.customer(&ada());
    let home = || "https://app.example.com/".parse().unwrap();
    let options = || flowglad_core::api::CheckoutOptions::new(home(), home());
    let card = flowglad_core::api::AddPaymentMethodCheckout { target_subscription_id: None, options: options() };
    let one = || 1.try_into().unwrap();
    let gift = flowglad_core::api::NewSubscription::new(PriceRef::Slug("pro_monthly".into()));
    let before = sandbox.requests().len();
    for fault in [Fault::cut_after(), Fault::status(502), Fault::status(500).body(object!({"error": "deadlock"}))] {
        sandbox.inject_fault(fault.times(4).on("POST", "/api/v1/*")).unwrap();
        let claim = NewClaim::new("seats", ClaimTarget::Quantity(one()));
        let release = NewRelease::new("seats", ReleaseTarget::Quantity(one()));
        let errors: [Error; 4] = [
            me.create_add_payment_method_checkout_session(&card).await.unwrap_err(),
            me.claim_resource(&claim, None).await.unwrap_err(),
            me.release_resource(&release, None).await.unwrap_err(),
            me.create_subscription(&gift).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.side_effect(), error.advice()), (SideEffect::Possible, Advice::Look), "{error:?}");
        }
    }
    let requests = sandbox.requests();
    let changes = requests[before..].iter().filter(|request| request.method == "POST").count();
    assert_eq!(changes, 12);
}

#[tokio::test]
async fn a_checkout_is_sent_again_only_if_the_api_says_when_to_come_back() {
    let server = MockServer::start().await;
    let later = || ResponseTemplate::new(429).insert_header("retry-after", "0");
    on("POST", "/checkout-sessions").respond_with(later()).up_to_n_times(1).mount(&server).await;
    let session =
        object!({"checkoutSession": {"id": "chckt_session_1", "status": "open"}, "url": "https://pay.example"});
    answer(&server, "POST", "/checkout-sessions", json(session)).await;
    let body = r#"{"priceId":"price_pro","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#;
    assert_eq!(act(&client(&server), "checkout-sessions/create", body).await.status, 200);
    assert_eq!(seen(&server).await.len(), 2);
}

#[tokio::test]
async fn the_sentence_of_a_failure_is_not_shown_but_that_of_a_refusal_is() {
    let body = r#"{"priceId":"price_pro","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#;
    for (sentence, code, shown) in [
        ("connect ECONNREFUSED 10.0.0.7:5432", "flowglad_unavailable", "this may have gone through"),
        ("Failed query: insert into \"checkout_sessions\"", "flowglad_unavailable", "this may have gone through"),
        ("Invalid priceId: Price is of type usage", "flowglad_error", "Price is of type usage"),
    ] {
        let server = MockServer::start().await;
        answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
        answer(&server, "POST", "/checkout-sessions", refusal(500, "INTERNAL_SERVER_ERROR", sentence)).await;
        let answer = act(&client(&server), "checkout-sessions/create", body).await;
        assert_eq!(error_of(&answer), (502, code.into()), "{sentence}");
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.contains(shown), "{text}");
        assert!(!text.contains("10.0.0.7") && !text.contains("insert into"), "{text}");
    }
}

#[tokio::test]
async fn an_uncertain_update_stays_uncertain_if_it_cannot_be_looked_up() {
    let server = MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    let answer = act(&client(&server), "customers/update", r#"{"customer":{"name":"Ada"}}"#).await;
    assert_eq!(error_of(&answer), (502, "flowglad_unavailable".into()));
    assert!(String::from_utf8_lossy(&answer.body).contains("this may have gone through"));
    let mut expected = vec!["PUT /customers/user_42"; 3];
    expected.push("GET /customers/user_42");
    assert_eq!(seen(&server).await, expected);
}

fn named(name: &str) -> CustomerChanges {
    let mut changes = CustomerChanges::new();
    changes.name = Some(name.into());
    changes
}
