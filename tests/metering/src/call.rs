//! The calls that the metered program makes. Everything about a call follows from its number, so that program and test agree
//! without a word between them.

use fastrand::Rng;

/// How many tasks make calls at the same time.
pub const TASKS: u32 = 6;
/// The most calls of one task in one run of the program.
pub const MOST_CALLS: u32 = 100_000;
/// The customers that calls are charged to.
pub const CUSTOMERS: [&str; 3] = ["ada", "bob", "cyd"];
/// A meter on which the customers' plan grants credits.
pub const CREDIT_METER: &str = "api_calls";
/// A meter that is charged as it is used.
pub const OPEN_METER: &str = "bytes";
/// A meter that does not exist.
pub const UNKNOWN_METER: &str = "no_such_meter";

const KEY: &str = "call-";

/// A call of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    /// The run of the program, from 0.
    pub run: u32,
    /// The task, below [`TASKS`].
    pub task: u32,
    /// The number in the task, below [`MOST_CALLS`].
    pub number: u32,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Records an amount under a key.
    Keyed,
    /// Records an amount without a key, on the open meter.
    WithoutKey,
    /// Holds more than the amount under a key, and settles the amount.
    Held,
    /// Holds, and settles without waiting for it: never acknowledged.
    SettledLater,
    /// Holds, and lets go.
    Released,
    /// Records on a meter that does not exist.
    OnUnknownMeter,
}

impl Call {
    /// The number of the call among all.
    #[must_use]
    pub fn code(self) -> u64 {
        u64::from((self.run * TASKS + self.task) * MOST_CALLS + self.number)
    }

    /// The call with this number among all.
    #[must_use]
    pub fn from_code(code: u64) -> Option<Self> {
        let (above, number) = (u32::try_from(code).ok()? / MOST_CALLS, u32::try_from(code).ok()? % MOST_CALLS);
        Some(Self { run: above / TASKS, task: above % TASKS, number })
    }

    /// The call that was charged under this transaction id and amount.
    #[must_use]
    pub fn charged(transaction_id: &str, meter: &str, amount: i64) -> Option<Self> {
        if meter == OPEN_METER {
            return Self::from_code(u64::try_from(amount).ok()?.checked_sub(1)?);
        }
        Self::from_code(transaction_id.rsplit_once(KEY)?.1.parse().ok()?)
    }

    /// Its idempotency key.
    #[must_use]
    pub fn key(self) -> String {
        format!("{KEY}{}", self.code())
    }

    /// What it does.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.dice().u32(0..100) {
            0..50 => Kind::Keyed,
            50..65 => Kind::WithoutKey,
            65..90 => Kind::Held,
            90..95 => Kind::SettledLater,
            95..99 => Kind::Released,
            _ => Kind::OnUnknownMeter,
        }
    }

    /// Whether the program makes it a second time at once, as an impatient client does.
    #[must_use]
    pub fn is_made_twice(self) -> bool {
        self.has_key() && self.number.is_multiple_of(16)
    }

    /// Whether it can be made again without being charged again.
    #[must_use]
    pub fn has_key(self) -> bool {
        matches!(self.kind(), Kind::Keyed | Kind::Held)
    }

    /// The amount to charge. On the open meter it says which call it is.
    #[must_use]
    pub fn amount(self) -> u64 {
        if self.kind() == Kind::WithoutKey { self.code() + 1 } else { 1 + self.code() % 9 }
    }

    /// The meter to charge it on.
    #[must_use]
    pub fn meter(self) -> &'static str {
        match self.kind() {
            Kind::WithoutKey => OPEN_METER,
            Kind::OnUnknownMeter => UNKNOWN_METER,
            Kind::Keyed | Kind::Held | Kind::SettledLater | Kind::Released => CREDIT_METER,
        }
    }

    /// The external id of the customer to charge.
    #[must_use]
    pub fn customer(self) -> &'static str {
        CUSTOMERS[self.task as usize % CUSTOMERS.len()]
    }

    fn dice(self) -> Rng {
        Rng::with_seed(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_found_by_what_is_charged_for_it() {
        let calls = (0..2_000).map(|number| Call { run: 1_999, task: TASKS - 1, number });
        for call in calls {
            assert_eq!(Call::from_code(call.code()), Some(call));
            let amount = i64::try_from(call.amount()).unwrap_or_default();
            let id = if call.kind() == Kind::WithoutKey { "6b0c".to_owned() } else { format!("3:ada:{}", call.key()) };
            assert_eq!(Call::charged(&id, call.meter(), amount), Some(call));
        }
        assert_eq!(Call::charged("order_17", CREDIT_METER, 1), None);
    }
}
