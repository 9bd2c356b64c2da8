//! Times and names as the pages write them.

use jiff::Timestamp;
use serde::Serialize;

/// A day for customers, such as `February 1, 2026`.
pub(crate) fn long_date(epoch_ms: i64) -> String {
    format_time(epoch_ms, "%B %-d, %Y")
}

/// A day for developers, such as `2026-02-01`.
pub(crate) fn day(epoch_ms: i64) -> String {
    format_time(epoch_ms, "%Y-%m-%d")
}

/// A minute for developers, such as `2026-02-01 09:30 UTC`.
pub(crate) fn minute(epoch_ms: i64) -> String {
    format_time(epoch_ms, "%Y-%m-%d %H:%M UTC")
}

/// A minute as a browser's field for a date and a time has it, such as `2026-02-01T09:30`.
pub(crate) fn picked_minute(epoch_ms: i64) -> String {
    format_time(epoch_ms, "%Y-%m-%dT%H:%M")
}

fn format_time(epoch_ms: i64, form: &str) -> String {
    Timestamp::from_millisecond(epoch_ms).map_or_else(|_| epoch_ms.to_string(), |time| time.strftime(form).to_string())
}

/// The API's name of a status or a type, as a label: `past_due` is `Past due`.
pub(crate) fn label(name: &impl Serialize) -> String {
    let name = serde_json::to_value(name).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A count and its noun, such as `1 day` and `3 days`.
pub(crate) fn counted(count: i64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
