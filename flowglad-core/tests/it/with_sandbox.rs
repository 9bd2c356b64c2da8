//! Whole flows against the sandbox.

use std::collections::BTreeSet;

use flowglad_core::{
    Error, Flowglad, RequestingCustomer,
    api::{CancellationTiming, CheckoutOptions, NewUsageEvent, PriceRef, ProductCheckout},
    model::SubscriptionStatus,
};
use flowglad_sandbox::{Race, Sandbox};

use crate::ada;

async fn start() -> (Sandbox, Flowglad) {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    (sandbox, flowglad)
}

fn pro() -> ProductCheckout {
    let home = || "https://app.example.com/".parse().unwrap();
    ProductCheckout::new(PriceRef::Slug("pro_monthly".into()), CheckoutOptions::new(home(), home()))
}

#[tokio::test]
async fn from_free_to_pro_and_back() {
    let (sandbox, flowglad) = start().await;
    let ada = ada();
    let me = flowglad.customer(&ada);

    let billing = me.billing().await.unwrap();
    let free = billing.current_subscription().unwrap();
    assert_eq!(free.is_free_plan, Some(true));
    assert!(!billing.check_feature_access("export_csv"));
    assert_eq!(billing.check_usage_balance("api_calls").unwrap().available_balance, 100);

    let checkout = me.create_checkout_session(&pro()).await.unwrap();
    sandbox.complete_checkout_session(checkout.checkout_session.id.as_str()).unwrap();

    let billing = me.billing().await.unwrap();
    let plan = billing.current_subscription().unwrap();
    assert!(billing.check_feature_access("export_csv"));
    assert!(billing.has_purchased("pro"));
    assert_eq!(billing.invoices().len(), 1);

    let mut used = NewUsageEvent::for_meter("api_calls", 120.try_into().unwrap());
    used.transaction_id = Some("req_8842".parse().unwrap());
    me.create_usage_event(&used, None).await.unwrap();
    me.create_usage_event(&used, None).await.unwrap();
    assert_eq!(me.usage_balances(None).await.unwrap()[0].available_balance, 880);

    let canceled = me.cancel_subscription(&plan.id, CancellationTiming::AtEndOfCurrentBillingPeriod).await.unwrap();
    assert_eq!(canceled.status, SubscriptionStatus::CancellationScheduled);
    let kept = me.uncancel_subscription(&plan.id).await.unwrap();
    assert_eq!(kept.status, SubscriptionStatus::Active);
    let ended = me.cancel_subscription(&plan.id, CancellationTiming::Immediately).await.unwrap();
    assert_eq!(ended.status, SubscriptionStatus::Canceled);
    assert_eq!(me.billing().await.unwrap().current_subscription().unwrap().is_free_plan, Some(true));
}

#[tokio::test]
async fn a_usage_event_that_races_with_its_duplicate_is_recorded_once_and_both_requests_succeed() {
    let (sandbox, flowglad) = start().await;
    let ada = ada();
    let me = flowglad.customer(&ada);
    assert_eq!(me.usage_balances(None).await.unwrap()[0].available_balance, 100);
    let mut used = NewUsageEvent::for_meter("api_calls", 30.try_into().unwrap());
    used.transaction_id = Some("export_1".parse().unwrap());
    sandbox.race_next(Race::UsageEvents, 2);
    let first = me.create_usage_event(&used, None).await.unwrap();
    let second = me.create_usage_event(&used, None).await.unwrap();
    assert_eq!(first.id, second.id);
    assert_eq!(sandbox.requests().iter().filter(|request| request.status == Some(500)).count(), 1);
    assert_eq!(me.usage_balances(None).await.unwrap()[0].available_balance, 70);
}

#[tokio::test]
async fn concurrent_first_requests_create_one_customer_and_none_fails() {
    let (_sandbox, flowglad) = start().await;
    let requests: Vec<_> = (0..16)
        .map(|_| {
            let flowglad = flowglad.clone();
            tokio::spawn(async move {
                let ada = ada();
                flowglad.customer(&ada).billing().await.unwrap().customer().id.clone()
            })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for request in requests {
        ids.insert(request.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn checkout_by_price_id_works_for_an_unknown_customer() {
    let (sandbox, flowglad) = start().await;
    let price = flowglad.default_pricing_model().await.unwrap().price("pro_monthly").unwrap().id.clone();
    sandbox.clear_requests();
    let newcomer = RequestingCustomer::new("newcomer", "New", "new@example.com").unwrap();
    let checkout = ProductCheckout { price: PriceRef::Id(price), ..pro() };
    flowglad.customer(&newcomer).create_checkout_session(&checkout).await.unwrap();
    let paths: Vec<String> = sandbox.requests().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    assert_eq!(
        paths,
        [
            "POST /api/v1/checkout-sessions",
            "GET /api/v1/customers/newcomer",
            "POST /api/v1/customers",
            "POST /api/v1/checkout-sessions"
        ]
    );
}

#[tokio::test]
async fn a_wrong_key_and_subscriptions_of_other_customers_are_refused() {
    let (sandbox, flowglad) = start().await;
    let (ada, bob) = (ada(), RequestingCustomer::new("bob", "Bob", "bob@example.com").unwrap());
    let of_bob = flowglad.customer(&bob).billing().await.unwrap().current_subscription().unwrap().id.clone();
    flowglad.customer(&ada).billing().await.unwrap();
    let refused = flowglad.customer(&ada).cancel_subscription(&of_bob, CancellationTiming::Immediately).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");

    let wrong_key = Flowglad::builder().api_key("sk_test_wrong").base_url(sandbox.base_url()).build().unwrap();
    let error = wrong_key.customer(&ada).billing().await.unwrap_err();
    assert!(matches!(error, Error::Api { status: 401, .. }), "{error:?}");
}
