//! A schema taken apart: the alternatives that it allows, none of them with an alternative or a reference in itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    combination::Combination,
    kinds::{Kind, Kinds},
    literal::Literal,
    located::Located,
};
use crate::SchemaError;

/// More than this many alternatives of one value is no description but an attack or an accident.
const MOST_BRANCHES: usize = 4096;

/// References and alternatives within each other. Sensible descriptions stay below ten.
const MOST_LEVELS: usize = 64;

/// One alternative of a schema.
#[derive(Clone, Debug)]
pub(crate) struct Branch<'a> {
    pub(crate) kinds: Kinds,
    /// The only values that it allows, apart from `null`. `None`: all of its kinds.
    pub(crate) listed: Option<BTreeSet<Literal>>,
    pub(crate) fields: BTreeMap<&'a str, BranchField<'a>>,
    pub(crate) other_fields: OtherFields<'a>,
    /// What the items of a list are.
    pub(crate) items: Combination<'a>,
}

/// A field in one alternative.
#[derive(Clone, Debug)]
pub(crate) struct BranchField<'a> {
    pub(crate) schemas: Combination<'a>,
    pub(crate) required: bool,
}

/// What is said of fields that have no name in the schema.
#[derive(Clone, Debug)]
pub(crate) enum OtherFields<'a> {
    Unsaid,
    Refused,
    Described(Combination<'a>),
}

/// The alternatives of `combination`. None: no value fits it.
pub(crate) fn branches<'a>(combination: &Combination<'a>) -> Result<Vec<Branch<'a>>, SchemaError> {
    let mut branches = Vec::new();
    for schemas in combination.alternatives() {
        let mut together = vec![Branch::anything()];
        for schema in schemas {
            together = all_pairs(&together, &Expansion::default().expand(*schema)?)?;
        }
        branches.extend(together);
        check_number(branches.len())?;
    }
    Ok(branches)
}

/// The way into one schema.
#[derive(Default)]
struct Expansion {
    /// Where we are inside of. To come to one of them again is to go round in a circle.
    within: Vec<usize>,
}

impl Expansion {
    fn expand<'a>(&mut self, schema: Located<'a>) -> Result<Vec<Branch<'a>>, SchemaError> {
        match schema.schema() {
            Value::Bool(true) => Ok(vec![Branch::anything()]),
            Value::Bool(false) => Ok(Vec::new()),
            Value::Object(keywords) => self.expand_object(schema, keywords),
            _ => Err(SchemaError::NotASchema),
        }
    }

    fn expand_object<'a>(
        &mut self,
        schema: Located<'a>,
        keywords: &'a Map<String, Value>,
    ) -> Result<Vec<Branch<'a>>, SchemaError> {
        if self.within.contains(&schema.address()) {
            return Err(SchemaError::Circle);
        }
        if self.within.len() == MOST_LEVELS {
            return Err(SchemaError::TooLarge { what: "levels of references and alternatives" });
        }
        self.within.push(schema.address());
        let branches = self.expand_keywords(schema, keywords)?;
        self.within.pop();
        Ok(branches)
    }

    fn expand_keywords<'a>(
        &mut self,
        schema: Located<'a>,
        keywords: &'a Map<String, Value>,
    ) -> Result<Vec<Branch<'a>>, SchemaError> {
        let mut branches = Vec::from_iter(Branch::stated(schema, keywords)?.satisfiable());
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            branches = all_pairs(&branches, &self.expand(schema.follow(reference)?)?)?;
        }
        for part in list(keywords, "allOf") {
            branches = all_pairs(&branches, &self.expand(schema.beside(part))?)?;
        }
        for keyword in ["anyOf", "oneOf"] {
            if keywords.contains_key(keyword) {
                branches = all_pairs(&branches, &self.expand_each(schema, list(keywords, keyword))?)?;
            }
        }
        Ok(branches)
    }

    fn expand_each<'a>(
        &mut self,
        schema: Located<'a>,
        alternatives: &'a [Value],
    ) -> Result<Vec<Branch<'a>>, SchemaError> {
        let mut branches = Vec::new();
        for alternative in alternatives {
            branches.extend(self.expand(schema.beside(alternative))?);
            check_number(branches.len())?;
        }
        Ok(branches)
    }
}

