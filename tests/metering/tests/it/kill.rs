//! Kills at random moments.

use std::path::Path;

use flowglad_metering::rounds::{self, Plan};

/// How often the test kills. `cargo xtask kill --rounds 2000` does it more often.
const ROUNDS: u32 = 200;

#[test]
fn what_was_acknowledged_is_charged_once_however_often_the_program_is_killed() {
    let plan = Plan {
        rounds: ROUNDS,
        seed: fastrand::u64(..),
        program: env!("CARGO_BIN_EXE_flowglad-metering").into(),
        temporary: Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned(),
    };
    let report = rounds::run(&plan).unwrap_or_else(|failure| panic!("seed {}: {failure}", plan.seed));
    assert!(report.findings.problems.is_empty(), "seed {}\n{report}", plan.seed);
    // Without these the test would prove nothing.
    let acknowledged = &report.acknowledged;
    assert!(acknowledged.calls.len() > 500 && acknowledged.repeated > 50, "seed {}\n{report}", plan.seed);
    assert!(acknowledged.made_up_for > 0 && report.findings.charged_unacknowledged > 0, "seed {}\n{report}", plan.seed);
}
