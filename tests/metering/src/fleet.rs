//! Rounds with three programs that share a Redis: one of them is killed in each, and Redis too, or it is away for a while.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use fastrand::Rng;
use flowglad_sandbox::Sandbox;
use redis_process::RedisProcess;
use tokio::runtime::Runtime;

use crate::{
    Failure, faults,
    reconcile::reconcile,
    report::Report,
    rounds::{Moment, ensure_killed, wait_for},
    running_meter::{Folder, RunningMeter, Start},
    world,
};

const INSTANCES: u32 = 3;
/// Redis is killed in one of so many rounds.
const REDIS_DIES: u32 = 5;
/// So many calls are over at each instance before Redis goes away, while it is away at least, and after it is back.
const CALLS: usize = 100;
/// A program that prints so little for so long is taken to hang.
const SILENCE: Duration = Duration::from_secs(30);

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed of moments and faults.
    pub seed: u64,
    /// The program to start.
    pub program: PathBuf,
    /// Where to make the folders of the outboxes.
    pub temporary: PathBuf,
}

/// Kills one of three instances in each round, and Redis in some.
///
/// # Errors
/// If a program does not start, hangs or ends by itself.
pub fn kill_rounds(plan: &Plan, rounds: u32) -> Result<Report, Failure> {
    let mut random = Rng::with_seed(plan.seed);
    let mut fleet = Fleet::start(plan, Duration::ZERO)?;
    for round in 0..rounds {
        faults::plan(&fleet.world.sandbox, &mut random)?;
        let moment = Moment::choose(&mut random);
        let dies_with_redis = random.u32(0..REDIS_DIES) == 0;
        let killed = fleet.kill_one(round % INSTANCES, moment, dies_with_redis);
        killed.map_err(|failure| format!("round {round}, {moment:?}: {failure}"))?;
    }
    fleet.end()
}

/// Takes Redis away for so long at least, while all instances make calls, and pauses between them. A call that fails ends its
/// instance, which is an error here.
///
/// # Errors
/// If a program does not start, hangs or ends by itself.
pub fn outage(plan: &Plan, at_least: Duration, pause: Duration) -> Result<Report, Failure> {
    let mut fleet = Fleet::start(plan, pause)?;
    fleet.report.acknowledged.may_forget_keys = true;
    fleet.each_makes_calls()?;
    fleet.world.runtime.block_on(fleet.world.redis.kill())?;
    let back = Instant::now() + at_least;
    fleet.each_makes_calls()?;
    while Instant::now() < back {
        fleet.each_makes_calls()?;
    }
    fleet.world.runtime.block_on(fleet.world.redis.restart())?;
    fleet.each_makes_calls()?;
    fleet.end()
}

struct World {
    runtime: Runtime,
    redis: RedisProcess,
    sandbox: Sandbox,
}

struct Fleet {
    // Before what they use.
    instances: Vec<Instance>,
    folders: Vec<Folder>,
    start: Start,
    runs: u32,
    report: Report,
    began: Instant,
    world: World,
}

struct Instance {
    run: u32,
    meter: RunningMeter,
}

impl Fleet {
    fn start(plan: &Plan, pause: Duration) -> Result<Self, Failure> {
        let runtime = Runtime::new()?;
        // With `everysec`, Redis answers before it writes if the disk is slow, and loses that when it is killed.
        let redis = runtime.block_on(RedisProcess::builder().fsync_always().start())?;
        let sandbox = runtime.block_on(world::start())?;
        let pause = pause.as_micros().to_string();
        let start = Start {
            program: plan.program.clone(),
            base_url: sandbox.base_url().to_owned(),
            api_key: sandbox.api_key().to_owned(),
            folder: PathBuf::new(),
            more: vec!["--redis".into(), redis.url().into(), "--pause-micros".into(), pause.into()],
        };
        let folders = (0..INSTANCES).map(|_| Folder::new(&plan.temporary)).collect::<Result<Vec<_>, _>>()?;
        let world = World { runtime, redis, sandbox };
        let (report, began) = (Report::default(), Instant::now());
        let mut fleet = Self { instances: Vec::new(), folders, start, runs: 0, report, began, world };
        for index in 0..INSTANCES {
            let instance = fleet.started(index as usize, None)?;
            fleet.instances.push(instance);
        }
        Ok(fleet)
    }

