//! What is past due and who counts as entitled, by documents.

use flowglad_core::{
    Billing,
    billing::{NotEntitled, Standing},
    model::{SubscriptionStatus, Timestamp},
};
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60 * 1000;
/// The start of the plan in the documented example, which is also that of its first period.
const START: i64 = 1_767_312_000_000;
/// The end of its first period, which is paid.
const RENEWAL: i64 = 1_769_990_400_000;

/// The documented example of a customer of the plan Pro, after a change of its current subscription.
fn document(change: impl Fn(&mut Value)) -> Value {
    let example = include_str!("../../../tests/spec/examples/customer-billing.json");
    let mut document: Value = serde_json::from_str(example).unwrap();
    change(&mut document["currentSubscriptions"][0]);
    document
}

/// The plan in its second period.
fn second_period(status: &str) -> Value {
    document(|plan| {
        plan["status"] = json!(status);
        plan["currentBillingPeriodStart"] = json!(RENEWAL);
        plan["currentBillingPeriodEnd"] = json!(RENEWAL + 30 * DAY);
    })
}

fn add_invoice(document: &mut Value, status: &str, (period, start): (&str, i64), date: i64) {
    let mut bill = document["invoices"][0].clone();
    for (key, value) in [
        ("id", json!(format!("inv_{status}_{date}"))),
        ("status", json!(status)),
        ("billingPeriodId", json!(period)),
        ("billingPeriodStartDate", json!(start)),
        ("billingPeriodEndDate", json!(start + 30 * DAY)),
        ("invoiceDate", json!(date)),
    ] {
        bill["invoice"][key] = value;
    }
    document["invoices"].as_array_mut().unwrap().push(bill);
}

fn billing(document: &Value) -> Billing {
    Billing::from_raw(document.to_string()).unwrap()
}

fn counts(document: &Value, standing: Standing, at: i64) -> Result<(), NotEntitled> {
    let billing = billing(document);
    standing.counts(&billing, &billing.current_subscriptions()[0], Timestamp::from_millis(at))
}

#[test]
fn the_statuses_that_count_when_the_plan_is_paid_up() {
    for (status, expected) in [
        ("active", true),
        ("trialing", true),
        ("cancellation_scheduled", true),
        ("credit_trial", true),
        ("past_due", false),
        ("unpaid", false),
        ("incomplete", false),
        ("incomplete_expired", false),
        ("canceled", false),
        ("paused", false),
        ("hibernating", false),
    ] {
        let document = document(|plan| plan["status"] = json!(status));
        assert_eq!(counts(&document, Standing::paid_up(), START + DAY).is_ok(), expected, "{status}");
        assert_eq!(counts(&document, Standing::any(), START + DAY), Ok(()), "{status}");
    }
}

#[test]
fn a_plan_that_costs_nothing_counts_while_it_is_past_due_but_not_when_it_has_ended() {
    let free = |status: &str| {
        document(|plan| {
            plan["isFreePlan"] = json!(true);
            plan["status"] = json!(status);
        })
    };
    assert_eq!(counts(&free("past_due"), Standing::paid_up(), START), Ok(()));
    let ended = counts(&free("canceled"), Standing::paid_up(), START).unwrap_err();
    assert!(matches!(ended, NotEntitled::Status { status: SubscriptionStatus::Canceled, .. }));
    let reduced = document(|plan| {
        plan["status"] = json!("past_due");
        plan["subscriptionItems"][0]["unitPrice"] = json!(0);
    });
    assert_eq!(counts(&reduced, Standing::paid_up(), START), Ok(()), "a paid plan that was changed to a free price");
    assert_eq!(counts(&reduced, Standing::any().paid_plan_only(), START), Err(NotEntitled::FreePlan));
}

#[test]
fn an_invoice_that_a_change_of_plan_left_open_is_not_past_due() {
    let mut renewed = second_period("active");
    let of_period = ("billing_period_2", RENEWAL);
    add_invoice(&mut renewed, "paid", of_period, RENEWAL);
    add_invoice(&mut renewed, "open", of_period, RENEWAL + 10 * DAY);
    assert_eq!(counts(&renewed, Standing::paid_up(), RENEWAL + 20 * DAY), Ok(()));

    let mut without_card = second_period("past_due");
    let first = without_card["invoices"][0]["invoice"]["billingPeriodId"].as_str().unwrap().to_owned();
    add_invoice(&mut without_card, "open", (&first, START), START + 10 * DAY);
    assert_eq!(billing(&without_card).past_due().unwrap().invoice, None);

    let mut later = second_period("past_due");
    add_invoice(&mut later, "open", (&first, START), START + 10 * DAY);
    add_invoice(&mut later, "open", ("billing_period_2", RENEWAL), RENEWAL);
    let billing = billing(&later);
    let past_due = billing.past_due().unwrap();
    assert_eq!(past_due.since, Timestamp::from_millis(RENEWAL));
    assert_eq!(past_due.invoice.unwrap().invoice.billing_period_id.as_ref().unwrap().as_str(), "billing_period_2");
}

