//! What a killed program recorded counts as spent before it is sent.

use std::time::{Duration, Instant};

use flowglad_core::Flowglad;
use flowglad_metering::{
    acknowledged::Acknowledged,
    call::{CREDIT_METER, CUSTOMERS, Call, Kind},
    meter,
};
use flowglad_sandbox::Fault;

use crate::scene::Scene;

const CREDITS: u64 = 100_000;

#[test]
fn what_was_recorded_before_a_kill_is_spent_after_it_and_is_spent_once_when_it_is_sent() {
    let scene = Scene::with_credits(CREDITS);
    let away = Fault::status(503).times(u32::MAX).on("POST", "/api/v1/usage-events/bulk");
    scene.sandbox.inject_fault(away).unwrap();
    let mut acknowledged = Acknowledged::default();
    let program = scene.start.make_calls(0, &[]).unwrap();
    let soon = Instant::now() + Duration::from_secs(20);
    (0..300).for_each(|_| acknowledged.note(0, program.line_before(soon).unwrap()));
    let ended = program.kill().unwrap();
    assert!(ended.was_killed(), "{}", ended.errors);
    ended.lines.into_iter().for_each(|line| acknowledged.note(0, line));
    assert_eq!(scene.sandbox.usage_ledger(), []);

    scene.runtime.block_on(async {
        let flowglad = scene.client();
        let mut left = Vec::new();
        for customer in CUSTOMERS {
            let of_customer = |call: &Call| call.customer() == customer;
            let acknowledged_ones = acknowledged.calls.keys().copied().filter(of_customer);
            let begun_ones = acknowledged.may_have_begun_in(0).filter(of_customer);
            let most_left = CREDITS - credits_of(acknowledged_ones);
            let least_left = CREDITS - credits_of(begun_ones);
            let now = left_of(&flowglad, customer).await;
            assert!((least_left..=most_left).contains(&now), "{customer}: {now}, not {least_left} to {most_left}");
            left.push(now);
        }
        scene.sandbox.clear_faults();
        let delivery = flowglad.usage().start_delivery().unwrap();
        assert_eq!(delivery.flush(Duration::from_secs(30)).await.pending, 0);
        for (customer, left) in CUSTOMERS.into_iter().zip(left) {
            assert_eq!(left_of(&flowglad, customer).await, left, "{customer}");
            let ledger = scene.sandbox.usage_ledger();
            let on_meter = |entry: &&flowglad_sandbox::UsageLedgerEntry| {
                entry.customer_external_id == customer && entry.usage_meter_slug == CREDIT_METER
            };
            let charged: i64 = ledger.iter().filter(on_meter).map(|entry| entry.amount).sum();
            assert_eq!(i64::try_from(CREDITS - left).unwrap(), charged, "{customer}");
        }
    });
}

/// What is left for a hold, as a program after the kill sees it.
async fn left_of(flowglad: &Flowglad, external_id: &str) -> u64 {
    let number = u32::try_from(CUSTOMERS.iter().position(|customer| *customer == external_id).unwrap()).unwrap();
    let customer = meter::customer(Call { run: 0, task: number, number: 0 }).unwrap();
    let hold = flowglad.customer(&customer).hold(CREDIT_METER, 1).await.unwrap();
    u64::try_from(hold.left().unwrap() + 1).unwrap()
}

/// What calls cost on the meter with credits.
fn credits_of(calls: impl Iterator<Item = Call>) -> u64 {
    let charged = |call: &Call| matches!(call.kind(), Kind::Keyed | Kind::Held | Kind::SettledLater);
    calls.filter(charged).map(Call::amount).sum()
}
