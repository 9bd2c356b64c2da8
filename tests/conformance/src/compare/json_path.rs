//! A place in a body or a reply.

use std::fmt;

use crate::schema::Literal;

/// A place in a body or a reply, for example `price(type=usage).tiers[].upTo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JsonPath(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Field(String),
    /// Any item of a list.
    Items,
    /// Any value of a map.
    Values,
    /// The alternative in which a field has one certain value.
    Alternative(String),
}

impl JsonPath {
    pub(crate) fn field(&self, name: &str) -> Self {
        self.and(Step::Field(name.to_owned()))
    }

    pub(crate) fn items(&self) -> Self {
        self.and(Step::Items)
    }

    pub(crate) fn values(&self) -> Self {
        self.and(Step::Values)
    }

    pub(crate) fn alternative(&self, field: &str, value: &Literal) -> Self {
        self.and(Step::Alternative(format!("{field}={}", value.text())))
    }

    pub(crate) fn is_in_alternative(&self) -> bool {
        self.0.iter().any(Step::is_alternative)
    }

    /// The same place in the united view.
    pub(crate) fn without_alternatives(&self) -> Self {
        Self(self.0.iter().filter(|step| !step.is_alternative()).cloned().collect())
    }

    /// Whether `self` is `other`, or the same place with fewer alternatives told apart.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let mut own = self.0.iter().peekable();
        for step in &other.0 {
            if own.next_if_eq(&step).is_none() && !step.is_alternative() {
                return false;
            }
        }
        own.next().is_none()
    }

    fn and(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }
}

impl Step {
    fn is_alternative(&self) -> bool {
        matches!(self, Self::Alternative(_))
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if position == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Items => f.write_str("[]")?,
                Step::Values => f.write_str("{}")?,
                Step::Alternative(condition) => write!(f, "({condition})")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_covers_itself_with_more_alternatives_told_apart() {
        let usage = Literal::of(&"usage".into()).unwrap();
        let day = Literal::of(&"day".into()).unwrap();
        let price = JsonPath::default().field("price");
        let plain = price.field("unit");
        let one = price.alternative("type", &usage).field("unit");
        let two = price.alternative("type", &usage).alternative("every", &day).field("unit");
        assert_eq!(two.to_string(), "price(type=usage)(every=day).unit");
        assert!(plain.covers(&plain) && plain.covers(&one) && plain.covers(&two) && one.covers(&two));
        assert!(!one.covers(&plain) && !two.covers(&one) && !price.covers(&plain) && !plain.covers(&price));
        assert!(!one.covers(&price.alternative("every", &day).field("unit")));
    }
}
