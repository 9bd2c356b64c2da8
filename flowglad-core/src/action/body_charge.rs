//! Response bodies that are charged when they end, or when the client leaves.

use std::{
    fmt,
    num::NonZeroU64,
    task::{Context, Poll, ready},
};

use futures_util::future::{BoxFuture, FutureExt as _};

use crate::usage::{Hold, UsageCounter};

/// What a response body costs. Dropped before the body ends, it charges what was sent or counted until then.
pub struct BodyCharge {
    /// `None`: it is charged, or is being charged.
    hold: Option<Hold>,
    by: By,
    sent: u64,
    /// How many bytes are to come, if that is known.
    to_come: Option<u64>,
    charging: Option<BoxFuture<'static, ()>>,
}

enum By {
    Bytes(NonZeroU64),
    Counter(UsageCounter),
}

impl BodyCharge {
    pub(super) fn per_bytes(hold: Hold, bytes: NonZeroU64, body_bytes: Option<u64>) -> Self {
        Self::new(hold, By::Bytes(bytes), body_bytes)
    }

    pub(super) fn counted(hold: Hold, counter: UsageCounter, body_bytes: Option<u64>) -> Self {
        Self::new(hold, By::Counter(counter), body_bytes)
    }

    fn new(hold: Hold, by: By, body_bytes: Option<u64>) -> Self {
        Self { hold: Some(hold), by, sent: 0, to_come: body_bytes, charging: None }
    }

    fn units(&self) -> u64 {
        match &self.by {
            By::Bytes(bytes) => self.sent.div_ceil(bytes.get()),
            By::Counter(counter) => counter.total(),
        }
    }

    /// Counts bytes that are sent, and returns whether they are the last of the body.
    fn send(&mut self, bytes: usize) -> bool {
        let bytes = bytes as u64;
        self.sent += bytes;
        self.to_come = self.to_come.map(|to_come| to_come.saturating_sub(bytes));
        bytes > 0 && self.to_come == Some(0)
    }

    /// Charges, and waits until that is durable.
    fn poll_charged(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(hold) = self.hold.take() {
            self.charging = Some(hold.settle_sent(self.units()).boxed());
        }
        if let Some(charging) = &mut self.charging {
            ready!(charging.poll_unpin(cx));
            self.charging = None;
        }
        Poll::Ready(())
    }
}

impl Drop for BodyCharge {
    fn drop(&mut self) {
        if let Some(hold) = self.hold.take() {
            hold.settle_later(self.units());
        }
    }
}

impl fmt::Debug for BodyCharge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyCharge").field("sent", &self.sent).finish_non_exhaustive()
    }
}

/// The chunks of a response body that is charged, for an adapter's own type of body. Keep it after the body that it is of,
/// so that it is dropped after it: a handler may count until then.
#[derive(Debug)]
pub struct ChargedChunks<C> {
    charge: BodyCharge,
    /// The body has ended, and that waits until the charge is durable.
    is_ending: bool,
    /// The last chunk, which waits too.
    last: Option<C>,
}

impl<C> From<BodyCharge> for ChargedChunks<C> {
    fn from(charge: BodyCharge) -> Self {
        Self { charge, is_ending: false, last: None }
    }
}

impl<C> ChargedChunks<C> {
    /// Polls the next chunk. The client does not get all of the body before it is durably charged.
    ///
    /// `next` polls the body itself, and `bytes` says how long a chunk is.
    pub fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        next: impl FnOnce(&mut Context<'_>) -> Poll<Option<C>>,
        bytes: impl FnOnce(&C) -> usize,
    ) -> Poll<Option<C>> {
        if !self.is_ending {
            let chunk = ready!(next(cx));
            if chunk.as_ref().is_some_and(|chunk| !self.charge.send(bytes(chunk))) {
                return Poll::Ready(chunk);
            }
            (self.is_ending, self.last) = (true, chunk);
        }
        ready!(self.charge.poll_charged(cx));
        self.is_ending = false;
        Poll::Ready(self.last.take())
    }
}
