//! Schemas that apply together or instead of each other.

use super::located::Located;

/// Any of several alternatives, each of which is several schemas that apply together.
///
/// Holding schemas this way, and taking them apart one level at a time, is what lets a schema refer to itself.
#[derive(Clone, Debug)]
pub(crate) struct Combination<'a>(Vec<Vec<Located<'a>>>);

/// What tells two combinations of one run apart.
pub(crate) type Identity = Vec<Vec<usize>>;

impl<'a> Combination<'a> {
    /// One alternative that asks for nothing.
    pub(crate) fn anything() -> Self {
        Self(vec![Vec::new()])
    }

    /// No alternative at all.
    pub(crate) fn nothing() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn of(schema: Located<'a>) -> Self {
        Self(vec![vec![schema.settled()]])
    }

    pub(crate) fn any_of(schemas: impl IntoIterator<Item = Located<'a>>) -> Self {
        schemas.into_iter().fold(Self::nothing(), |all, schema| all.or(Self::of(schema)))
    }

    /// What fits either.
    pub(crate) fn or(mut self, other: Self) -> Self {
        for alternative in other.0 {
            if !self.0.iter().any(|known| addresses(known) == addresses(&alternative)) {
                self.0.push(alternative);
            }
        }
        self
    }

    /// What fits both.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|left| other.0.iter().map(move |right| [&left[..], &right[..]].concat()));
        Self(pairs.collect())
    }

    pub(crate) fn alternatives(&self) -> impl Iterator<Item = &[Located<'a>]> {
        self.0.iter().map(Vec::as_slice)
    }

    pub(crate) fn schemas(&self) -> impl Iterator<Item = Located<'a>> + '_ {
        self.0.iter().flatten().copied()
    }

    pub(crate) fn identity(&self) -> Identity {
        let mut identity: Identity = self.0.iter().map(|alternative| addresses(alternative)).collect();
        identity.sort();
        identity
    }
}

fn addresses(schemas: &[Located<'_>]) -> Vec<usize> {
    let mut addresses: Vec<usize> = schemas.iter().map(|schema| schema.address()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}
