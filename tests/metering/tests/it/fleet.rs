//! Kills and outages in a fleet of three.

use std::{path::Path, time::Duration};

use flowglad_metering::{fleet, report::Report};

/// How often the test kills. `cargo xtask kill --fleet --rounds 200` does it more often.
const ROUNDS: u32 = 12;

fn plan() -> fleet::Plan {
    fleet::Plan {
        seed: fastrand::u64(..),
        program: env!("CARGO_BIN_EXE_flowglad-metering").into(),
        temporary: Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned(),
    }
}

fn ensure_right(report: &Report, seed: u64) {
    assert!(report.findings.problems.is_empty(), "seed {seed}\n{report}");
    assert!(report.acknowledged.calls.len() > 300, "seed {seed}\n{report}");
}

#[test]
fn what_instances_have_acknowledged_is_charged_once_however_often_they_are_killed() {
    let plan = plan();
    let report = fleet::kill_rounds(&plan, ROUNDS).unwrap_or_else(|failure| panic!("seed {}: {failure}", plan.seed));
    ensure_right(&report, plan.seed);
}

#[test]
fn while_redis_is_away_no_call_fails_and_what_was_acknowledged_is_charged_once() {
    let plan = plan();
    let report = fleet::outage(&plan, Duration::ZERO, Duration::ZERO);
    ensure_right(&report.unwrap_or_else(|failure| panic!("seed {}: {failure}", plan.seed)), plan.seed);
}
