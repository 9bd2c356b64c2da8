//! The checkout that a customer opened last.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use crate::model::CheckoutSessionId;

/// Of how many customers a checkout is known. An entry takes some hundred bytes.
const MOST: usize = 10_000;

/// The newest checkout of each customer that was opened through a client, since Flowglad's redirect back to the app does
/// not say which checkout it comes from.
#[derive(Debug, Default)]
pub(crate) struct OpenedCheckouts(Mutex<Newest>);

#[derive(Debug, Default)]
struct Newest {
    ids: HashMap<Arc<str>, CheckoutSessionId>,
    /// The customers in the order of their first checkout that is still known.
    order: VecDeque<Arc<str>>,
}

impl OpenedCheckouts {
    pub(crate) fn insert(&self, external_id: &str, id: CheckoutSessionId) {
        self.insert_with_limit(external_id, id, MOST);
    }

    fn insert_with_limit(&self, external_id: &str, id: CheckoutSessionId, most: usize) {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = &mut *guard;
        let customer: Arc<str> = external_id.into();
        if newest.ids.insert(Arc::clone(&customer), id).is_none() {
            newest.order.push_back(customer);
        }
        if newest.order.len() > most
            && let Some(oldest) = newest.order.pop_front()
        {
            newest.ids.remove(&oldest);
        }
    }

    pub(crate) fn of(&self, external_id: &str) -> Option<CheckoutSessionId> {
        let newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        newest.ids.get(external_id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> CheckoutSessionId {
        text.parse().unwrap()
    }

    #[test]
    fn the_newest_checkout_of_a_customer_is_known_and_the_oldest_customers_are_forgotten() {
        let opened = OpenedCheckouts::default();
        for (customer, session) in [("ada", "s1"), ("bob", "s2"), ("ada", "s3"), ("eve", "s4")] {
            opened.insert_with_limit(customer, id(session), 2);
        }
        assert_eq!([opened.of("ada"), opened.of("bob"), opened.of("eve")], [None, Some(id("s2")), Some(id("s4"))]);
        opened.insert_with_limit("bob", id("s5"), 2);
        assert_eq!(opened.of("bob"), Some(id("s5")));
    }
}
