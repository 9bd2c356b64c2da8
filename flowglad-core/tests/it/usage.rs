//! The recorder, its delivery, dead letters and holds, against the sandbox.

use std::{num::NonZeroU64, time::Duration};

use flowglad_core::{
    CustomerScope, Flowglad, FlowgladBuilder, RequestingCustomer,
    api::{CheckoutOptions, MeterRef, NewUsageEvent, PriceRef, ProductCheckout},
    billing::Freshness,
    cache::BillingCache,
    gate,
    usage::{DeadReason, NotHeld, Outbox, RecordError, UsageDelivery, WhenFull},
};
use flowglad_sandbox::{Fault, Sandbox};

use super::ada;

const METER: &str = "api_calls";
const PLENTY: Duration = Duration::from_secs(30);

fn builder(sandbox: &Sandbox, outbox: Outbox) -> FlowgladBuilder {
    let outbox = outbox.collect_for(Duration::ZERO);
    Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).cache(BillingCache::new()).usage(outbox)
}

/// A sandbox, and a client with an outbox in memory that delivers at once.
async fn world() -> (Sandbox, Flowglad, UsageDelivery) {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = builder(&sandbox, Outbox::in_memory()).build().unwrap();
    let delivery = flowglad.usage().start_delivery().unwrap();
    (sandbox, flowglad, delivery)
}

fn calls(amount: u64) -> NewUsageEvent {
    NewUsageEvent::for_meter(METER, NonZeroU64::new(amount).unwrap())
}

async fn balance(me: &CustomerScope) -> i64 {
    let billing = me.billing_with(Freshness::Live).await.unwrap();
    billing.check_usage_balance(METER).unwrap().available_balance
}

/// What the sandbox has recorded: transaction ids and amounts.
async fn recorded(flowglad: &Flowglad) -> Vec<(String, i64)> {
    let mut events = flowglad.usage_events().list().stream();
    let mut all = Vec::new();
    while let Some(event) = events.next().await {
        let event = event.unwrap();
        all.push((event.transaction_id.clone(), event.amount));
    }
    all.sort();
    all
}

#[tokio::test]
async fn recorded_usage_is_delivered_and_counts_once() {
    let (_sandbox, flowglad, delivery) = world().await;
    let me = flowglad.customer(&ada());
    let before = balance(&me).await;
    let first = me.record_usage(calls(2).unique_for(&ada(), "order_17")).await.unwrap();
    let again = me.record_usage(calls(2).unique_for(&ada(), "order_17")).await.unwrap();
    me.record_usage(calls(1)).await.unwrap();
    assert_eq!((first.is_repeated(), again.is_repeated()), (false, true));
    let left = delivery.flush(PLENTY).await;
    assert_eq!((left.pending, left.dead_letters), (0, 0));
    assert_eq!(balance(&me).await, before - 3);
    let stats = flowglad.usage().stats();
    assert_eq!((stats.recorded, stats.repeated, stats.sent, stats.pending_bytes), (2, 1, 2, 0));
}

#[tokio::test]
async fn an_id_of_the_caller_never_collides_with_that_of_another_customer() {
    let (_sandbox, flowglad, delivery) = world().await;
    let bob = RequestingCustomer::new("user_43", "Bob", "bob@example.com").unwrap();
    for customer in [ada(), bob] {
        let event = NewUsageEvent { transaction_id: Some("req_1".parse().unwrap()), ..calls(1) };
        let me = flowglad.customer(&customer);
        me.billing().await.unwrap();
        assert!(!me.record_usage(event).await.unwrap().is_repeated());
    }
    assert_eq!(delivery.flush(PLENTY).await.pending, 0);
    let ids: Vec<String> = recorded(&flowglad).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["7:user_42:req_1", "7:user_43:req_1"]);
}

