//! The store: tables of records in memory, and transactions that succeed as a whole or change nothing.
//!
//! Start with [`Store`]; `tables` lists the tables, `table` is one of them, `index` and `running_sum` are its indexes.

mod index;
mod running_sum;
pub(crate) mod table;
pub(crate) mod tables;

use std::collections::BTreeMap;

use crate::{
    clock::Clock,
    ids::IdSequence,
    race::{Arrival, Races},
    records::{
        event::Event,
        record::{Meta, Record},
    },
    store::tables::{Tables, UndoMarks},
};

/// All records of a sandbox. Rules read and change the tables through it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) tables: Tables,
    pub(crate) organization_id: String,
    /// The pricing model that the API key belongs to: the one set up last, unless the key stays with the first.
    pub(crate) key_model_id: String,
    /// Whether the API key stays with its model when another one is set up.
    pub(crate) key_stays: bool,
    /// How many of the next charges of a card are declined.
    pub(crate) fail_next_payments: u32,
    /// How many of the next charges of a customer's cards are declined, by the customer's id.
    pub(crate) fail_payments_of: BTreeMap<String, u32>,
    pub(crate) races: Races,
    /// What the developer should know, until [`Store::take_notices`] returns it.
    notices: Vec<String>,
    clock: Clock,
    ids: IdSequence,
    now: i64,
    /// How many events [`Store::take_committed_events`] has returned.
    taken_events: usize,
    /// How many transactions changed something.
    revision: u64,
}

impl Store {
    pub(crate) fn new(clock: Clock, mut ids: IdSequence) -> Self {
        let organization_id = ids.record("org");
        Self { organization_id, ..Self::with_tables(clock, ids, Tables::default()) }
    }

    /// A store with records of an earlier one, whose events were delivered before.
    pub(crate) fn with_tables(clock: Clock, ids: IdSequence, tables: Tables) -> Self {
        let now = clock.now_ms();
        let taken_events = tables.events.iter().len();
        Self {
            tables,
            organization_id: String::new(),
            key_model_id: String::new(),
            key_stays: false,
            fail_next_payments: 0,
            fail_payments_of: BTreeMap::new(),
            races: Races::default(),
            notices: Vec::new(),
            clock,
            ids,
            now,
            taken_events,
            revision: 0,
        }
    }

    /// A number that changes whenever a record does.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Goes on with the revisions of the store that this one replaces.
    pub(crate) fn follow(&mut self, replaced: &Self) {
        self.revision = replaced.revision + 1;
    }

    /// The time of the current transaction: the same for all its records.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    pub(crate) fn id_of<R: Record>(&mut self) -> String {
        if R::IDS_HAVE_DASHES { self.ids.record_with_dashes(R::PREFIX) } else { self.ids.record(R::PREFIX) }
    }

    /// An id of something that the API names but that has no record here.
    pub(crate) fn id_with_prefix(&mut self, prefix: &str) -> String {
        self.ids.record(prefix)
    }

    pub(crate) fn ids(&self) -> &IdSequence {
        &self.ids
    }

    pub(crate) fn trace_id(&mut self) -> String {
        self.ids.trace()
    }

    pub(crate) fn request_id(&mut self) -> String {
        self.ids.request()
    }

    pub(crate) fn invoice_number_base(&mut self) -> String {
        self.ids.invoice_number_base()
    }

    pub(crate) fn secret_bytes(&mut self) -> [u8; 24] {
        self.ids.secret_bytes()
    }

    /// The first fields of a new record.
    pub(crate) fn meta<R: Record>(&mut self) -> Meta {
        let id = self.id_of::<R>();
        self.meta_with_id(id)
    }

    /// The first fields of a new record whose id was made before.
    pub(crate) fn meta_with_id(&self, id: String) -> Meta {
        Meta { id, created_at: self.now, updated_at: self.now, livemode: false }
    }

    /// Runs a change at the clock's time. An error undoes the whole change.
    pub(crate) fn transaction<T, E>(&mut self, change: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.transaction_at(self.clock.now_ms(), change)
    }

    /// Runs a change as if it were made at `time`.
    pub(crate) fn transaction_at<T, E>(
        &mut self,
        time: i64,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        // A change that panicked did not finish: it is undone before the next one starts.
        self.tables.undo_to(&UndoMarks::default());
        self.now = time;
        let outcome = self.attempt(change);
        self.revision += u64::from(self.tables.are_changed());
        self.tables.forget_undo();
        outcome
    }

    /// What a request that arrives now sees of others.
    pub(crate) fn arrival(&self) -> Arrival {
        Arrival {
            claims: self.tables.resource_claims.iter().len(),
            usage_events: self.tables.usage_events.iter().len(),
        }
    }

    /// The events of the transactions since the last call. A transaction that failed left none.
    pub(crate) fn take_committed_events(&mut self) -> Vec<Event> {
        let new: Vec<Event> = self.tables.events.iter().skip(self.taken_events).cloned().collect();
        self.taken_events += new.len();
        new
    }

    /// Notes a sentence for the developer.
    pub(crate) fn note(&mut self, notice: String) {
        self.notices.push(notice);
    }

    /// The notices since the last call.
    pub(crate) fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// Whether the current charge of a customer is declined. This counts as one declined charge even if the transaction fails.
    pub(crate) fn next_payment_is_declined(&mut self, customer_id: &str) -> bool {
        if let Some(left) = self.fail_payments_of.get_mut(customer_id) {
            *left -= 1;
            if *left == 0 {
                self.fail_payments_of.remove(customer_id);
            }
            return true;
        }
        let is_declined = self.fail_next_payments > 0;
        self.fail_next_payments = self.fail_next_payments.saturating_sub(1);
        is_declined
    }

    /// Runs a part of a transaction. An error undoes only that part.
    pub(crate) fn attempt<T, E>(&mut self, change: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let marks = self.tables.undo_marks();
        let outcome = change(self);
        if outcome.is_err() {
            self.tables.undo_to(&marks);
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::Ids, records::pricing::PricingModel};

    fn model(store: &mut Store, name: &str) -> PricingModel {
        PricingModel {
            meta: store.meta::<PricingModel>(),
            organization_id: String::new(),
            is_default: false,
            name: name.to_owned(),
        }
    }

    #[test]
    fn a_failed_change_leaves_no_trace_and_a_good_one_stays() {
        let mut store = Store::new(Clock::manual(5), Ids::from_seed(1).begin());
        let kept = store
            .transaction(|store| {
                let model = model(store, "kept");
                Ok::<_, ()>(store.tables.pricing_models.insert(model))
            })
            .unwrap();
        let failed = store.transaction(|store| {
            store.tables.pricing_models.change(&kept, 9, |model| model.name = "changed".to_owned());
            let lost = model(store, "lost");
            store.tables.pricing_models.insert(lost);
            Err::<(), _>("no")
        });
        assert_eq!(failed, Err("no"));
        let names: Vec<&str> = store.tables.pricing_models.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, ["kept"]);
        assert_eq!(store.tables.pricing_models.find(&kept).unwrap().meta.updated_at, 5);
    }
}
