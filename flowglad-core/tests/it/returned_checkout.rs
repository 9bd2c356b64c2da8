//! The browser comes back from a checkout.

use std::{convert::Infallible, sync::Arc, time::Duration};

use flowglad_core::{
    CustomerScope, Flowglad, RequestingCustomer,
    action::RequestHandler,
    adapter::{ActionResponse, Identity},
    api::{AddPaymentMethodCheckout, CancellationTiming, CheckoutOptions, PriceRef, ProductCheckout},
    clock::ManualClock,
    customer::{CheckoutState, ReturnedCheckout},
    model::{CheckoutSessionId, CheckoutSessionStatus, Timestamp},
};
use flowglad_sandbox::{Clock, Fault, Sandbox};

use crate::{act, ada, error_of};

const MINUTE: Duration = Duration::from_secs(60);

fn client(sandbox: &Sandbox) -> Flowglad {
    Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap()
}

async fn start() -> (Sandbox, Flowglad) {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = client(&sandbox);
    (sandbox, flowglad)
}

fn back() -> CheckoutOptions {
    let home = || "https://app.example.com/".parse().unwrap();
    CheckoutOptions::new(home(), home())
}

async fn open(me: &CustomerScope) -> CheckoutSessionId {
    let pro = ProductCheckout::new(PriceRef::Slug("pro_monthly".into()), back());
    me.create_checkout_session(&pro).await.unwrap().checkout_session.id.clone()
}

async fn answer(flowglad: &Flowglad, who: Identity, query: Option<&str>) -> Result<ReturnedCheckout, ActionResponse> {
    RequestHandler::new(flowglad.clone()).returned_checkout(async { Ok::<_, Infallible>(who) }, query).await.unwrap()
}

#[tokio::test]
async fn a_paid_checkout_is_found_without_its_id_and_billing_shows_the_purchase() {
    let (sandbox, flowglad) = start().await;
    let me = flowglad.customer(&ada());
    assert!(!me.billing().await.unwrap().has_paid_plan());
    let id = open(&me).await;
    let checkout = me.returned_checkout(None, MINUTE).await;
    assert_eq!(checkout.state, CheckoutState::Open);
    sandbox.complete_checkout_session(id.as_str()).unwrap();
    sandbox.clear_requests();
    let checkout = answer(&flowglad, Identity::Customer(ada()), None).await.unwrap();
    assert_eq!((checkout.state, checkout.state.as_str()), (CheckoutState::Paid, "paid"));
    assert_eq!(checkout.session.unwrap().id, id);
    assert!(checkout.billing.unwrap().check_feature_access("export_csv"));
    assert_eq!(sandbox.requests().len(), 2, "the session and billing, each once");
}

#[tokio::test]
async fn a_checkout_of_a_react_hook_is_found_too() {
    let (sandbox, flowglad) = start().await;
    let body = r#"{"priceSlug":"pro_monthly","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#;
    let created = act(&flowglad, "checkout-sessions/create", body).await;
    assert_eq!(created.status, 200);
    let id = crate::parsed(&created)["data"]["checkoutSession"]["id"].as_str().unwrap().to_owned();
    sandbox.fail_checkout_session(&id).unwrap();
    let checkout = answer(&flowglad, Identity::Customer(ada()), Some("theme=dark")).await.unwrap();
    assert_eq!(checkout.state, CheckoutState::Failed);
}

#[tokio::test]
async fn another_instance_of_the_app_needs_the_id_and_still_knows_billing_without_it() {
    let (sandbox, flowglad) = start().await;
    let id = open(&flowglad.customer(&ada())).await;
    sandbox.complete_checkout_session(id.as_str()).unwrap();
    let other = client(&sandbox);
    let unknown = answer(&other, Identity::Customer(ada()), None).await.unwrap();
    assert_eq!(unknown.state, CheckoutState::Unknown);
    assert!(unknown.billing.unwrap().has_paid_plan());
    let query = format!("a=b&checkout_session={id}&c");
    let known = answer(&other, Identity::Customer(ada()), Some(&query)).await.unwrap();
    assert_eq!(known.state, CheckoutState::Paid);
}

