//! The walk through two schemas, side by side.

use std::collections::BTreeMap;

use super::{Compared, alternatives::Alternatives, body, json_path::JsonPath, reply};
use crate::{
    Part, Problem, SchemaError,
    schema::{Branch, Combination, Field, Identity, Kind, OtherFields, Shape, branches},
};

/// More levels than this are no description, and would end our stack.
const MOST_LEVELS: usize = 64;

/// The walk ends at the latest after this many places.
const MOST_PLACES: usize = 30_000;

/// What a `null` on only one side means at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Null {
    /// It is drift.
    Counts,
    /// It is drift because the record requires the field.
    Requires,
    /// It is none: the field is left out instead, or the drift was told already.
    Excused,
}

/// What was found. Two alternatives of a place may drift apart in the same way: they lie together.
pub(crate) type Findings = BTreeMap<(JsonPath, Problem), Vec<JsonPath>>;

/// The walk through two schemas, side by side, and what was found on the way.
pub(crate) struct Walk<'c> {
    part: Part,
    compared: &'c mut Compared,
    places: usize,
    /// The pairs of schemas that we are inside of.
    within: Vec<(Identity, Identity)>,
    pub(crate) drift: Findings,
    /// Fields that a record reads though they are not described.
    pub(crate) extras: Findings,
}

impl<'c> Walk<'c> {
    /// `part` is the body or the reply.
    pub(crate) fn new(part: Part, compared: &'c mut Compared) -> Self {
        Self { part, compared, places: 0, within: Vec::new(), drift: Findings::new(), extras: Findings::new() }
    }

    /// Compares what is described with what is ours, and everything inside.
    pub(crate) fn compare(
        &mut self,
        described: &Combination<'_>,
        ours: &Combination<'_>,
        at: &JsonPath,
        null: Null,
    ) -> Result<(), SchemaError> {
        let pair = (described.identity(), ours.identity());
        if self.within.contains(&pair) {
            return Ok(()); // A schema that holds itself: the same comparison is under way further up.
        }
        self.check_size()?;
        self.within.push(pair);
        self.compare_branches(&branches(described)?, &branches(ours)?, at, null)?;
        self.within.pop();
        Ok(())
    }

    fn check_size(&mut self) -> Result<(), SchemaError> {
        self.places += 1;
        if self.within.len() == MOST_LEVELS {
            return Err(SchemaError::TooLarge { what: "levels" });
        }
        if self.places > MOST_PLACES { Err(SchemaError::TooLarge { what: "fields" }) } else { Ok(()) }
    }

