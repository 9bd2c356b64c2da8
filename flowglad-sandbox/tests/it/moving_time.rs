//! Moving the time: at once or in steps, by the clock, and its limits.

use flowglad_sandbox::{Clock, Sandbox, SandboxError};
use serde_json::json;

use crate::{
    Api, DAY_MS, NEW_YEAR, text,
    time::{MARCH, adjust, cancel_at_period_end, customer_with, document, invoices, paid, status},
};

/// A sandbox with one customer for each thing that can be due. Two of them differ by their port only.
async fn customers_of_all_kinds() -> Api {
    let (api, id) = customer_with("pro_monthly").await;
    api.buy("u", "credit_pack_500").await;
    api.use_calls(&id, 1733, "t").await.ok();
    api.new_customer("free").await;
    for (external_id, plan) in [("trial", "trial_monthly"), ("leaving", "pro_monthly"), ("shrinking", "team_monthly")] {
        api.new_customer(external_id).await;
        api.buy(external_id, plan).await;
    }
    cancel_at_period_end(&api, &api.current("leaving").await).await;
    adjust(&api, &api.current("shrinking").await, "lite_monthly").await.ok();
    // The end of the trial is paid before the first of these is due.
    api.sandbox.advance_to(NEW_YEAR + 14 * DAY_MS).unwrap();
    for _ in 0..2 {
        api.sandbox.fail_next_payment();
    }
    api
}

#[tokio::test]
async fn a_year_at_once_is_twelve_single_months() {
    let mut documents = Vec::new();
    // All of them end on the same day, the first days after the trial included.
    for steps in [vec![351], vec![17, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], vec![1; 351]] {
        let api = customers_of_all_kinds().await;
        for days in steps {
            api.sandbox.advance_days(days);
        }
        let mut texts = Vec::new();
        for external_id in ["u", "free", "trial", "leaving", "shrinking"] {
            let text = api.get(&format!("/customers/{external_id}/billing")).await.text;
            texts.push(text.replace(api.sandbox.base_url(), ""));
        }
        assert_eq!(invoices(&api.billing("u").await), {
            let mut expected = paid(&[2000; 14]);
            expected[1].1 = 900;
            expected[2].1 = 2000 + 24;
            expected
        });
        assert_eq!(invoices(&api.billing("trial").await).len(), 12);
        assert_eq!(invoices(&api.billing("leaving").await).len(), 2, "the free plan's of 0 came on top");
        assert_eq!(invoices(&api.billing("shrinking").await).len(), 13);
        documents.push(texts);
    }
    assert_eq!(documents[0], documents[1]);
    assert_eq!(documents[0], documents[2]);
}

#[tokio::test]
async fn time_in_which_nothing_is_due_changes_nothing() {
    let (api, _) = customer_with("pro_monthly").await;
    let before = document(&api).await;
    assert_eq!(api.sandbox.advance_days(0), 0);
    assert_eq!(api.sandbox.advance_days(30), 0);
    assert_eq!(api.clock.now_ms(), NEW_YEAR + 30 * DAY_MS);
    assert_eq!(document(&api).await, before);
}

#[tokio::test]
async fn what_was_due_while_only_the_clock_moved_happens_with_the_next_advance() {
    let (api, id) = customer_with("pro_monthly").await;
    api.clock.set(MARCH + DAY_MS);
    assert_eq!(invoices(&api.billing("u").await), paid(&[2000]), "the clock alone does nothing");
    assert_eq!(api.sandbox.advance_days(0), 2);
    let billing = api.billing("u").await;
    assert_eq!(invoices(&billing), paid(&[2000, 2000, 2000]));
    assert_eq!(billing["invoices"][1]["invoice"]["createdAt"], MARCH + DAY_MS, "nothing is made in the past");
    assert_eq!(billing["currentSubscription"]["currentBillingPeriodStart"], MARCH);
    assert_eq!(api.balance("u").await, 1000);
    assert_eq!(status(&api, &id).await, "active");
}