#[tokio::test]
async fn the_checkout_of_another_customer_is_unknown() {
    let (sandbox, flowglad) = start().await;
    let bob = RequestingCustomer::new("bob", "Bob", "bob@example.com").unwrap();
    let of_bob = open(&flowglad.customer(&bob)).await;
    sandbox.complete_checkout_session(of_bob.as_str()).unwrap();
    for query in [format!("checkout_session={of_bob}"), "checkout_session=..%2F..".into(), "checkout_session=no".into()]
    {
        let checkout = answer(&flowglad, Identity::Customer(ada()), Some(&query)).await.unwrap();
        assert_eq!(checkout.state, CheckoutState::Unknown, "{query}");
        assert!(checkout.session.is_none() && !checkout.billing.unwrap().has_paid_plan());
    }
}

#[tokio::test]
async fn a_stored_card_is_complete_and_an_old_session_is_expired() {
    let start = 1_767_225_600_000;
    let sandbox = Sandbox::builder().clock(Clock::manual(start)).start().await.unwrap();
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(start)));
    let builder = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url());
    let flowglad = builder.clock(Arc::clone(&clock)).build().unwrap();
    let me = flowglad.customer(&ada());
    let checkout = AddPaymentMethodCheckout { target_subscription_id: None, options: back() };
    let card = me.create_add_payment_method_checkout_session(&checkout).await.unwrap().checkout_session.id.clone();
    assert_eq!(me.returned_checkout(None, MINUTE).await.state, CheckoutState::Open);
    clock.advance(24 * 60 * MINUTE);
    assert_eq!(me.returned_checkout(None, MINUTE).await.state, CheckoutState::Expired);
    sandbox.complete_checkout_session(card.as_str()).unwrap();
    assert_eq!(me.returned_checkout(None, MINUTE).await.state, CheckoutState::Paid);
}

#[tokio::test]
async fn a_plan_whose_first_payment_is_declined_is_not_paid() {
    let (sandbox, flowglad) = start().await;
    let me = flowglad.customer(&ada());
    me.billing().await.unwrap();
    let declined = open(&me).await;
    sandbox.fail_next_payment();
    sandbox.complete_checkout_session(declined.as_str()).unwrap();
    let checkout = me.returned_checkout(None, MINUTE).await;
    assert_eq!(checkout.session.unwrap().status, CheckoutSessionStatus::Succeeded, "so says the session");
    assert_eq!(checkout.state, CheckoutState::Failed);

    let paid = open(&me).await;
    sandbox.complete_checkout_session(paid.as_str()).unwrap();
    let plan = me.returned_checkout(None, MINUTE).await.billing.unwrap().plan().unwrap().subscription.id.clone();
    me.cancel_subscription(&plan, CancellationTiming::Immediately).await.unwrap();
    assert_eq!(me.returned_checkout(None, MINUTE).await.state, CheckoutState::Paid, "it was paid, and ended later");
}

#[tokio::test]
async fn a_flowglad_that_is_slow_or_down_is_no_error() {
    let (sandbox, flowglad) = start().await;
    let me = flowglad.customer(&ada());
    let id = open(&me).await;
    sandbox.complete_checkout_session(id.as_str()).unwrap();
    sandbox.inject_fault(Fault::delay(Duration::from_millis(300)).times(100)).unwrap();
    let slow = me.returned_checkout(None, Duration::from_millis(20)).await;
    assert_eq!(slow.state, CheckoutState::Unknown);
    assert!(slow.session.is_none() && slow.billing.is_none());
    sandbox.clear_faults();
    sandbox.inject_fault(Fault::status(503).times(100)).unwrap();
    let down = me.returned_checkout(None, Duration::from_millis(50)).await;
    assert_eq!(down.state, CheckoutState::Unknown);
    sandbox.clear_faults();
    assert_eq!(me.returned_checkout(None, MINUTE).await.state, CheckoutState::Paid);
}

#[tokio::test]
async fn who_is_not_signed_in_gets_the_401_of_the_actions() {
    let (_sandbox, flowglad) = start().await;
    let refused = answer(&flowglad, Identity::Anonymous, None).await.unwrap_err();
    assert_eq!(error_of(&refused), (401, "unauthorized".to_owned()));
}
