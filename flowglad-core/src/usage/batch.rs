//! Usage that is sent together.

use std::time::Instant;

use crate::{
    error::Error,
    model::{MeterRef, NewUsageEvent, SubscriptionId, Timestamp},
    outbox::{StoredRecord, open_outbox::Waiting, record::RecordedUsage},
    usage::{
        dead_letter::DeadReason,
        plans::{NotFound, Plans},
    },
};

/// Records that are sent together.
pub(super) struct Batch {
    pub(super) waiting: Vec<Waiting>,
    /// How often Flowglad has failed for it.
    pub(super) failures: u32,
    /// How much Flowglad had taken when it first failed for this.
    pub(super) taken_before: u64,
    pub(super) not_before: Option<Instant>,
}

/// What cannot be sent, and why.
pub(super) type Undeliverable = Vec<(Waiting, DeadReason)>;

/// What was taken out of a batch, since it is not known what is charged.
#[derive(Default)]
pub(super) struct TakenOut {
    /// For ever.
    pub(super) dead: Undeliverable,
    /// Until billing can be read.
    pub(super) unread: Vec<Waiting>,
    /// Why it cannot.
    pub(super) error: Option<Error>,
}

impl Batch {
    pub(super) fn new(waiting: Vec<Waiting>) -> Self {
        Self { waiting, failures: 0, taken_before: 0, not_before: None }
    }

    pub(super) fn read(records: Vec<StoredRecord>) -> Self {
        let read = |record: StoredRecord| Waiting { usage: RecordedUsage::decode(&record.bytes).ok(), record };
        Self::new(records.into_iter().map(read).collect())
    }

    pub(super) fn is_single(&self) -> bool {
        self.waiting.len() <= 1
    }

    /// Finds the subscriptions that are charged where they are not known, and takes out what cannot be charged.
    pub(super) async fn find_charged(&mut self, plans: &mut Plans) -> TakenOut {
        let usage = self.waiting.iter().filter_map(|waiting| waiting.usage.as_ref());
        plans.find(usage.filter(|usage| !plans.is_checked(usage)).map(|usage| usage.customer.clone()).collect()).await;
        let mut out = TakenOut::default();
        for mut waiting in std::mem::take(&mut self.waiting) {
            let Some(usage) = &mut waiting.usage else {
                out.dead.push((waiting, DeadReason::Unreadable));
                continue;
            };
            match plans.charged(usage) {
                Ok(charged) => {
                    usage.charged = Some(charged);
                    self.waiting.push(waiting);
                }
                Err(NotFound::Dead(reason)) => out.dead.push((waiting, reason)),
                Err(NotFound::Unread(error)) => {
                    out.unread.push(waiting);
                    out.error = Some(error);
                }
            }
        }
        plans.forget_found();
        out
    }

    /// The same batch with other records.
    pub(super) fn with(&self, waiting: Vec<Waiting>) -> Self {
        Self { waiting, ..*self }
    }

    /// The events as they are sent.
    pub(super) fn events(&self) -> Vec<(SubscriptionId, NewUsageEvent)> {
        let sent = |usage: &RecordedUsage| Some((usage.charged.as_ref()?.subscription.clone(), usage.event()));
        self.waiting.iter().filter_map(|waiting| sent(waiting.usage.as_ref()?)).collect()
    }

    /// How many of the events are sent after their billing period.
    pub(super) fn late(&self, now: Timestamp) -> u64 {
        let ends = self.waiting.iter().filter_map(|waiting| waiting.usage.as_ref()?.charged.as_ref()?.period_end);
        ends.filter(|end| *end < now).count() as u64
    }

    /// Splits off those that a refusal names: the one at the index, or those whose meter or subscription it names. Otherwise
    /// halves it. The part that is more likely to be refused comes last.
    pub(super) fn split(mut self, index: Option<usize>, message: &str) -> [Self; 2] {
        let Self { failures, taken_before, .. } = self;
        let named = match index {
            Some(index) if index < self.waiting.len() => vec![self.waiting.remove(index)],
            _ => self.take_named(message),
        };
        let (rest, suspects) = if named.is_empty() || self.waiting.is_empty() {
            let mut all = self.waiting;
            all.extend(named);
            let half = all.split_off(all.len() / 2);
            (all, half)
        } else {
            (self.waiting, named)
        };
        [rest, suspects].map(|waiting| Self { waiting, failures, taken_before, not_before: None })
    }

    fn take_named(&mut self, message: &str) -> Vec<Waiting> {
        let is_named = |waiting: &Waiting| waiting.usage.as_ref().is_some_and(|usage| names(message, usage));
        let (named, rest) = std::mem::take(&mut self.waiting).into_iter().partition(is_named);
        self.waiting = rest;
        named
    }
}

/// Whether a refusal names the meter or the subscription of an event.
fn names(message: &str, usage: &RecordedUsage) -> bool {
    let meter = match usage.meter() {
        MeterRef::PriceId(id) => id.as_str(),
        MeterRef::UsageMeterId(id) => id.as_str(),
        MeterRef::PriceSlug(slug) | MeterRef::UsageMeterSlug(slug) => slug,
    };
    let subscription = usage.charged.as_ref().map(|charged| charged.subscription.as_str());
    [Some(meter), subscription].into_iter().flatten().any(|name| is_word_of(message, name))
}

/// Whether a name is in a sentence, and not a part of a longer name.
fn is_word_of(sentence: &str, name: &str) -> bool {
    let is_part =
        |character: Option<char>| character.is_some_and(|one| one.is_alphanumeric() || one == '_' || one == '-');
    !name.is_empty()
        && sentence.match_indices(name).any(|(at, _)| {
            !is_part(sentence[..at].chars().next_back()) && !is_part(sentence[at + name.len()..].chars().next())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_a_word_only() {
        assert!(is_word_of("UsageMeter not found: slug \"calls\"", "calls"));
        assert!(is_word_of("calls", "calls"));
        assert!(!is_word_of("slug \"api_calls\"", "calls"));
        assert!(!is_word_of("slug \"calls-2\"", "calls"));
        assert!(!is_word_of("anything", ""));
    }
}
