//! What must hold for a body: everything that the client can send is described.

use super::walk::Null;
use crate::{
    Problem,
    schema::{Field, Kind, Shape},
};

/// Whether the field is there when it must be, and what `null` in it means.
pub(crate) fn problem_of_presence(described: &Field<'_>, ours: &Field<'_>) -> (Option<Problem>, Null) {
    let problem = (described.required && !ours.required).then_some(Problem::MayBeLeftOut);
    let null = if ours.may_be_left_out && !ours.sends_null() { Null::Excused } else { Null::Counts };
    (problem, null)
}

/// Whether every value that the client can send is described, and the other way round where values are listed.
pub(crate) fn problems_of_values(described: &Shape<'_>, ours: &Shape<'_>, null: Null) -> Vec<Problem> {
    let undescribed = ours.kinds.beyond(&described.kinds);
    let counted = undescribed.filter(|kind| *kind != Kind::Null || null != Null::Excused);
    let mut problems: Vec<_> = counted.map(Problem::Sends).collect();
    problems.extend(sent_but_not_listed(described, ours));
    problems.extend(super::unknown_values(described, ours));
    problems
}

fn sent_but_not_listed(described: &Shape<'_>, ours: &Shape<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for kind in described.kinds.iter().filter(|kind| !described.open.has(*kind) && described.lists_any(*kind)) {
        let ours_of_kind = ours.listed.iter().filter(|value| value.kind() == kind);
        let unlisted = ours_of_kind.filter(|value| !described.listed.contains(*value));
        problems.extend(unlisted.cloned().map(Problem::SendsValue));
        // An enum that keeps unknown values as text sends back what came from the API: its known values are what counts.
        if ours.open.has(kind) && !ours.means_to_know(kind) {
            problems.push(Problem::SendsAny(kind));
        }
    }
    problems
}
