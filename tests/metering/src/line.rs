//! The lines that the metered program prints: one for each call that is over, written in one piece after it is over.

use std::{fmt, str::FromStr};

use crate::call::Call;

/// A line of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The recorder answered that the call is recorded.
    Acknowledged {
        /// The call.
        call: Call,
        /// Whether its key was recorded before.
        is_repeated: bool,
        /// The transaction id that the recorder gave; none for a hold.
        transaction_id: Option<String>,
    },
    /// The call is over without an answer that anything is recorded.
    Unacknowledged {
        /// The call.
        call: Call,
        /// Why, in a word.
        reason: String,
    },
    /// An event that waits for a person.
    DeadLetter {
        /// Its transaction id.
        transaction_id: String,
        /// Why it was refused.
        reason: String,
    },
    /// What was left when the program ended by itself.
    Left {
        /// The events that are not at Flowglad.
        pending: u64,
        /// The dead letters.
        dead_letters: u64,
    },
}

const NO_ID: &str = "-";

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledged { call, is_repeated, transaction_id } => {
                let id = transaction_id.as_deref().unwrap_or(NO_ID);
                write!(f, "acknowledged {} {is_repeated} {id}", call.code())
            }
            Self::Unacknowledged { call, reason } => write!(f, "unacknowledged {} {reason}", call.code()),
            Self::DeadLetter { transaction_id, reason } => write!(f, "dead-letter {transaction_id} {reason}"),
            Self::Left { pending, dead_letters } => write!(f, "left {pending} {dead_letters}"),
        }
    }
}

impl FromStr for Line {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        parse(line).ok_or_else(|| format!("the program printed {line:?}"))
    }
}

fn parse(line: &str) -> Option<Line> {
    let (word, rest) = line.split_once(' ')?;
    let (first, rest) = rest.split_once(' ')?;
    let call = || Call::from_code(first.parse().ok()?);
    Some(match word {
        "acknowledged" => {
            let (is_repeated, id) = rest.split_once(' ')?;
            let transaction_id = (id != NO_ID).then(|| id.to_owned());
            Line::Acknowledged { call: call()?, is_repeated: is_repeated.parse().ok()?, transaction_id }
        }
        "unacknowledged" => Line::Unacknowledged { call: call()?, reason: rest.to_owned() },
        "dead-letter" => Line::DeadLetter { transaction_id: first.to_owned(), reason: rest.to_owned() },
        "left" => Line::Left { pending: first.parse().ok()?, dead_letters: rest.parse().ok()? },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let call = Call { run: 3, task: 2, number: 1 };
        let acknowledged = |transaction_id| Line::Acknowledged { call, is_repeated: true, transaction_id };
        for line in [
            acknowledged(None),
            acknowledged(Some("3:ada:call-7".to_owned())),
            Line::Unacknowledged { call, reason: "no answer: a reason".to_owned() },
            Line::DeadLetter { transaction_id: "t".to_owned(), reason: "not found".to_owned() },
            Line::Left { pending: 2, dead_letters: 0 },
        ] {
            assert_eq!(line.to_string().parse(), Ok(line));
        }
        assert!("acknowledged x true -".parse::<Line>().is_err());
    }
}
