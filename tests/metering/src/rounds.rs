//! The rounds: start, spoil, kill, and start again on the same folder.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use fastrand::Rng;
use flowglad_sandbox::Sandbox;
use tokio::runtime::Runtime;

use crate::{
    Failure,
    acknowledged::Acknowledged,
    faults,
    line::Line,
    reconcile::reconcile,
    report::Report,
    running_meter::{Ended, Folder, RunningMeter, Start},
    world,
};

/// A program that prints nothing for so long is taken to hang.
const SILENCE: Duration = Duration::from_secs(20);

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often to kill.
    pub rounds: u32,
    /// The seed of moments and faults.
    pub seed: u64,
    /// The program to kill.
    pub program: PathBuf,
    /// Where to make the folder of the outbox.
    pub temporary: PathBuf,
}

/// When to kill.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// So long after the start: often before the first call is over.
    AfterStart(Duration),
    /// After so many lines, and a little longer.
    AfterLines(u32, Duration),
}

impl Moment {
    pub(crate) fn choose(random: &mut Rng) -> Self {
        let little = |most: u64, random: &mut Rng| Duration::from_micros(random.u64(0..=most));
        if random.u32(0..3) == 0 {
            Self::AfterStart(little(40_000, random))
        } else {
            // Few lines most of the time, many sometimes.
            let lines = 1 << random.u32(0..8);
            Self::AfterLines(random.u32(1..=lines), little(3_000, random))
        }
    }
}

/// Runs all rounds, then once more without faults until nothing is pending, and compares.
///
/// # Errors
/// If a program does not start, hangs or ends by itself.
pub fn run(plan: &Plan) -> Result<Report, Failure> {
    let runtime = Runtime::new()?;
    let sandbox = runtime.block_on(world::start())?;
    let folder = Folder::new(&plan.temporary)?;
    let start = Start {
        program: plan.program.clone(),
        base_url: sandbox.base_url().to_owned(),
        api_key: sandbox.api_key().to_owned(),
        folder: folder.path().to_owned(),
        more: Vec::new(),
    };
    let began = Instant::now();
    let mut random = Rng::with_seed(plan.seed);
    let mut report = Report::default();
    for run in 0..plan.rounds {
        faults::plan(&sandbox, &mut random)?;
        let moment = Moment::choose(&mut random);
        round(&start, run, moment, &mut report).map_err(|failure| format!("round {run}, {moment:?}: {failure}"))?;
        report.rounds += 1;
    }
    report.pending_at_the_end = send_all(&sandbox, &start, plan.rounds, &mut report.acknowledged)?;
    report.findings = reconcile(&report.acknowledged, &sandbox.usage_ledger());
    report.requests = sandbox.requests().len();
    report.took = began.elapsed();
    runtime.block_on(sandbox.stop());
    Ok(report)
}

fn round(start: &Start, run: u32, moment: Moment, report: &mut Report) -> Result<(), Failure> {
    let again = run.checked_sub(1).map(|before| report.acknowledged.to_make_again(before)).unwrap_or_default();
    let meter = start.make_calls(run, &again)?;
    let lines = wait_for(&meter, moment, |line| report.acknowledged.note(run, line))?;
    let ended = meter.kill()?;
    ensure_killed(&ended)?;
    report.before_first_line += u32::from(lines == 0 && ended.lines.is_empty());
    ended.lines.into_iter().for_each(|line| report.acknowledged.note(run, line));
    Ok(())
}

/// Waits for the moment to kill. Returns how many lines were printed until then.
pub(crate) fn wait_for(meter: &RunningMeter, moment: Moment, mut note: impl FnMut(Line)) -> Result<u32, Failure> {
    let mut lines = 0;
    match moment {
        Moment::AfterStart(time) => std::thread::sleep(time),
        Moment::AfterLines(wanted, time) => {
            let deadline = Instant::now() + SILENCE;
            while lines < wanted {
                let line = meter.line_before(deadline);
                if line.is_none() && Instant::now() >= deadline {
                    return Err(format!("the program printed too little in {SILENCE:?}").into());
                }
                // Without a line before the deadline it has ended by itself, which is found by who kills it.
                let Some(line) = line else { break };
                note(line);
                lines += 1;
            }
            std::thread::sleep(time);
        }
    }
    Ok(lines)
}

pub(crate) fn ensure_killed(ended: &Ended) -> Result<(), Failure> {
    if ended.was_killed() {
        return Ok(());
    }
    Err(format!("it ended by itself with {}: {}", ended.status, ended.errors).into())
}

/// Lets the program send everything. Returns how many events were pending before.
fn send_all(sandbox: &Sandbox, start: &Start, run: u32, acknowledged: &mut Acknowledged) -> Result<usize, Failure> {
    sandbox.clear_faults();
    let before = sandbox.usage_ledger().len();
    let ended = start.send_all()?.wait()?;
    if !ended.status.success() {
        return Err(format!("the last run ended with {}: {}", ended.status, ended.errors).into());
    }
    ended.lines.into_iter().for_each(|line| acknowledged.note(run, line));
    Ok(sandbox.usage_ledger().len() - before)
}
