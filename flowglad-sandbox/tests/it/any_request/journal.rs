//! Counts the statuses of each operation's responses, and collects problems.

use std::{collections::BTreeMap, fmt};

use super::requests::RandomRequest;
use crate::Reply;

const OTHER_METHODS: &str = "(methods that no operation has there)";

#[derive(Debug, Default)]
pub(super) struct Journal {
    /// By operation and status; 0 means no response.
    counts: BTreeMap<String, BTreeMap<u16, usize>>,
    good: usize,
    good_and_done: usize,
    /// The first request with each kind of problem, by operation and the beginning of the problem.
    pub(super) problems: BTreeMap<(String, String), String>,
    /// The sentences of responses with 500, without their quoted and random parts.
    refusals: BTreeMap<String, usize>,
}

impl Journal {
    pub(super) fn note(&mut self, seed: u64, request: &RandomRequest, answer: Option<&Reply>, problems: Vec<String>) {
        let status = answer.map_or(0, |answer| answer.status);
        let name = if request.method == request.operation.method { &request.operation.name } else { OTHER_METHODS };
        *self.counts.entry(name.to_owned()).or_default().entry(status).or_default() += 1;
        if request.is_good {
            self.good += 1;
            self.good_and_done += usize::from(status == 200);
        }
        if let Some(answer) = answer.filter(|answer| answer.status == 500) {
            let sentence: String = answer.body["error"].as_str().unwrap_or_default().chars().take(50).collect();
            *self.refusals.entry(sentence).or_default() += 1;
        }
        for problem in problems {
            let kind: String = problem.chars().take(60).collect();
            let description = || format!("seed {seed}: {request}\n      {problem}");
            self.problems.entry((name.to_owned(), kind)).or_insert_with(description);
        }
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, statuses) in &self.counts {
            let statuses: Vec<String> = statuses.iter().map(|(status, count)| format!("{status} × {count}")).collect();
            writeln!(f, "{name}: {}", statuses.join(", "))?;
        }
        let mut totals: BTreeMap<u16, usize> = BTreeMap::new();
        for (status, count) in self.counts.values().flatten() {
            *totals.entry(*status).or_default() += count;
        }
        writeln!(f, "all {}: {totals:?}", totals.values().sum::<usize>())?;
        writeln!(f, "{} of {} requests without a fault were done", self.good_and_done, self.good)?;
        writeln!(f, "{} beginnings of sentences that came as 500", self.refusals.len())?;
        for ((name, _), description) in &self.problems {
            writeln!(f, "WRONG {name}\n  {description}")?;
        }
        Ok(())
    }
}
