//! One place where the client and the description drift apart.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

/// One place where the client and the description drift apart. Its `Display` is its id: stable, and on one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Drift {
    /// The path of the operation, relative to `/api/v1`.
    pub path: String,
    /// The method of the operation.
    pub method: String,
    /// The part of the operation.
    pub part: Part,
    /// Where in that part, for example `price.tiers[].upTo`; `$` is the whole, and empty for an operation.
    pub at: String,
    /// What does not fit.
    pub problem: Problem,
}

/// A part of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Part {
    /// The operation as a whole.
    Operation,
    /// A query parameter.
    Query,
    /// What is sent.
    Body,
    /// What is read.
    Reply,
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Problem {
    /// It is described, but no call sends it.
    Missing,
    /// A call sends it, but it is not described.
    Extra,
    /// No call sends a value that the description lists.
    UnsentValue(String),
    /// What a call sends is not as described.
    Invalid(String),
    /// The reply has a field that no record reads.
    Unread,
    /// A record reads the field, but does not write it again.
    Lost,
    /// The description lists a value that the client does not know.
    UnknownValue(String),
    /// The client refuses a reply without the field, though it may be absent.
    WronglyRequired,
    /// The client refuses a reply with this value, though it is as described.
    CannotRead(String),
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.method, self.path, self.place(), self.problem)
    }
}

impl Drift {
    pub(crate) fn of_operation(method: &str, path: &str, problem: Problem) -> Self {
        Self { path: path.to_owned(), method: method.to_owned(), part: Part::Operation, at: String::new(), problem }
    }

    /// The part, and where in it.
    #[must_use]
    pub fn place(&self) -> String {
        match self.part {
            Part::Operation => self.part.to_string(),
            part => format!("{part} {}", self.at),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Operation => "operation",
            Self::Query => "query",
            Self::Body => "body",
            Self::Reply => "reply",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Extra => f.write_str("extra"),
            Self::UnsentValue(value) => write!(f, "never sends {value:?}"),
            Self::Invalid(what) => write!(f, "invalid: {what}"),
            Self::Unread => f.write_str("unread"),
            Self::Lost => f.write_str("lost"),
            Self::UnknownValue(value) => write!(f, "unknown value {value:?}"),
            Self::WronglyRequired => f.write_str("wrongly required"),
            Self::CannotRead(value) => write!(f, "cannot read {value}"),
        }
    }
}

impl Serialize for Drift {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Drift", 6)?;
        document.serialize_field("id", &self.to_string())?;
        document.serialize_field("method", &self.method)?;
        document.serialize_field("path", &self.path)?;
        document.serialize_field("where", &self.part.to_string())?;
        document.serialize_field("at", &self.at)?;
        document.serialize_field("problem", &self.problem.to_string())?;
        document.end()
    }
}
