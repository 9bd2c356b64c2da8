//! Whom a change concerns, as instances say it to each other.

use std::fmt;

use crate::cache::Subject;

/// What a message about billing begins with.
const TOPIC: &str = "billing";

/// Whom a change concerns, kept for longer than the call that made it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Change {
    Customer(Box<str>),
    CustomerId(Box<str>),
    Subscription(Box<str>),
    Everyone,
}

impl Change {
    pub(super) fn subject(&self) -> Subject<'_> {
        match self {
            Self::Customer(customer) => Subject::Customer(customer),
            Self::CustomerId(id) => Subject::CustomerId(id),
            Self::Subscription(id) => Subject::Subscription(id),
            Self::Everyone => Subject::Everyone,
        }
    }

    /// Whether the billing of a customer may have changed.
    pub(super) fn may_concern(&self, customer: &str) -> bool {
        match self {
            Self::Customer(changed) => **changed == *customer,
            Self::CustomerId(_) | Self::Subscription(_) | Self::Everyone => true,
        }
    }
}

impl From<Subject<'_>> for Change {
    fn from(subject: Subject<'_>) -> Self {
        match subject {
            Subject::Customer(customer) => Self::Customer(customer.into()),
            Subject::CustomerId(id) => Self::CustomerId(id.into()),
            Subject::Subscription(id) => Self::Subscription(id.into()),
            Subject::Everyone => Self::Everyone,
        }
    }
}

/// Names no customer.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(kind(self.subject()))
    }
}

/// A message that says whom a change concerns.
pub(super) fn message(sender: &str, subject: Subject<'_>) -> String {
    let whom = match subject {
        Subject::Customer(whom) | Subject::CustomerId(whom) | Subject::Subscription(whom) => whom,
        Subject::Everyone => "",
    };
    format!("{TOPIC} {sender} {} {whom}", kind(subject))
}

/// The sender of a message and whom it concerns, if it is one about billing.
pub(super) fn read(message: &[u8]) -> Option<(&str, Subject<'_>)> {
    // What names the customer comes last, and may hold spaces.
    let mut words = str::from_utf8(message).ok()?.splitn(4, ' ');
    let (topic, sender, kind, whom) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let subject = match kind {
        "customer" => Subject::Customer(whom),
        "customer_id" => Subject::CustomerId(whom),
        "subscription" => Subject::Subscription(whom),
        "everyone" => Subject::Everyone,
        _ => return None,
    };
    (topic == TOPIC).then_some((sender, subject))
}

fn kind(subject: Subject<'_>) -> &'static str {
    match subject {
        Subject::Customer(_) => "customer",
        Subject::CustomerId(_) => "customer_id",
        Subject::Subscription(_) => "subscription",
        Subject::Everyone => "everyone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let subjects = [
            Subject::Customer("ada lovelace customer_id x"),
            Subject::Customer(""),
            Subject::CustomerId("cust_1"),
            Subject::Subscription("sub_1"),
            Subject::Everyone,
        ];
        for subject in subjects {
            assert_eq!(read(message("7", subject).as_bytes()), Some(("7", subject)));
            assert_eq!(Change::from(subject).subject(), subject);
        }
        for other in ["", "billing", "billing 7 everyone", "billing 7 other x", "usage 7 customer x"] {
            assert_eq!(read(other.as_bytes()), None);
        }
        assert_eq!(read(b"billing 7 customer \xff"), None);
    }
}