fn all_pairs<'a>(left: &[Branch<'a>], right: &[Branch<'a>]) -> Result<Vec<Branch<'a>>, SchemaError> {
    check_number(left.len().saturating_mul(right.len()))?;
    let pairs = left.iter().flat_map(|left| right.iter().map(|right| left.clone().and(right)));
    Ok(pairs.filter_map(Branch::satisfiable).collect())
}

fn check_number(branches: usize) -> Result<(), SchemaError> {
    if branches > MOST_BRANCHES { Err(SchemaError::TooLarge { what: "alternatives" }) } else { Ok(()) }
}

impl<'a> Branch<'a> {
    pub(crate) fn anything() -> Self {
        Self {
            kinds: Kinds::all(),
            listed: None,
            fields: BTreeMap::new(),
            other_fields: OtherFields::Unsaid,
            items: Combination::anything(),
        }
    }

    /// Whether it says nothing, so that every value fits.
    pub(crate) fn is_anything(&self) -> bool {
        self.kinds.is_all() && self.listed.is_none() && self.fields.is_empty()
    }

    /// What a schema says itself, without its references and alternatives.
    fn stated(schema: Located<'a>, keywords: &'a Map<String, Value>) -> Result<Self, SchemaError> {
        let values = listed_values(keywords);
        let mut branch = Self {
            kinds: stated_kinds(keywords)?,
            listed: values.as_deref().and_then(literals),
            fields: stated_fields(schema, keywords),
            other_fields: OtherFields::stated(schema, keywords),
            items: stated_items(schema, keywords),
        };
        if let Some(values) = values {
            branch.kinds = branch.kinds.and(&values.into_iter().map(Kind::of).collect());
        }
        Ok(branch)
    }

    fn and(mut self, other: &Self) -> Self {
        self.kinds = self.kinds.and(&other.kinds);
        self.listed = match (self.listed, &other.listed) {
            (Some(left), Some(right)) => Some(left.intersection(right).cloned().collect()),
            (left, right) => left.or_else(|| right.clone()),
        };
        for (name, field) in &other.fields {
            let known = self.fields.entry(name).or_insert_with(BranchField::unsaid);
            known.schemas = known.schemas.and(&field.schemas);
            known.required |= field.required;
        }
        self.other_fields = self.other_fields.and(&other.other_fields);
        self.items = self.items.and(&other.items);
        self
    }

    /// Without what contradicts itself. `None`: no value is left.
    fn satisfiable(mut self) -> Option<Self> {
        if let Some(listed) = &mut self.listed {
            listed.retain(|value| self.kinds.has(value.kind()));
            let possible = |kind: &Kind| !has_literals(*kind) || listed.iter().any(|value| value.kind() == *kind);
            self.kinds = self.kinds.iter().filter(possible).collect();
        }
        (!self.kinds.is_empty()).then_some(self)
    }
}

impl BranchField<'_> {
    fn unsaid() -> Self {
        Self { schemas: Combination::anything(), required: false }
    }
}

impl<'a> OtherFields<'a> {
    fn stated(schema: Located<'a>, keywords: &'a Map<String, Value>) -> Self {
        let by_pattern = keywords.get("patternProperties").and_then(Value::as_object);
        let by_pattern = by_pattern.into_iter().flat_map(Map::values).map(|value| schema.beside(value));
        match keywords.get("additionalProperties") {
            Some(Value::Bool(false)) => match Combination::any_of(by_pattern) {
                named if named.alternatives().next().is_some() => Self::Described(named),
                _ => Self::Refused,
            },
            Some(other) => Self::Described(Combination::of(schema.beside(other))),
            None => Self::Unsaid,
        }
    }

