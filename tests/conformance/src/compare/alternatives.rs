//! Alternatives that are told apart by the value of one field, as a price is by its `type`.

use std::collections::BTreeMap;

use crate::{
    SchemaError,
    schema::{Branch, Kind, Literal, Shape, branches},
};

type ByValue<'a> = BTreeMap<Literal, Vec<Branch<'a>>>;

/// Alternatives that both sides tell apart by the value of the same field.
pub(crate) struct Alternatives<'a, 'b> {
    field: &'a str,
    described: ByValue<'a>,
    ours: ByValue<'b>,
}

impl<'a, 'b> Alternatives<'a, 'b> {
    /// `None` if there is nothing to tell apart, or no field that does it on both sides.
    pub(crate) fn of(described: &[Branch<'a>], ours: &[Branch<'b>]) -> Result<Option<Self>, SchemaError> {
        let described = with_fields(described);
        let ours = with_fields(ours);
        let mut finest: Option<Self> = None;
        for field in described.first().iter().flat_map(|branch| branch.fields.keys().copied()) {
            let (Some(described), Some(ours)) = (by_value(field, &described)?, by_value(field, &ours)?) else {
                continue;
            };
            if described.len() > finest.as_ref().map_or(1, |finest| finest.described.len()) {
                finest = Some(Self { field, described, ours });
            }
        }
        Ok(finest)
    }

    /// The field whose value decides.
    pub(crate) fn field(&self) -> &'a str {
        self.field
    }

    pub(crate) fn on_both_sides(&self) -> impl Iterator<Item = (&Literal, &[Branch<'a>], &[Branch<'b>])> {
        self.described.iter().filter_map(|(value, described)| Some((value, &**described, &**self.ours.get(value)?)))
    }
}

/// An alternative of ours without any field keeps what we do not know, and tells nothing apart.
fn with_fields<'s, 'a>(branches: &'s [Branch<'a>]) -> Vec<&'s Branch<'a>> {
    branches.iter().filter(|branch| branch.kinds.has(Kind::Object) && !branch.fields.is_empty()).collect()
}

/// `None` if some alternative does not hold the field to one value.
fn by_value<'a>(field: &str, all: &[&Branch<'a>]) -> Result<Option<ByValue<'a>>, SchemaError> {
    let mut by_value = ByValue::new();
    for branch in all {
        let Some(field) = branch.fields.get(field) else { return Ok(None) };
        let shape = Shape::of(&branches(&field.schemas)?);
        let Some(value) = shape.sole_value() else { return Ok(None) };
        by_value.entry(value.clone()).or_default().push((*branch).clone());
    }
    Ok(Some(by_value))
}
