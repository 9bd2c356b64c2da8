//! One place where the client and the description drift apart.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::schema::{Kind, Literal};

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
    /// It is described, but the client does not have it or cannot send it.
    Missing,
    /// The client has it or can send it, but it is not described. In a reply: a field that is read, if it is there.
    Extra,
    /// The description requires it, but the client may leave it out.
    MayBeLeftOut,
    /// The description takes a list, the client gives one value.
    DescribedAsList,
    /// The description takes one value, the client gives a list.
    DescribedAsOneValue,
    /// The client can send a kind of value that is not described.
    Sends(Kind),
    /// The client can send any value of a kind, but the description lists the values.
    SendsAny(Kind),
    /// The client can send a value that the description does not list.
    SendsValue(Literal),
    /// The description lists a value that the client does not know.
    UnknownValue(Literal),
    /// The reply has a field that no record reads.
    Unread,
    /// The record cannot do without a field that may be absent or `null`.
    WronglyRequired,
    /// The reply can hold a kind of value that the record does not read.
    CannotRead(Kind),
    /// The reply can hold any value of a kind, but the record knows only some.
    CannotReadAny(Kind),
    /// The reply can hold anything at all, but the record does not read everything.
    CannotReadAnything,
    /// The description says what is inside, the client has a map or any value.
    Untyped,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.method, self.path, self.place(), self.problem)
    }
}

impl Drift {
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
            Self::MayBeLeftOut => f.write_str("may be left out"),
            Self::DescribedAsList => f.write_str("described as a list"),
            Self::DescribedAsOneValue => f.write_str("described as one value"),
            Self::Sends(kind) => write!(f, "sends {kind}"),
            Self::SendsAny(kind) => write!(f, "sends any {kind}"),
            Self::SendsValue(value) => write!(f, "sends value {value}"),
            Self::UnknownValue(value) => write!(f, "unknown value {value}"),
            Self::Unread => f.write_str("unread"),
            Self::WronglyRequired => f.write_str("wrongly required"),
            Self::CannotRead(kind) => write!(f, "cannot read {kind}"),
            Self::CannotReadAny(kind) => write!(f, "cannot read any {kind}"),
            Self::CannotReadAnything => f.write_str("cannot read any value"),
            Self::Untyped => f.write_str("untyped"),
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
