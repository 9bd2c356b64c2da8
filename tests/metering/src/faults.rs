//! What goes wrong between the program and Flowglad in a round.

use std::time::Duration;

use fastrand::Rng;
use flowglad_sandbox::{Fault, Sandbox};

use crate::Failure;

const BULK: &str = "/api/v1/usage-events/bulk";

/// Replaces the planned faults by new ones: none in every second round, since the program waits after each.
///
/// # Errors
/// If the sandbox refuses a fault, which is a mistake in this file.
pub fn plan(sandbox: &Sandbox, random: &mut Rng) -> Result<(), Failure> {
    sandbox.clear_faults();
    if random.bool() {
        return Ok(());
    }
    for _ in 0..random.u32(1..=3) {
        sandbox.inject_fault(of_delivery(random))?;
    }
    if random.u32(0..4) == 0 {
        sandbox.inject_fault(Fault::status(503).times(random.u32(1..=3)).on("GET", "/api/v1/customers/*"))?;
    }
    Ok(())
}

/// A fault of the requests that send usage.
fn of_delivery(random: &mut Rng) -> Fault {
    let fault = match random.u32(0..8) {
        0 | 1 => Fault::cut_after(),
        2 | 3 => Fault::status(500).after_running(),
        4 => Fault::cut_before(),
        5 => Fault::rate_limited(),
        6 => Fault::status(503),
        _ => Fault::delay(Duration::from_millis(random.u64(5..=30))),
    };
    fault.times(random.u32(1..=2)).on("POST", BULK)
}
