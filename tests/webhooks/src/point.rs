//! Points of the handling of an event at which the program can stop.

use std::{fmt, str::FromStr};

use crate::Failure;

/// Where the program stops, and waits for a line on its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The delivery is claimed, and there is no effect.
    Claimed,
    /// The effect is made, and not committed.
    Made,
    /// The effect is committed, and the receiver does not know it yet.
    Committed,
}

impl Point {
    /// All points, in the order in which a handler passes them.
    pub const ALL: [Self; 3] = [Self::Claimed, Self::Made, Self::Committed];
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Claimed => "claimed",
            Self::Made => "made",
            Self::Committed => "committed",
        })
    }
}

impl FromStr for Point {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        Ok(Self::ALL.into_iter().find(|point| point.to_string() == text).ok_or("there is no such point")?)
    }
}