#[tokio::test]
async fn a_refused_event_is_a_dead_letter_and_delays_no_other() {
    let (sandbox, flowglad, delivery) = world().await;
    let me = flowglad.customer(&ada());
    me.billing().await.unwrap();
    for number in 0..40 {
        let meter = if number == 17 { "nonsense" } else { METER };
        let event = NewUsageEvent::for_meter(meter, NonZeroU64::MIN).unique_for(&ada(), &number.to_string());
        me.record_usage(event).await.unwrap();
    }
    let left = delivery.flush(PLENTY).await;
    assert_eq!((left.pending, left.dead_letters), (0, 1));
    assert_eq!(recorded(&flowglad).await.len(), 39);
    let dead = flowglad.usage().dead_letters(None, 10).await.unwrap();
    assert_eq!(dead[0].transaction_id(), "7:user_42:17");
    assert_eq!(dead[0].meter(), Some(&MeterRef::UsageMeterSlug("nonsense".into())));
    assert!(matches!(dead[0].reason(), DeadReason::Refused { .. }), "{}", dead[0].reason());
    assert!(!format!("{dead:?}").contains("user_42"));
    drop(sandbox);
}

#[tokio::test]
async fn a_dead_letter_is_replayed_when_its_reason_is_gone_or_discarded() {
    let (_sandbox, flowglad, delivery) = world().await;
    let usage = flowglad.usage();
    let newcomer = RequestingCustomer::new("user_44", "Cid", "cid@example.com").unwrap();
    let new = flowglad.customer(&newcomer);
    new.record_usage(calls(1).unique_for(&newcomer, "a")).await.unwrap();
    new.record_usage(calls(1).unique_for(&newcomer, "b")).await.unwrap();
    assert_eq!(delivery.flush(PLENTY).await.dead_letters, 2);
    let dead = usage.dead_letters(None, 10).await.unwrap();
    assert_eq!(dead[0].reason(), &DeadReason::UnknownCustomer);
    new.find_or_create().await.unwrap();
    assert_eq!(usage.replay([dead[0].sequence(), 999]).await.unwrap(), 1);
    assert_eq!(usage.discard([dead[1].sequence()]).await.unwrap(), 1);
    assert_eq!(delivery.flush(PLENTY).await.dead_letters, 0);
    assert_eq!(recorded(&flowglad).await, [("7:user_44:a".to_owned(), 1)]);
}

#[tokio::test]
async fn usage_of_a_subscription_that_has_ended_is_a_dead_letter_until_it_is_replayed() {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = builder(&sandbox, Outbox::in_memory()).build().unwrap();
    let me = flowglad.customer(&ada());
    let free = me.billing().await.unwrap().current_subscription().unwrap().id.clone();
    me.record_usage(calls(1)).await.unwrap();
    buy(&sandbox, &me, "pro_monthly").await;
    let delivery = flowglad.usage().start_delivery().unwrap();
    assert_eq!(delivery.flush(PLENTY).await.dead_letters, 1);
    let dead = flowglad.usage().dead_letters(None, 10).await.unwrap();
    assert_eq!(dead[0].subscription(), Some(&free));
    assert!(matches!(dead[0].reason(), DeadReason::SubscriptionEnded { .. }), "{}", dead[0].reason());
    flowglad.usage().replay([dead[0].sequence()]).await.unwrap();
    assert_eq!(delivery.shutdown(PLENTY).await.dead_letters, 0);
    let pro = me.billing_with(Freshness::Live).await.unwrap().current_subscription().unwrap().id.clone();
    let event = flowglad.usage_events().list().page().await.unwrap().data[0].clone();
    assert_eq!(event.subscription_id, pro);
}

#[tokio::test]
async fn a_hold_takes_from_the_balance_until_it_is_settled_or_dropped() {
    let (_sandbox, flowglad, delivery) = world().await;
    let me = flowglad.customer(&ada());
    let all = u64::try_from(balance(&me).await).unwrap();
    let hold = me.hold(METER, all - 1).await.unwrap();
    assert_eq!(hold.left(), Some(1));
    let refused = me.hold(METER, 2).await.unwrap_err();
    assert!(matches!(&refused, NotHeld::Refused(_)), "{refused}");
    assert!(me.require(gate::balance(METER, 2)).await.is_err());
    let settled = hold.settle(3).await.unwrap();
    assert_eq!((settled.recorded, settled.left), (3, Some(i64::try_from(all).unwrap() - 3)));
    me.hold(METER, 5).await.unwrap().release();
    drop(me.hold(METER, all - 3).await.unwrap());
    assert_eq!(flowglad.usage().stats().open_holds, 0);
    delivery.flush(PLENTY).await;
    assert_eq!(me.hold(METER, 1).await.unwrap().left(), Some(i64::try_from(all).unwrap() - 4));
    assert_eq!(balance(&me).await, i64::try_from(all).unwrap() - 3);
}