    /// Starts an instance, which makes the last calls of the run before it again.
    fn started(&mut self, index: usize, before: Option<u32>) -> Result<Instance, Failure> {
        let run = self.runs;
        self.runs += 1;
        let again = before.map(|before| self.report.acknowledged.to_make_again(before)).unwrap_or_default();
        let start = Start { folder: self.folders[index].path().to_owned(), ..self.start.clone() };
        Ok(Instance { run, meter: start.make_calls(run, &again)? })
    }

    fn kill_one(&mut self, index: u32, moment: Moment, dies_with_redis: bool) -> Result<(), Failure> {
        let index = index as usize;
        let Instance { run, meter } = self.instances.remove(index);
        let lines = wait_for(&meter, moment, |line| self.report.acknowledged.note(run, line))?;
        if dies_with_redis {
            self.report.acknowledged.may_forget_keys = true;
            self.report.kills_of_redis += 1;
            self.world.runtime.block_on(self.world.redis.kill())?;
        }
        let ended = meter.kill()?;
        ensure_killed(&ended)?;
        self.report.before_first_line += u32::from(lines == 0 && ended.lines.is_empty());
        ended.lines.into_iter().for_each(|line| self.report.acknowledged.note(run, line));
        self.report.rounds += 1;
        let instance = self.started(index, Some(run))?;
        self.instances.insert(index, instance);
        if dies_with_redis {
            // The others go on meanwhile, and the new one has started without it.
            self.each_makes_calls()?;
            self.world.runtime.block_on(self.world.redis.restart())?;
        }
        Ok(())
    }

    /// Waits until some calls are over at each instance.
    fn each_makes_calls(&mut self) -> Result<(), Failure> {
        for Instance { run, meter } in &self.instances {
            let deadline = Instant::now() + SILENCE;
            for _ in 0..CALLS {
                let line = meter.line_before(deadline).ok_or_else(|| format!("run {run} makes no calls any more"))?;
                self.report.acknowledged.note(*run, line);
            }
        }
        Ok(())
    }

    /// Kills all instances, lets new ones send what is left, and compares.
    fn end(mut self) -> Result<Report, Failure> {
        for Instance { run, meter } in std::mem::take(&mut self.instances) {
            let ended = meter.kill()?;
            ensure_killed(&ended)?;
            ended.lines.into_iter().for_each(|line| self.report.acknowledged.note(run, line));
        }
        self.world.sandbox.clear_faults();
        let before = self.world.sandbox.usage_ledger().len();
        for index in 0..self.folders.len() {
            self.send_all(index)?;
        }
        // All list those that are in Redis.
        let dead_letters = &mut self.report.acknowledged.dead_letters;
        dead_letters.sort_unstable();
        dead_letters.dedup();
        let ledger = self.world.sandbox.usage_ledger();
        self.report.pending_at_the_end = ledger.len() - before;
        self.report.findings = reconcile(&self.report.acknowledged, &ledger);
        self.report.requests = self.world.sandbox.requests().len();
        self.report.took = self.began.elapsed();
        self.world.runtime.block_on(self.world.sandbox.stop());
        Ok(self.report)
    }

    fn send_all(&mut self, index: usize) -> Result<(), Failure> {
        let start = Start { folder: self.folders[index].path().to_owned(), ..self.start.clone() };
        let ended = start.send_all()?.wait()?;
        if !ended.status.success() {
            return Err(format!("the last run ended with {}: {}", ended.status, ended.errors).into());
        }
        ended.lines.into_iter().for_each(|line| self.report.acknowledged.note(self.runs, line));
        Ok(())
    }
}
