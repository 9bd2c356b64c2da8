//! When billing periods end.

use jiff::{Span, Timestamp, tz::TimeZone};

use crate::{records::pricing::IntervalUnit, refusal::Refusal};

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
pub(crate) const HOUR_MS: i64 = DAY_MS / 24;

/// The end of the period that starts at `start`: the same day and time of a later month in UTC, or that
/// month's last day if it is shorter.
pub(crate) fn end_of(start: i64, unit: IntervalUnit, count: i64) -> Result<i64, Refusal> {
    let months = match unit {
        IntervalUnit::Month => Some(count),
        IntervalUnit::Year => count.checked_mul(12),
        IntervalUnit::Day | IntervalUnit::Week => {
            return Err(Refusal::rule(format!("Unsupported billing interval: {}", unit.word())));
        }
    };
    // A period that does not move forward would be renewed for ever.
    let months = months.filter(|&months| months > 0);
    months.and_then(|months| months_after(start, months)).ok_or_else(|| {
        Refusal::rule(format!("Invalid intervalCount: {count} {}s is not a billable period", unit.word()))
    })
}

/// The day of a time in UTC, such as `2026-01-31`.
pub(crate) fn date_of(time: i64) -> String {
    let time = Timestamp::from_millisecond(time).unwrap_or_default();
    time.to_zoned_datetime(TimeZone::UTC).date().to_string()
}

fn months_after(start: i64, months: i64) -> Option<i64> {
    let start = Timestamp::from_millisecond(start).ok()?.to_zoned_datetime(TimeZone::UTC);
    let span = Span::new().try_months(months).ok()?;
    Some(start.checked_add(span).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_month_from_the_31st_ends_on_the_last_day_and_stays_there() {
        let february = end_of(ms("2026-01-31T09:30:00Z"), IntervalUnit::Month, 1).unwrap();
        assert_eq!(february, ms("2026-02-28T09:30:00Z"));
        assert_eq!(end_of(february, IntervalUnit::Month, 1).unwrap(), ms("2026-03-28T09:30:00Z"));
    }

    #[test]
    fn a_year_from_a_leap_day_ends_on_the_28th() {
        assert_eq!(end_of(ms("2028-02-29T00:00:00Z"), IntervalUnit::Year, 1).unwrap(), ms("2029-02-28T00:00:00Z"));
    }

    #[test]
    fn days_and_absurd_counts_are_refused() {
        assert!(end_of(0, IntervalUnit::Day, 1).is_err());
        assert!(end_of(0, IntervalUnit::Month, 0).is_err());
        assert!(end_of(0, IntervalUnit::Year, -1).is_err());
        assert!(end_of(0, IntervalUnit::Year, i64::MAX).is_err());
        assert!(end_of(0, IntervalUnit::Month, 9_007_199_254_740_991).is_err());
    }
}