#[tokio::test]
async fn work_with_a_key_is_charged_once_also_when_nothing_is_left() {
    let (_sandbox, flowglad, _delivery) = world().await;
    let me = flowglad.customer(&ada());
    let all = u64::try_from(balance(&me).await).unwrap();
    let hold = me.hold(METER, all).key("request_1").await.unwrap();
    assert!(matches!(me.hold(METER, all).key("request_1").await, Err(NotHeld::InFlight)));
    hold.settle(all).await.unwrap();
    assert!(matches!(me.hold(METER, 1).await, Err(NotHeld::Refused(_))));
    let again = me.hold(METER, all).key("request_1").await.unwrap();
    assert!(again.is_repeated());
    let settled = again.settle(all).await.unwrap();
    assert_eq!((settled.recorded, settled.left, settled.is_repeated), (0, Some(0), true));
}

#[tokio::test]
async fn usage_beyond_the_bound_is_refused_or_waits_for_a_place() {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = builder(&sandbox, Outbox::in_memory().max_events(1)).build().unwrap();
    flowglad.usage().record(&ada(), calls(1)).await.unwrap();
    let refused = flowglad.usage().record(&ada(), calls(1)).await.unwrap_err();
    assert!(matches!(refused, RecordError::Full { pending: 1, .. }), "{refused}");
    assert!(matches!(flowglad.customer(&ada()).hold(METER, 1).await, Err(NotHeld::Outbox(RecordError::Full { .. }))));

    let waits = Outbox::in_memory().max_events(1).when_full(WhenFull::Wait(PLENTY));
    let flowglad = builder(&sandbox, waits).build().unwrap();
    flowglad.customer(&ada()).find_or_create().await.unwrap();
    let delivery = flowglad.usage().start_delivery().unwrap();
    for _ in 0..5 {
        flowglad.usage().record(&ada(), calls(1)).await.unwrap();
    }
    assert_eq!(delivery.shutdown(PLENTY).await.pending, 0);
    assert!(matches!(flowglad.usage().record(&ada(), calls(1)).await, Err(RecordError::Ended)));
}

#[tokio::test]
async fn a_client_without_an_outbox_says_so() {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let refused = flowglad.usage().record(&ada(), calls(1)).await.unwrap_err();
    assert!(matches!(refused, RecordError::NoOutbox), "{refused}");
    assert!(flowglad.usage().start_delivery().is_err());
}

#[tokio::test]
async fn only_one_task_delivers() {
    let (_sandbox, flowglad, delivery) = world().await;
    assert!(flowglad.usage().start_delivery().is_err());
    drop(delivery);
    assert!(flowglad.usage().start_delivery().is_ok());
}

#[tokio::test]
async fn failures_that_may_pass_are_waited_out() {
    let (sandbox, flowglad, delivery) = world().await;
    let me = flowglad.customer(&ada());
    me.billing().await.unwrap();
    sandbox.inject_fault(Fault::status(503).on("POST", "/api/v1/usage-events/bulk")).unwrap();
    sandbox.inject_fault(Fault::rate_limited().on("POST", "/api/v1/usage-events/bulk")).unwrap();
    sandbox.inject_fault(Fault::cut_after().on("POST", "/api/v1/usage-events/bulk")).unwrap();
    me.record_usage(calls(1)).await.unwrap();
    let left = delivery.flush(PLENTY).await;
    assert_eq!((left.pending, left.dead_letters), (0, 0));
    assert_eq!(recorded(&flowglad).await.len(), 1);
    assert!(!flowglad.usage().stats().is_failing);
}

/// Buys a plan, as the customer does on Flowglad's page.
async fn buy(sandbox: &Sandbox, me: &CustomerScope, price: &str) {
    let home = || "https://app.example.com/".parse().unwrap();
    let checkout = ProductCheckout::new(PriceRef::Slug(price.into()), CheckoutOptions::new(home(), home()));
    let session = me.create_checkout_session(&checkout).await.unwrap();
    sandbox.complete_checkout_session(session.checkout_session.id.as_str()).unwrap();
}
