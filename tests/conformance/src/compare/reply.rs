//! What must hold for a reply: the record reads everything that is described.

use super::walk::Null;
use crate::{
    Problem,
    schema::{Field, Kind, Shape},
};

/// Whether the record can do without the field when it may be absent, and what `null` in it means.
pub(crate) fn problem_of_presence(described: &Field<'_>, ours: &Field<'_>) -> (Option<Problem>, Null) {
    match (ours.required, described.required) {
        (true, false) => (Some(Problem::WronglyRequired), Null::Excused),
        (true, true) => (None, Null::Requires),
        (false, _) => (None, Null::Counts),
    }
}

/// Whether the record reads every value that is described.
pub(crate) fn problems_of_values(described: &Shape<'_>, ours: &Shape<'_>, null: Null) -> Vec<Problem> {
    let unreadable = described.kinds.beyond(&ours.kinds);
    let mut problems: Vec<_> = unreadable.filter_map(|kind| problem_of_kind(kind, null)).collect();
    problems.extend(open_but_closed_here(described, ours));
    problems.extend(super::unknown_values(described, ours));
    problems
}

fn problem_of_kind(kind: Kind, null: Null) -> Option<Problem> {
    match (kind, null) {
        (Kind::Null, Null::Excused) => None,
        (Kind::Null, Null::Requires) => Some(Problem::WronglyRequired),
        (kind, _) => Some(Problem::CannotRead(kind)),
    }
}

fn open_but_closed_here<'s>(described: &'s Shape<'_>, ours: &'s Shape<'_>) -> impl Iterator<Item = Problem> + 's {
    let closed_here = |kind: &Kind| !ours.open.has(*kind) && ours.lists_any(*kind);
    described.open.iter().filter(closed_here).map(Problem::CannotReadAny)
}
