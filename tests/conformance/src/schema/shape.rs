//! The alternatives of a schema in one view: whatever can be there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    branch::{Branch, BranchField, OtherFields},
    combination::Combination,
    kinds::{Kind, Kinds},
    literal::Literal,
};
use crate::SchemaError;

/// A mark of ours in a schema: the field may be left out, and may be `null` too.
const SENDS_NULL: &str = "x-sends-null";

/// The alternatives of a schema in one view: whatever can be there.
#[derive(Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) kinds: Kinds,
    /// The kinds of which some alternative allows every value.
    pub(crate) open: Kinds,
    /// The values that some alternative lists. Every boolean is one of two listed values.
    pub(crate) listed: BTreeSet<Literal>,
    pub(crate) fields: BTreeMap<&'a str, Field<'a>>,
    pub(crate) other_fields: OtherFields<'a>,
    pub(crate) items: Combination<'a>,
    /// Whether some alternative allows every value.
    pub(crate) is_anything: bool,
}

/// A field of any alternative.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) schemas: Combination<'a>,
    /// Whether every alternative requires it.
    pub(crate) required: bool,
    /// Whether an alternative that has it does not require it.
    pub(crate) may_be_left_out: bool,
}

impl<'a> Shape<'a> {
    pub(crate) fn of(branches: &[Branch<'a>]) -> Self {
        let mut shape = Self {
            kinds: branches.iter().fold(Kinds::default(), |kinds, branch| kinds.or(&branch.kinds)),
            open: Kinds::default(),
            listed: BTreeSet::new(),
            fields: united_fields(branches),
            other_fields: united_other_fields(branches),
            items: united_items(branches),
            is_anything: branches.iter().any(Branch::is_anything),
        };
        for branch in branches {
            shape.take_values(branch);
        }
        shape
    }

    /// The one value that fits, if there is only one.
    pub(crate) fn sole_value(&self) -> Option<&Literal> {
        let value = self.listed.first()?;
        (self.listed.len() == 1 && self.open.is_empty()).then_some(value)
    }

    /// Whether it lists values of this kind, maybe besides others.
    pub(crate) fn lists_any(&self, kind: Kind) -> bool {
        self.listed.iter().any(|value| value.kind() == kind)
    }

    /// Whether it is meant to know all values of this kind. An enum that keeps an unknown text is; a number of which one
    /// value is listed besides all others is not.
    pub(crate) fn means_to_know(&self, kind: Kind) -> bool {
        self.lists_any(kind) && (kind == Kind::Text || !self.open.has(kind))
    }

    /// Whether it is an object whose fields have no names in the schema.
    pub(crate) fn is_map(&self) -> bool {
        self.fields.is_empty() && matches!(self.other_fields, OtherFields::Described(_))
    }

    /// Whether an object with any field fits.
    pub(crate) fn takes_other_fields(&self) -> bool {
        match self.other_fields {
            OtherFields::Described(_) => true,
            OtherFields::Unsaid => self.fields.is_empty(),
            OtherFields::Refused => false,
        }
    }

    /// Whether there is something inside that has a description of its own.
    pub(crate) fn has_parts(&self) -> bool {
        !self.fields.is_empty() || (self.kinds.has(Kind::Array) && self.items.schemas().next().is_some())
    }

    fn take_values(&mut self, branch: &Branch<'a>) {
        match &branch.listed {
            Some(listed) => self.listed.extend(listed.iter().cloned()),
            None => branch.kinds.iter().for_each(|kind| self.open.add(kind)),
        }
        if self.open.remove(Kind::Boolean) {
            self.listed.extend([false, true].map(Literal::boolean));
        }
    }
}

impl Field<'_> {
    /// Whether it says of itself that `null` is more than a way to leave it out.
    pub(crate) fn sends_null(&self) -> bool {
        self.schemas.schemas().any(|schema| schema.schema().get(SENDS_NULL) == Some(&Value::Bool(true)))
    }

    /// Whether its only value is `null`, if it has one.
    pub(crate) fn says_nothing(&self) -> Result<bool, SchemaError> {
        let kinds = Shape::of(&super::branches(&self.schemas)?).kinds;
        Ok(kinds.is_empty() || kinds.is_only(Kind::Null))
    }
}

fn united_fields<'a>(branches: &[Branch<'a>]) -> BTreeMap<&'a str, Field<'a>> {
    let objects: Vec<_> = of_kind(branches, Kind::Object).collect();
    let names: BTreeSet<_> = objects.iter().flat_map(|branch| branch.fields.keys().copied()).collect();
    names.into_iter().map(|name| (name, united_field(name, &objects))).collect()
}

fn united_field<'a>(name: &str, objects: &[&Branch<'a>]) -> Field<'a> {
    let present: Vec<&BranchField<'a>> = objects.iter().filter_map(|branch| branch.fields.get(name)).collect();
    let may_be_left_out = present.iter().any(|field| !field.required);
    Field {
        schemas: present.iter().fold(Combination::nothing(), |all, field| all.or(field.schemas.clone())),
        required: !may_be_left_out && present.len() == objects.len(),
        may_be_left_out,
    }
}

fn united_other_fields<'a>(branches: &[Branch<'a>]) -> OtherFields<'a> {
    let all = of_kind(branches, Kind::Object).map(|branch| branch.other_fields.clone());
    all.reduce(OtherFields::or).unwrap_or(OtherFields::Refused)
}

fn united_items<'a>(branches: &[Branch<'a>]) -> Combination<'a> {
    of_kind(branches, Kind::Array).fold(Combination::nothing(), |all, branch| all.or(branch.items.clone()))
}

fn of_kind<'b, 'a>(branches: &'b [Branch<'a>], kind: Kind) -> impl Iterator<Item = &'b Branch<'a>> {
    branches.iter().filter(move |branch| branch.kinds.has(kind))
}