#[tokio::test]
async fn the_past_and_the_far_future_cannot_be_reached() {
    let (api, _) = customer_with("pro_monthly").await;
    let before = document(&api).await;
    let past = api.sandbox.advance_to(NEW_YEAR - 1).unwrap_err();
    assert!(matches!(past, SandboxError::TimeInPast { .. }));
    assert_eq!(past.to_string(), "the time 1767225599999 is before now, 1767225600000");
    for far in [NEW_YEAR + 3_654 * DAY_MS, i64::MAX] {
        assert!(matches!(api.sandbox.advance_to(far).unwrap_err(), SandboxError::TimeTooFarAhead { .. }));
    }
    assert!(api.sandbox.advance_to(i64::MIN).is_err());
    assert_eq!((api.clock.now_ms(), document(&api).await), (NEW_YEAR, before));
    assert_eq!(api.sandbox.advance_days(u32::MAX), 120, "more than ten years count as ten, of twelve months");
    assert_eq!(api.clock.now_ms(), NEW_YEAR + 3_653 * DAY_MS);
}

#[tokio::test]
async fn a_period_beyond_the_calendar_stops_no_other_subscription() {
    let api = Api::start().await;
    api.new_customer("far").await;
    let new = json!({ "customerExternalId": "far", "priceSlug": "pro_monthly", "doNotCharge": true,
        "interval": "year", "intervalCount": 7000 });
    let far = text(&api.post("/subscriptions", new).await.ok()["subscription"]["id"]);
    let end = api.get(&format!("/subscriptions/{far}")).await.ok()["subscription"]["currentBillingPeriodEnd"].clone();
    api.clock.set(end.as_i64().unwrap() - DAY_MS);
    api.new_customer("later").await;
    let id = api.current("later").await;
    assert!(api.sandbox.advance_days(40) > 0);
    assert_eq!(status(&api, &far).await, "active", "its next period cannot be written down");
    assert_eq!(status(&api, &id).await, "past_due", "others go on");
}

#[tokio::test]
async fn a_sandbox_on_the_computers_clock_can_be_moved() {
    let sandbox = Sandbox::builder().clock(Clock::system()).start().await.unwrap();
    let api = Api { sandbox, clock: Clock::system(), client: crate::client() };
    let created = api.new_customer("u").await["subscription"]["createdAt"].as_i64().unwrap();
    assert_eq!(api.sandbox.advance_days(40), 1);
    let session = api.checkout("u", json!({ "type": "add_payment_method" })).await.ok();
    assert!(session["checkoutSession"]["createdAt"].as_i64().unwrap() >= created + 40 * DAY_MS);
    assert!(api.sandbox.advance_to(created).is_err());
}

#[tokio::test]
async fn time_has_an_end_in_all_and_reset_sets_it_back() {
    let api = Api::start().await;
    let mut years = 0;
    loop {
        let before = api.clock.now_ms();
        api.sandbox.advance_days(u32::MAX);
        if api.clock.now_ms() == before {
            break;
        }
        years += 10;
    }
    assert!((7_000..9_000).contains(&years), "{years}");
    let end = api.clock.now_ms();
    let beyond = api.control_api("advance", json!({ "to": end + 1 })).await.error(400);
    assert!(beyond.contains("too far ahead"), "{beyond}");
    api.control_api("advance", json!({ "days": 0 })).await.ok();
    api.new_customer("at_the_end").await;
    assert_eq!(api.billing("at_the_end").await["customer"]["createdAt"], end);

    api.control_api("reset", json!({})).await.ok();
    assert_eq!(api.clock.now_ms(), NEW_YEAR);
    assert_eq!(api.new_customer("u").await["customer"]["createdAt"], NEW_YEAR);
    assert_eq!(api.sandbox.advance_days(31), 1, "time moves again as from the start");
}

#[tokio::test]
async fn a_reset_sandbox_on_the_computers_clock_follows_it_again() {
    let clock = Clock::system();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let before = clock.now_ms();
    sandbox.advance_days(3_000);
    sandbox.reset();
    assert!((before..before + DAY_MS).contains(&clock.now_ms()));
    sandbox.advance_days(10);
    sandbox.restore(&sandbox.snapshot()).unwrap();
    assert!(clock.now_ms() >= before + 10 * DAY_MS);
    sandbox.reset();
    assert!((before..before + DAY_MS).contains(&clock.now_ms()));
}