    /// What fits either.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Described(left), Self::Described(right)) => Self::Described(left.or(right)),
            (Self::Described(one), _) | (_, Self::Described(one)) => Self::Described(one),
            (Self::Unsaid, _) | (_, Self::Unsaid) => Self::Unsaid,
            (Self::Refused, Self::Refused) => Self::Refused,
        }
    }

    fn and(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Unsaid, other) => other.clone(),
            (this, Self::Unsaid) => this,
            (Self::Described(left), Self::Described(right)) => Self::Described(left.and(right)),
            (Self::Refused, _) | (_, Self::Refused) => Self::Refused,
        }
    }
}

/// A schema without `type` is read as its author meant it: one with `properties` describes objects.
fn stated_kinds(keywords: &Map<String, Value>) -> Result<Kinds, SchemaError> {
    let has_any = |names: &[&str]| names.iter().any(|name| keywords.contains_key(*name));
    let mut kinds = match keywords.get("type") {
        Some(Value::String(name)) => Kinds::named(name)?,
        Some(Value::Array(names)) => named_kinds(names)?,
        Some(other) => return Err(SchemaError::UnknownType { name: other.to_string() }),
        None if has_any(&["properties", "required", "additionalProperties"]) => Kinds::from_iter([Kind::Object]),
        None if has_any(&["items", "prefixItems"]) => Kinds::from_iter([Kind::Array]),
        None => Kinds::all(),
    };
    // OpenAPI 3.0 has no `null` among its types.
    if keywords.get("nullable") == Some(&Value::Bool(true)) {
        kinds.add(Kind::Null);
    }
    Ok(kinds)
}

fn named_kinds(names: &[Value]) -> Result<Kinds, SchemaError> {
    let unknown = |name: &Value| SchemaError::UnknownType { name: name.to_string() };
    let mut kinds = Kinds::default();
    for name in names {
        kinds = kinds.or(&Kinds::named(name.as_str().ok_or_else(|| unknown(name))?)?);
    }
    Ok(kinds)
}

/// What `const` or `enum` lists.
fn listed_values(keywords: &Map<String, Value>) -> Option<Vec<&Value>> {
    match (keywords.get("const"), keywords.get("enum")) {
        (Some(value), _) => Some(vec![value]),
        (None, Some(Value::Array(values))) => Some(values.iter().collect()),
        (None, _) => None,
    }
}

/// `None` if arrays or objects are among the values: those are compared by their kind only.
fn literals(values: &[&Value]) -> Option<BTreeSet<Literal>> {
    let comparable = values.iter().all(|value| !value.is_array() && !value.is_object());
    comparable.then(|| values.iter().filter_map(|value| Literal::of(value)).collect())
}

fn has_literals(kind: Kind) -> bool {
    matches!(kind, Kind::Boolean | Kind::Integer | Kind::Number | Kind::Text)
}

fn stated_fields<'a>(schema: Located<'a>, keywords: &'a Map<String, Value>) -> BTreeMap<&'a str, BranchField<'a>> {
    let mut fields = BTreeMap::new();
    for (name, field) in keywords.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let schemas = Combination::of(schema.beside(field));
        fields.insert(&**name, BranchField { schemas, required: false });
    }
    for name in list(keywords, "required").iter().filter_map(Value::as_str) {
        fields.entry(name).or_insert_with(BranchField::unsaid).required = true;
    }
    fields
}

fn stated_items<'a>(schema: Located<'a>, keywords: &'a Map<String, Value>) -> Combination<'a> {
    let one_by_one = list(keywords, "prefixItems").iter();
    // `items: false` after `prefixItems` ends the list, and says nothing about the items.
    let others = keywords.get("items").filter(|items| **items != Value::Bool(false));
    let stated: Vec<_> = one_by_one.chain(others).map(|item| schema.beside(item)).collect();
    if stated.is_empty() { Combination::anything() } else { Combination::any_of(stated) }
}

fn list<'a>(keywords: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    keywords.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
