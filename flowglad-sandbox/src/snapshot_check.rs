//! What a state must fulfill beyond its form, because the rules rely on it.

use crate::{
    clock::END_OF_TIME_MS,
    records::{
        billing::BillingRun,
        pricing::Price,
        record::Record,
        subscription::{BillingPeriod, Subscription},
    },
    rules::{billing::period::DAY_MS, subscription::dunning::DAYS_BEFORE_RETRY},
    store::{table::Table, tables::Tables},
};

/// How long something can be due. Longer, and the next move of the time would renew a subscription thousands of times.
const LONGEST_DUE_MS: i64 = 36_525 * DAY_MS;

/// Checks what the rules rely on. An error names the place, as those about the form do.
pub(crate) fn check(now: i64, tables: &Tables) -> Result<(), String> {
    if !(0..=END_OF_TIME_MS).contains(&now) {
        return Err(format!("now: {now} is not between 1970 and 9998"));
    }
    each("prices", &tables.prices, price)?;
    each("subscriptions", &tables.subscriptions, |record| subscription(now, record))?;
    each("billing_periods", &tables.billing_periods, billing_period)?;
    each("billing_runs", &tables.billing_runs, |record| billing_run(now, record))
}

fn each<R: Record>(name: &str, table: &Table<R>, check: impl Fn(&R) -> Result<(), String>) -> Result<(), String> {
    let mut rows = table.iter().enumerate();
    rows.try_for_each(|(index, record)| check(record).map_err(|problem| format!("{name}.{index}.{problem}")))
}

fn price(price: &Price) -> Result<(), String> {
    positive("intervalCount", price.interval_count)?;
    positive("usageEventsPerUnit", price.usage_events_per_unit)?;
    not_negative("trialPeriodDays", price.trial_period_days)
}

fn subscription(now: i64, subscription: &Subscription) -> Result<(), String> {
    positive("intervalCount", subscription.interval_count)?;
    let (start, end) = (subscription.current_billing_period_start, subscription.current_billing_period_end);
    if let Some((start, end)) = start.zip(end) {
        ordered("currentBillingPeriodEnd", start, end)?;
    }
    let is_over = subscription.is_terminal();
    due("currentBillingPeriodEnd", now, end.filter(|_| !is_over))?;
    due("cancelScheduledAt", now, subscription.cancel_scheduled_at.filter(|_| !is_over))
}

fn billing_period(period: &BillingPeriod) -> Result<(), String> {
    ordered("end", period.start, period.end)
}

fn billing_run(now: i64, run: &BillingRun) -> Result<(), String> {
    if run.retries > DAYS_BEFORE_RETRY.len() {
        return Err(format!("retries: {} is more than {}", run.retries, DAYS_BEFORE_RETRY.len()));
    }
    due("next_try_at", now, run.next_try_at)
}

fn positive(field: &str, number: Option<i64>) -> Result<(), String> {
    number.filter(|&number| number < 1).map_or(Ok(()), |number| Err(format!("{field}: {number} is not 1 or more")))
}

fn not_negative(field: &str, number: Option<i64>) -> Result<(), String> {
    number.filter(|&number| number < 0).map_or(Ok(()), |number| Err(format!("{field}: {number} is negative")))
}

fn ordered(field: &str, start: i64, end: i64) -> Result<(), String> {
    if start <= end { Ok(()) } else { Err(format!("{field}: {end} is before the start, {start}")) }
}

fn due(field: &str, now: i64, at: Option<i64>) -> Result<(), String> {
    let too_early = at.filter(|&at| at < now.saturating_sub(LONGEST_DUE_MS));
    too_early.map_or(Ok(()), |at| Err(format!("{field}: {at} is more than a hundred years before the time, {now}")))
}
