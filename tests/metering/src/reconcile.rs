//! Compares what the program acknowledged with what was charged.

use std::collections::{HashMap, HashSet};

use flowglad_sandbox::UsageLedgerEntry;

use crate::{
    acknowledged::Acknowledged,
    call::{Call, Kind},
};

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Findings {
    /// How many events were charged.
    pub charged: usize,
    /// How many calls were charged although a kill came before their acknowledgement.
    pub charged_unacknowledged: usize,
    /// What must not be: a call that is lost, charged twice or wrongly.
    pub problems: Vec<String>,
}

/// Compares the lines of all runs with the ledger of the sandbox, once nothing is pending.
#[must_use]
pub fn reconcile(acknowledged: &Acknowledged, ledger: &[UsageLedgerEntry]) -> Findings {
    let mut findings = Findings { charged: ledger.len(), ..Findings::default() };
    findings.problems.extend(acknowledged.problems.iter().cloned());
    let mut charges: HashMap<Call, &UsageLedgerEntry> = HashMap::new();
    for entry in ledger {
        let call = Call::charged(&entry.transaction_id, &entry.usage_meter_slug, entry.amount);
        let Some(call) = call else {
            findings.problems.push(format!("nothing recorded this charge: {entry:?}"));
            continue;
        };
        findings.problems.extend(problems_of_charge(acknowledged, call, entry));
        if charges.insert(call, entry).is_some() {
            findings.problems.push(format!("CHARGED TWICE: {call:?}"));
        }
    }
    findings.charged_unacknowledged = charges.keys().filter(|call| !acknowledged.calls.contains_key(call)).count();
    let dead: HashSet<&str> = acknowledged.dead_letters.iter().map(String::as_str).collect();
    if dead.len() != acknowledged.dead_letters.len() {
        findings.problems.push("an event is in the dead letters twice".to_owned());
    }
    for call in acknowledged.calls.keys() {
        let is_dead = || dead.iter().any(|id| id.ends_with(&call.key()));
        let is_kept = if call.kind() == Kind::OnUnknownMeter { is_dead() } else { charges.contains_key(call) };
        if !is_kept {
            findings.problems.push(format!("LOST: {call:?} ({:?}) was acknowledged", call.kind()));
        }
    }
    findings.problems.extend(dead.iter().filter_map(|id| problem_of_dead_letter(id)));
    findings
}

fn problems_of_charge(acknowledged: &Acknowledged, call: Call, entry: &UsageLedgerEntry) -> Vec<String> {
    let mut problems = Vec::new();
    let is_right = u64::try_from(entry.amount) == Ok(call.amount())
        && entry.customer_external_id == call.customer()
        && entry.usage_meter_slug == call.meter();
    if !is_right || matches!(call.kind(), Kind::Released | Kind::OnUnknownMeter) {
        problems.push(format!("charged wrongly: {call:?} ({:?}) as {entry:?}", call.kind()));
    }
    if !acknowledged.may_have_begun(call) {
        problems.push(format!("charged before it was made: {call:?}"));
    }
    let id = acknowledged.calls.get(&call).and_then(Option::as_ref);
    if id.is_some_and(|id| *id != entry.transaction_id) {
        problems.push(format!("charged under another transaction id: {call:?} as {}", entry.transaction_id));
    }
    problems
}

fn problem_of_dead_letter(transaction_id: &str) -> Option<String> {
    let call = Call::charged(transaction_id, "", 0);
    let is_expected = call.is_some_and(|call| call.kind() == Kind::OnUnknownMeter);
    (!is_expected).then(|| format!("given up without a reason: {transaction_id}"))
}
