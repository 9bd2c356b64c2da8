//! Drift that is allowed, and why.

use flowglad_conformance::{Allowances, AllowancesError, Report};
use serde_json::json;

use super::{compared, facts_of};

/// Three fields are missing: `colour`, `size`, `slug`. Only one operation is described, so the others are extra.
async fn report(allowed: &str) -> Report {
    let mut facts = facts_of("payments.refund");
    let text = json!({"type": "string"});
    facts["operations"]["payments.refund"]["body"] =
        json!({"type": "object", "properties": {"colour": text, "size": text, "slug": text}});
    let allowed = format!("{allowed}\n* operation extra # not looked at here");
    let mut report = Report::of(compared(facts).await, &Allowances::parse(&allowed).unwrap());
    report.allowed.retain(|allowed| allowed.reason != "not looked at here");
    report
}

#[tokio::test]
async fn a_line_allows_what_its_pattern_fits() {
    let report = report(
        "# for people\n\nPOST /payments/{id}/refund body s* missing # later\n  * body colour missing#never # really \n",
    )
    .await;
    assert!(report.is_clean(), "{report}");
    let allowed: Vec<_> = report.allowed.iter().map(|allowed| (&*allowed.drift.at, &*allowed.reason)).collect();
    assert_eq!(allowed, [("colour", "never # really"), ("size", "later"), ("slug", "later")]);
}

#[tokio::test]
async fn a_pattern_must_fit_the_whole_line() {
    let report = report("body colour # only a part\nPOST /payments/{id}/refund body * # all of them").await;
    assert!(report.drift.is_empty(), "{report}");
    assert_eq!(report.stale.iter().map(|line| (line.line, &*line.pattern)).collect::<Vec<_>>(), [(1, "body colour")]);
    assert!(!report.is_clean());
}

#[tokio::test]
async fn the_first_line_that_fits_gives_the_reason_and_the_others_are_not_stale() {
    let report = report("*colour missing # the colour\n* # all").await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.allowed.iter().find(|allowed| allowed.drift.at == "colour").unwrap().reason, "the colour");
    assert_eq!(report.allowed.iter().find(|allowed| allowed.drift.at == "size").unwrap().reason, "all");
}

#[test]
fn a_line_without_a_reason_or_a_pattern_is_refused() {
    let refused = |text: &str| Allowances::parse(text).unwrap_err().to_string();
    assert_eq!(refused("# fine\nPOST /things"), "line 2 gives no reason: write `<pattern> # <reason>`");
    assert!(matches!(Allowances::parse("a #  "), Err(AllowancesError::NoReason { .. })));
    assert!(matches!(Allowances::parse("  # why"), Err(AllowancesError::NoPattern { .. })));
}

#[tokio::test]
async fn the_table_shows_what_is_not_explained() {
    let report = report("*colour missing # not sold\n*size missing # not sold\n*weight missing # gone").await;
    let table = report.to_string();
    let (explained, _) = table.split_once("operations ").unwrap();
    insta::assert_snapshot!(explained, @"
    OPERATION                   PROBLEM  WHERE
    POST /payments/{id}/refund  missing  body slug

    allowed drift, line 3: `*weight missing` fits nothing any more
    ");
}
