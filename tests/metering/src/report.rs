//! What the rounds showed.

use std::{fmt, time::Duration};

use crate::{acknowledged::Acknowledged, call::Kind, reconcile::Findings};

/// The result of all rounds.
#[derive(Debug, Default)]
pub struct Report {
    /// How often the program was killed.
    pub rounds: u32,
    /// How often Redis was killed, where the program has one.
    pub kills_of_redis: u32,
    /// How often before it printed anything: while it started, or recovered.
    pub before_first_line: u32,
    /// What the program said.
    pub acknowledged: Acknowledged,
    /// How many events the last run still had to send.
    pub pending_at_the_end: usize,
    /// How many requests the sandbox remembers.
    pub requests: usize,
    /// The comparison with the ledger.
    pub findings: Findings,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, acknowledged, findings, .. } = self;
        writeln!(f, "kills                                      {rounds:>8}")?;
        if self.kills_of_redis > 0 {
            writeln!(f, "  with Redis                               {:>8}", self.kills_of_redis)?;
        }
        writeln!(f, "  before the first call was over           {:>8}", self.before_first_line)?;
        writeln!(f, "calls acknowledged                         {:>8}", acknowledged.calls.len())?;
        for (name, kind) in [
            ("with a key", Kind::Keyed),
            ("without a key", Kind::WithoutKey),
            ("held and settled", Kind::Held),
            ("on a meter that does not exist", Kind::OnUnknownMeter),
        ] {
            writeln!(f, "  {name:<38}   {:>8}", acknowledged.count(kind))?;
        }
        writeln!(f, "  cut off by a kill, made again after it   {:>8}", acknowledged.made_up_for)?;
        writeln!(f, "made again although acknowledged           {:>8}", acknowledged.repeated)?;
        for (reason, count) in &acknowledged.unacknowledged {
            writeln!(f, "not acknowledged: {reason:<24} {count:>8}")?;
        }
        writeln!(f, "charged                                    {:>8}", findings.charged)?;
        writeln!(f, "  before it was acknowledged               {:>8}", findings.charged_unacknowledged)?;
        writeln!(f, "  by the last run, which was not killed    {:>8}", self.pending_at_the_end)?;
        writeln!(f, "dead letters                               {:>8}", acknowledged.dead_letters.len())?;
        writeln!(f, "lost, charged twice or wrongly             {:>8}", findings.problems.len())?;
        writeln!(f, "seconds                                    {:>8.1}", self.took.as_secs_f64())?;
        findings.problems.iter().take(20).try_for_each(|problem| writeln!(f, "  {problem}"))
    }
}
