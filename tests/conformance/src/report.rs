//! What a comparison found, apart from what is allowed.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::{
    allowances::{Allowance, Allowances},
    compare::{Compared, Comparison},
    drift::Drift,
};

/// What a comparison found, apart from what is allowed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// How much was looked at and found.
    pub totals: Totals,
    /// Drift that no line allows.
    pub drift: Vec<Drift>,
    /// Drift that a line allows.
    pub allowed: Vec<AllowedDrift>,
    /// Lines that allow what is not there any more.
    pub stale: Vec<Allowance>,
}

/// How much was looked at and found.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Totals {
    /// How much was looked at.
    #[serde(flatten)]
    pub compared: Compared,
    /// Drift that no line allows.
    pub drift_unexplained: usize,
    /// Drift that a line allows.
    pub drift_allowed: usize,
    /// Lines that allow nothing.
    pub allowances_stale: usize,
}

/// Drift that a line allows.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AllowedDrift {
    /// Where it drifts.
    #[serde(flatten)]
    pub drift: Drift,
    /// Why that is as it should be.
    pub reason: String,
}

impl Report {
    /// Takes out of `comparison` what `allowances` allow. The first line that fits gives the reason.
    #[must_use]
    pub fn of(comparison: Comparison, allowances: &Allowances) -> Self {
        let Comparison { compared, drift: found } = comparison;
        let fits_none = |allowance: &&Allowance| !found.iter().any(|drift| allowance.allows(drift));
        let stale: Vec<_> = allowances.iter().filter(fits_none).cloned().collect();
        let (mut allowed, mut drift) = (Vec::new(), Vec::new());
        for found in found {
            match allowances.iter().find(|allowance| allowance.allows(&found)) {
                Some(allowance) => allowed.push(AllowedDrift { drift: found, reason: allowance.reason.clone() }),
                None => drift.push(found),
            }
        }
        let totals = Totals {
            compared,
            drift_unexplained: drift.len(),
            drift_allowed: allowed.len(),
            allowances_stale: stale.len(),
        };
        Self { totals, drift, allowed, stale }
    }

    /// Whether all drift is explained, and every explanation is needed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.drift.is_empty() && self.stale.is_empty()
    }

    fn reasons(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for allowed in &self.allowed {
            *reasons.entry(&*allowed.reason).or_default() += 1;
        }
        reasons
    }

    fn write_drift(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 3]> = self.drift.iter().map(row).collect();
        let heading = ["OPERATION", "PROBLEM", "WHERE"].map(str::to_owned);
        let width = |column: usize| rows.iter().chain([&heading]).map(|row| row[column].chars().count()).max();
        let (first, second) = (width(0).unwrap_or(0), width(1).unwrap_or(0));
        for [operation, problem, place] in [&heading].into_iter().chain(&rows) {
            writeln!(f, "{operation:first$}  {problem:second$}  {place}")?;
        }
        writeln!(f)
    }

    fn write_stale(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Allowance { line, pattern, .. } in &self.stale {
            writeln!(f, "allowed drift, line {line}: `{pattern}` fits nothing any more")?;
        }
        writeln!(f)
    }

    fn write_totals(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals { compared, drift_unexplained, drift_allowed, .. } = self.totals;
        let Compared { operations_described, operations_called, calls, replies, .. } = compared;
        writeln!(f, "operations  {operations_called} of {operations_described} called, by {calls} calls")?;
        writeln!(f, "parameters  {}", compared.query_parameters)?;
        writeln!(f, "fields      {} in bodies, {} in replies", compared.body_fields, compared.reply_fields)?;
        writeln!(f, "values      {}", compared.values)?;
        writeln!(f, "replies     {replies} read")?;
        writeln!(f, "drift       {drift_unexplained} unexplained, {drift_allowed} allowed")?;
        for (reason, number) in self.reasons() {
            writeln!(f, "{number:>10}  {reason}")?;
        }
        Ok(())
    }
}

fn row(drift: &Drift) -> [String; 3] {
    [format!("{} {}", drift.method, drift.path), drift.problem.to_string(), drift.place()]
}

/// For a person at a terminal.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.drift.is_empty() {
            self.write_drift(f)?;
        }
        if !self.stale.is_empty() {
            self.write_stale(f)?;
        }
        self.write_totals(f)
    }
}