    fn compare_branches(
        &mut self,
        described: &[Branch<'_>],
        ours: &[Branch<'_>],
        at: &JsonPath,
        null: Null,
    ) -> Result<(), SchemaError> {
        self.compare_shapes(&Shape::of(described), &Shape::of(ours), at, null)?;
        let Some(alternatives) = Alternatives::of(described, ours)? else { return Ok(()) };
        for (value, described, ours) in alternatives.on_both_sides() {
            let at = at.alternative(alternatives.field(), value);
            self.compare_branches(described, ours, &at, Null::Excused)?;
        }
        Ok(())
    }

    fn compare_shapes(
        &mut self,
        described: &Shape<'_>,
        ours: &Shape<'_>,
        at: &JsonPath,
        null: Null,
    ) -> Result<(), SchemaError> {
        self.count_values(described, ours, at);
        if self.is_untyped(described, ours) {
            self.find(at.clone(), Problem::Untyped);
            return Ok(());
        }
        if ours.is_anything {
            return Ok(());
        }
        if described.is_anything {
            // A body may hold anything there; a record is asked to read everything.
            if self.part == Part::Reply {
                self.find(at.clone(), Problem::CannotReadAnything);
            }
            return Ok(());
        }
        let problems = match self.part {
            Part::Reply => reply::problems_of_values(described, ours, null),
            _ => body::problems_of_values(described, ours, null),
        };
        for problem in problems {
            self.find(at.clone(), problem);
        }
        self.compare_insides(described, ours, at)
    }

    /// Whether the description says more of this place than the client does.
    fn is_untyped(&self, described: &Shape<'_>, ours: &Shape<'_>) -> bool {
        let any_value = match self.part {
            Part::Reply => described.has_parts(),
            _ => !described.is_anything,
        };
        (ours.is_anything && any_value) || (ours.is_map() && !described.fields.is_empty())
    }

    fn compare_insides(&mut self, described: &Shape<'_>, ours: &Shape<'_>, at: &JsonPath) -> Result<(), SchemaError> {
        let on_both_sides = described.kinds.and(&ours.kinds);
        if on_both_sides.has(Kind::Array) {
            self.compare(&described.items, &ours.items, &at.items(), Null::Counts)?;
        }
        if on_both_sides.has(Kind::Object) {
            self.compare_described_fields(described, ours, at)?;
            self.find_other_fields(described, ours, at);
            self.compare_map_values(described, ours, at)?;
        }
        Ok(())
    }

    fn compare_described_fields(
        &mut self,
        described: &Shape<'_>,
        ours: &Shape<'_>,
        at: &JsonPath,
    ) -> Result<(), SchemaError> {
        for (name, field) in &described.fields {
            let at = at.field(name);
            self.count_field(&at);
            match ours.fields.get(name) {
                Some(own) => self.compare_field(field, own, &at)?,
                None => self.find_absent_field(field, at)?,
            }
        }
        Ok(())
    }

    fn compare_field(&mut self, described: &Field<'_>, ours: &Field<'_>, at: &JsonPath) -> Result<(), SchemaError> {
        let (problem, null) = match self.part {
            Part::Reply => reply::problem_of_presence(described, ours),
            _ => body::problem_of_presence(described, ours),
        };
        if let Some(problem) = problem {
            self.find(at.clone(), problem);
        }
        self.compare(&described.schemas, &ours.schemas, at, null)
    }

    fn find_absent_field(&mut self, described: &Field<'_>, at: JsonPath) -> Result<(), SchemaError> {
        let is_expected = self.part == Part::Body && described.required;
        if is_expected || !described.says_nothing()? {
            self.find(at, if self.part == Part::Reply { Problem::Unread } else { Problem::Missing });
        }
        Ok(())
    }

    fn find_other_fields(&mut self, described: &Shape<'_>, ours: &Shape<'_>, at: &JsonPath) {
        for (name, own) in ours.fields.iter().filter(|(name, _)| !described.fields.contains_key(*name)) {
            let at = at.field(name);
            match self.part {
                Part::Reply if own.required => self.find(at, Problem::WronglyRequired),
                Part::Reply => note(&mut self.extras, at, Problem::Extra),
                _ if described.takes_other_fields() => {}
                _ => self.find(at, Problem::Extra),
            }
        }
    }

    fn compare_map_values(
        &mut self,
        described: &Shape<'_>,
        ours: &Shape<'_>,
        at: &JsonPath,
    ) -> Result<(), SchemaError> {
        if !described.is_map() || !ours.is_map() {
            return Ok(());
        }
        match (&described.other_fields, &ours.other_fields) {
            (OtherFields::Described(described), OtherFields::Described(ours)) => {
                self.compare(described, ours, &at.values(), Null::Counts)
            }
            _ => Ok(()),
        }
    }

    fn find(&mut self, at: JsonPath, problem: Problem) {
        note(&mut self.drift, at, problem);
    }

    fn count_field(&mut self, at: &JsonPath) {
        if !at.is_in_alternative() {
            match self.part {
                Part::Reply => self.compared.reply_fields += 1,
                _ => self.compared.body_fields += 1,
            }
        }
    }

    fn count_values(&mut self, described: &Shape<'_>, ours: &Shape<'_>, at: &JsonPath) {
        if !at.is_in_alternative() && ours.lists_any(Kind::Text) {
            let texts = described.listed.iter().filter(|value| value.kind() == Kind::Text);
            self.compared.enum_values += texts.count();
        }
    }
}

/// An alternative repeats what the united view told of it: only what is new in it is kept.
fn note(findings: &mut Findings, at: JsonPath, problem: Problem) {
    let places = findings.entry((at.without_alternatives(), problem)).or_default();
    if !places.iter().any(|known| known.covers(&at)) {
        places.push(at);
    }
}
