//! Which subscriptions of customers can be charged.
//!
//! Flowglad takes usage of a subscription that has ended, and charges no one for it. So each is checked before it is
//! charged.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;

use crate::{
    error::Error,
    flowglad::Flowglad,
    model::SubscriptionId,
    outbox::record::{Charged, RecordedUsage},
    usage::{dead_letter::DeadReason, recorder::charged},
};

/// How long a subscription counts as one that was seen.
const CHECKED_FOR: Duration = Duration::from_secs(60);

/// How many customers' billing is read at the same time.
const READS: usize = 8;

/// How many subscriptions are remembered at most.
const MOST: usize = 10_000;

/// The subscriptions that are known to be current.
pub(super) struct Plans {
    flowglad: Flowglad,
    /// When billing was read that has them.
    checked: HashMap<SubscriptionId, Instant>,
    /// What was found for the batch at hand.
    found: HashMap<Box<str>, Result<Found, NotFound>>,
}

/// Why usage cannot be charged now.
pub(super) enum NotFound {
    /// Never.
    Dead(DeadReason),
    /// The customer's billing cannot be read.
    Unread(Error),
}

struct Found {
    newest: Charged,
    current: Vec<SubscriptionId>,
}

impl Plans {
    pub(super) fn new(flowglad: Flowglad) -> Self {
        Self { flowglad, checked: HashMap::new(), found: HashMap::new() }
    }

    /// Whether it is known what usage is charged to.
    pub(super) fn is_checked(&self, usage: &RecordedUsage) -> bool {
        let now = self.flowglad.clock().now();
        let checked = usage.charged.as_ref().and_then(|charged| self.checked.get(&charged.subscription));
        checked.is_some_and(|checked| now.saturating_duration_since(*checked) <= CHECKED_FOR)
    }

    /// Finds the current subscriptions of customers, in memory or at Flowglad.
    pub(super) async fn find(&mut self, mut customers: Vec<Box<str>>) {
        customers.sort_unstable();
        customers.dedup();
        let flowglad = &self.flowglad;
        let mut reads = futures_util::stream::iter(customers)
            .map(|customer| async move { (read(flowglad, &customer).await, customer) })
            .buffer_unordered(READS);
        while let Some((found, customer)) = reads.next().await {
            let (found, read_at) = found;
            if self.checked.len() >= MOST {
                self.checked.clear();
            }
            for id in found.iter().flat_map(|found| &found.current) {
                self.checked.insert(id.clone(), read_at);
            }
            self.found.insert(customer, found);
        }
    }

    /// What usage is charged to.
    pub(super) fn charged(&self, usage: &RecordedUsage) -> Result<Charged, NotFound> {
        let found = match (self.found.get(&usage.customer), &usage.charged) {
            (Some(Ok(found)), _) => found,
            (None, Some(charged)) => return Ok(charged.clone()),
            (Some(Err(NotFound::Dead(DeadReason::NoSubscription))), Some(charged)) => return Err(has_ended(charged)),
            (Some(Err(NotFound::Dead(reason))), _) => return Err(NotFound::Dead(reason.clone())),
            (Some(Err(NotFound::Unread(error))), _) => return Err(NotFound::Unread(error.clone())),
            (None, None) => return Err(NotFound::Dead(DeadReason::UnknownCustomer)),
        };
        match &usage.charged {
            None => Ok(found.newest.clone()),
            Some(charged) if found.current.contains(&charged.subscription) => Ok(charged.clone()),
            Some(charged) => Err(has_ended(charged)),
        }
    }

    pub(super) fn forget_found(&mut self) {
        self.found.clear();
    }
}

fn has_ended(charged: &Charged) -> NotFound {
    let message = format!("{} is not a current subscription of the customer", charged.subscription);
    NotFound::Dead(DeadReason::SubscriptionEnded { message: message.into() })
}

async fn read(flowglad: &Flowglad, customer: &str) -> (Result<Found, NotFound>, Instant) {
    let now = flowglad.clock().now();
    match flowglad.billing_of(customer, CHECKED_FOR).await {
        Ok(billing) => {
            let current = billing.current_subscriptions().iter().map(|one| one.id.clone()).collect();
            let found = charged(&billing).map(|newest| Found { newest, current });
            (found.ok_or(NotFound::Dead(DeadReason::NoSubscription)), billing.began().unwrap_or(now))
        }
        Err(error) if error.is_not_found() => (Err(NotFound::Dead(DeadReason::UnknownCustomer)), now),
        Err(error) => (Err(NotFound::Unread(error)), now),
    }
}
