//! Timestamps: as text, as JSON, and as types of other crates.

use std::{fmt::Debug, time::SystemTime};

use flowglad_core::model::Timestamp;
use proptest::prelude::*;

/// From the first millisecond of the year 1 to the last one of the year 9999.
const FOUR_DIGIT_YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// Any millisecond, with many at the limits of the range and many of the present.
fn millis() -> impl Strategy<Value = i64> {
    let edges = vec![
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1,
        i64::MAX - 1,
        i64::MAX,
        *FOUR_DIGIT_YEARS.start(),
        *FOUR_DIGIT_YEARS.end(),
    ];
    prop_oneof![any::<i64>(), prop::sample::select(edges), FOUR_DIGIT_YEARS, 1_700_000_000_000..1_900_000_000_000_i64]
}

/// Checks that a timestamp which another type can represent is unchanged after both conversions.
fn comes_back<Other>(time: Timestamp) -> Result<(), TestCaseError>
where
    Other: TryFrom<Timestamp, Error: Debug> + Debug + Clone,
    Timestamp: From<Other>,
{
    if let Ok(other) = Other::try_from(time) {
        prop_assert_eq!(Timestamp::from(other.clone()), time, "by {:?}", other);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_time_is_written_as_its_milliseconds_and_read_again(millis in millis()) {
        let time = Timestamp::from_millis(millis);
        let written = serde_json::to_string(&time).unwrap();
        prop_assert_eq!(&written, &millis.to_string());
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&written).unwrap(), time);
        prop_assert_eq!(time.as_millis(), millis);
    }

    #[test]
    fn a_time_of_a_four_digit_year_is_shown_and_read_again(millis in FOUR_DIGIT_YEARS) {
        let time = Timestamp::from_millis(millis);
        let shown = time.to_string();
        prop_assert_eq!(shown.parse::<Timestamp>(), Ok(time), "{}", shown);
        prop_assert_eq!(serde_json::from_value::<Timestamp>(shown.clone().into()).unwrap(), time);
        prop_assert_eq!((shown.len(), shown.ends_with('Z')), ("2026-01-01T12:00:00.040Z".len(), true), "{}", shown);
    }

    #[test]
    fn any_time_is_shown_without_a_panic(millis in millis()) {
        prop_assert!(!Timestamp::from_millis(millis).to_string().is_empty());
    }

    #[test]
    fn times_of_other_crates_come_back_as_they_were(millis in millis()) {
        let time = Timestamp::from_millis(millis);
        comes_back::<SystemTime>(time)?;
        comes_back::<jiff::Timestamp>(time)?;
        comes_back::<chrono::DateTime<chrono::Utc>>(time)?;
        comes_back::<time::OffsetDateTime>(time)?;
    }

    #[test]
    fn all_crates_mean_the_same_moment(millis in FOUR_DIGIT_YEARS) {
        let time = Timestamp::from_millis(millis);
        prop_assert_eq!(chrono::DateTime::<chrono::Utc>::try_from(time).unwrap().timestamp_millis(), millis);
        let nanos = i128::from(millis) * 1_000_000;
        prop_assert_eq!(time::OffsetDateTime::try_from(time).unwrap().unix_timestamp_nanos(), nanos);
        if let Ok(time) = jiff::Timestamp::try_from(time) {
            prop_assert_eq!(time.as_nanosecond(), nanos);
        }
    }
}

#[test]
fn the_first_and_last_moments_of_four_digit_years_are_shown_and_read_again() {
    for (millis, shown) in
        [(*FOUR_DIGIT_YEARS.start(), "0001-01-01T00:00:00.000Z"), (*FOUR_DIGIT_YEARS.end(), "9999-12-31T23:59:59.999Z")]
    {
        let time = Timestamp::from_millis(millis);
        assert_eq!((time.to_string().as_str(), shown.parse()), (shown, Ok(time)));
    }
}
