//! A part of a balance that is held while the work for it runs.

use std::{fmt, sync::Arc};

use crate::{
    customer::CustomerScope,
    input::TransactionId,
    model::{MeterRef, NewUsageEvent},
    outbox::{
        Appended, RecordError,
        book::{InFlight, OpenHold, SaidBalance},
        commits::{HeldFor, Taken},
        open_outbox::OpenOutbox,
        record::Charged,
        shared_book::Guard,
    },
    usage::recorder::identify,
};

/// A part of a customer's balance that is held while the work for it runs, made by
/// [`CustomerScope::hold`](crate::CustomerScope::hold).
///
/// Settle it when the work has succeeded. If it is dropped, because the work failed or panicked or the customer has gone,
/// nothing is charged. A hold that is kept for longer than [`hold_limit`](crate::usage::Outbox::hold_limit) no longer
/// counts against the balance; it can still be settled.
#[must_use = "a hold that is dropped charges nothing"]
pub struct Hold {
    pub(super) scope: CustomerScope,
    pub(super) outbox: Arc<OpenOutbox>,
    /// The names of the meter. The first is its slug.
    pub(super) meters: Vec<MeterRef>,
    pub(super) amount: u64,
    pub(super) charged: Option<Charged>,
    /// `None`: usage of this meter needs no credit.
    pub(super) said: Option<SaidBalance>,
    pub(super) id: Option<TransactionId>,
    pub(super) is_repeated: bool,
    pub(super) held: Option<OpenHold>,
    /// `None`: it is held by this instance alone.
    pub(super) in_fleet: Option<HeldInFleet>,
    /// Ends the key's work when it is dropped.
    pub(super) _in_flight: Option<Begun>,
}

/// What is held in the fleet too.
pub(super) struct HeldInFleet {
    pub(super) guard: Guard,
    /// What was left besides it then. `None`: usage of this meter needs no credit.
    pub(super) left: Option<i64>,
}

/// Work with a key that runs, in this process and, if it is one of a fleet, in no other instance.
pub(super) struct Begun {
    pub(super) _here: InFlight,
    pub(super) _in_fleet: Option<Guard>,
}

/// What became of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// What was recorded, in units of the meter. Zero if the same work was charged before.
    pub recorded: u64,
    /// What is left of the balance. `None` if usage of this meter needs no credit.
    pub left: Option<i64>,
    /// Whether the same work was charged before, by its key.
    pub is_repeated: bool,
}

impl Hold {
    /// The customer for whom is held.
    #[must_use]
    pub fn customer(&self) -> &CustomerScope {
        &self.scope
    }

    /// What is held, in units of the meter. Zero if the same work was charged before.
    #[must_use]
    pub fn amount(&self) -> u64 {
        self.amount
    }

    /// What is left of the balance besides this hold, in units of the meter. `None` if usage of this meter needs no credit.
    #[must_use]
    pub fn left(&self) -> Option<i64> {
        if let Some(held) = &self.in_fleet {
            return held.left;
        }
        let customer = self.scope.requesting_customer().external_id();
        self.said.map(|said| self.outbox.book.left(customer, &self.meters, said))
    }

    /// Whether the same work was charged before, by its key, so that settling this charges nothing.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        self.is_repeated
    }

    /// Charges what was used, in units of the meter: all of the hold, less, or more. It is durable when this returns; see
    /// [`record_usage`](crate::CustomerScope::record_usage). Zero releases the hold.
    ///
    /// Once begun, it is carried out also if its future is dropped.
    ///
    /// # Errors
    /// [`RecordError`]: nothing was charged.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let hold = me.hold("tokens", 4_000).await?;
    /// let used = 1_234;
    /// println!("{:?} tokens left", hold.settle(used).await?.left);
    /// # Ok(()) }
    /// ```
    pub async fn settle(mut self, amount: u64) -> Result<Settled, RecordError> {
        let left_in_fleet = self.in_fleet.as_ref().map(|held| held.left);
        let recorded = match self.charge(amount)? {
            None => 0,
            Some(taken) => match taken.stored().await? {
                Appended::New(_) => amount,
                Appended::Before => {
                    self.is_repeated = true;
                    0
                }
            },
        };
        let left = match left_in_fleet {
            Some(left) => left.map(|left| left.saturating_add_unsigned(self.amount).saturating_sub_unsigned(recorded)),
            None => self.left(),
        };
        Ok(Settled { recorded, left, is_repeated: self.is_repeated })
    }

    /// Charges what was used as [`settle`](Self::settle) does, but does not wait until it is durable: for a response whose
    /// customer has gone. If it cannot be recorded, that is logged and counted as
    /// [`lost`](crate::usage::UsageStats::lost).
    pub fn settle_later(mut self, amount: u64) {
        if let Err(error) = self.charge(amount) {
            self.outbox.counters.lost(&error);
        }
    }

    /// Charges for a response that has been sent. If it cannot be recorded, that is logged and counted as
    /// [`lost`](crate::usage::UsageStats::lost).
    pub(crate) async fn settle_sent(self, amount: u64) {
        let counters = Arc::clone(&self.outbox.counters);
        if let Err(error) = self.settle(amount).await {
            counters.lost(&error);
        }
    }

    /// Charges nothing.
    pub fn release(self) {
        drop(self);
    }

    /// Records what was used and releases the hold, in one step, so that the balance never looks other than it is.
    fn charge(&mut self, amount: u64) -> Result<Option<Taken>, RecordError> {
        let (Ok(amount), Some(meter), false) = (amount.try_into(), self.meters.first(), self.is_repeated) else {
            (self.held, self.in_fleet) = (None, None);
            return Ok(None);
        };
        let event = NewUsageEvent { transaction_id: self.id.clone(), ..NewUsageEvent::new(meter.clone(), amount) };
        let identified = identify(self.scope.requesting_customer(), event)?;
        let in_fleet = self.in_fleet.take().map(|held| held.guard);
        let mut usage = self.scope.recorded_usage(&self.outbox, &identified, self.charged.clone());
        usage.hold = in_fleet.as_ref().map(|held| held.name().into());
        let held = HeldFor { here: self.held.take(), in_fleet };
        Ok(Some(self.outbox.record_used(&usage, identified.key, held)?))
    }
}

/// Names no customer.
impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Hold");
        debug.field("amount", &self.amount).field("is_repeated", &self.is_repeated).finish_non_exhaustive()
    }
}