#[test]
fn days_of_grace_do_not_begin_again_with_each_unpaid_period() {
    // Without a card Flowglad writes no invoices for the periods that follow.
    let mut document = second_period("past_due");
    document["currentSubscriptions"][0]["currentBillingPeriodStart"] = json!(RENEWAL + 28 * DAY);
    let billing = billing(&document);
    let past_due = billing.past_due().unwrap();
    assert_eq!((past_due.since, past_due.invoice, past_due.amount()), (Timestamp::from_millis(RENEWAL), None, None));
    assert!(counts(&document, Standing::grace_days(7), RENEWAL + 29 * DAY).is_err());
}

#[test]
fn an_invoice_that_stayed_unpaid_before_a_paid_period_does_not_shorten_the_grace() {
    let mut document = second_period("past_due");
    let third = RENEWAL + 60 * DAY;
    document["currentSubscriptions"][0]["currentBillingPeriodStart"] = json!(third);
    add_invoice(&mut document, "open", ("billing_period_2", RENEWAL), RENEWAL);
    add_invoice(&mut document, "paid", ("billing_period_3", RENEWAL + 30 * DAY), RENEWAL + 30 * DAY);
    add_invoice(&mut document, "open", ("billing_period_4", third), third);
    assert_eq!(billing(&document).past_due().unwrap().since, Timestamp::from_millis(third));
    assert_eq!(counts(&document, Standing::grace_days(7), third + 6 * DAY), Ok(()));
}

#[test]
fn a_plan_that_is_past_due_in_a_paid_period_is_so_since_its_open_invoice() {
    let mut document = document(|plan| plan["status"] = json!("past_due"));
    assert_eq!(billing(&document).past_due().unwrap().since, Timestamp::from_millis(START), "the start of the period");
    add_invoice(&mut document, "open", ("another", START), START + 10 * DAY);
    assert_eq!(billing(&document).past_due().unwrap().since, Timestamp::from_millis(START + 10 * DAY));
}

#[test]
fn a_trial_that_ended_without_a_card_is_past_due_since_its_end() {
    let ended = START + 14 * DAY;
    let mut document = document(|plan| {
        plan["status"] = json!("past_due");
        plan["trialEnd"] = json!(ended);
        plan["currentBillingPeriodStart"] = json!(ended);
    });
    document["invoices"] = json!([]);
    assert_eq!(billing(&document).past_due().unwrap().since, Timestamp::from_millis(ended));
}

#[test]
fn a_renewal_has_a_day_for_its_payment() {
    let mut document = second_period("active");
    add_invoice(&mut document, "open", ("billing_period_2", RENEWAL), RENEWAL);
    assert_eq!(counts(&document, Standing::paid_up(), RENEWAL + DAY - 1), Ok(()));
    assert!(counts(&document, Standing::paid_up(), RENEWAL + DAY).is_err());
    assert_eq!(counts(&document, Standing::grace_days(3), RENEWAL + 2 * DAY), Ok(()));
    assert_eq!(billing(&document).past_due(), None, "the status says nothing of it");

    let mut confirmed_later = second_period("active");
    let of_period = ("billing_period_2", RENEWAL);
    add_invoice(&mut confirmed_later, "awaiting_payment_confirmation", of_period, RENEWAL);
    assert_eq!(counts(&confirmed_later, Standing::paid_up(), RENEWAL + 5 * DAY), Ok(()), "a bank takes its time");
}

#[test]
fn a_clock_that_is_behind_or_a_grace_of_a_century_does_no_harm() {
    let document = second_period("past_due");
    assert_eq!(counts(&document, Standing::grace_days(1), 0), Ok(()));
    assert_eq!(counts(&document, Standing::grace_days(u32::MAX), RENEWAL + 36_500 * DAY), Ok(()));
}
