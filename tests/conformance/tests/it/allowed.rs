//! Drift that is allowed, and why.

use flowglad_conformance::{Allowances, AllowancesError, Report, compare};
use serde_json::json;

use super::{client, description, object, text};

/// Three fields are missing: `colour`, `size`, `slug`.
fn report(allowed: &str) -> Report {
    let described = object(&json!({"name!": text(), "colour": text(), "size": text(), "slug": text()}));
    let reply = object(&json!({"id!": text()}));
    let ours = client(Some(&object(&json!({"name!": text()}))), &object(&json!({"id!": text(), "note": text()})));
    let comparison = compare(&description(Some(&described), &reply), &ours).unwrap();
    Report::of(comparison, &Allowances::parse(allowed).unwrap())
}

#[test]
fn a_line_allows_what_its_pattern_fits() {
    let report = report(
        "# for people\n\nPOST /things body s* missing # later\n  POST /things body colour missing#never # really \n",
    );
    assert!(report.is_clean());
    let allowed: Vec<_> = report.allowed.iter().map(|allowed| (&*allowed.drift.at, &*allowed.reason)).collect();
    assert_eq!(allowed, [("colour", "never # really"), ("size", "later"), ("slug", "later")]);
}

#[test]
fn a_pattern_must_fit_the_whole_line() {
    let report = report("body colour # only a part\nPOST /things body * # all of them");
    assert!(report.drift.is_empty());
    assert_eq!(report.stale.iter().map(|line| (line.line, &*line.pattern)).collect::<Vec<_>>(), [(1, "body colour")]);
    assert!(!report.is_clean());
}

#[test]
fn the_first_line_that_fits_gives_the_reason_and_the_others_are_not_stale() {
    let report = report("*colour missing # the colour\n* # all");
    assert!(report.is_clean());
    assert_eq!(report.allowed[0].reason, "the colour");
    assert_eq!(report.allowed[1].reason, "all");
}

#[test]
fn information_is_not_drift_that_could_be_allowed() {
    assert_eq!(report("*missing # later\n*note extra # read for older servers").stale[0].line, 2);
}

#[test]
fn a_line_without_a_reason_or_a_pattern_is_refused() {
    let refused = |text: &str| Allowances::parse(text).unwrap_err().to_string();
    assert_eq!(refused("# fine\nPOST /things"), "line 2 gives no reason: write `<pattern> # <reason>`");
    assert!(matches!(Allowances::parse("a #  "), Err(AllowancesError::NoReason { .. })));
    assert!(matches!(Allowances::parse("  # why"), Err(AllowancesError::NoPattern { .. })));
}

#[test]
fn the_table_shows_what_is_not_explained() {
    insta::assert_snapshot!(report("*colour missing # not sold\n*size missing # not sold\n*weight missing # gone"), @"
    OPERATION     PROBLEM  WHERE
    POST /things  missing  body slug

    allowed drift, line 3: `*weight missing` fits nothing any more

    operations  1 of 1 described
    parameters  0 compared
    fields      4 in bodies and 1 in replies compared
    values      0 compared
    extras      1 read though not described (--json lists them)
    drift       1 unexplained, 2 allowed
             2  not sold
    ");
}

#[test]
fn without_drift_only_the_totals_are_shown() {
    insta::assert_snapshot!(report("* # all"), @"
    operations  1 of 1 described
    parameters  0 compared
    fields      4 in bodies and 1 in replies compared
    values      0 compared
    extras      1 read though not described (--json lists them)
    drift       0 unexplained, 3 allowed
             3  all
    ");
}
