//! One table: records in the order of insertion, with indexes and an undo log.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    records::record::Record,
    store::{index::Index, running_sum::RunningSums},
};

/// Records of one kind. Nothing is deleted, as on the API.
#[derive(Debug)]
pub(crate) struct Table<R> {
    rows: Vec<R>,
    row_by_id: HashMap<String, usize>,
    by_owner: Index<String>,
    by_external_key: Index<String>,
    by_dedup_key: Index<u64>,
    running_sums: RunningSums,
    undo: Vec<Undo<R>>,
}

/// How to undo one change.
#[derive(Debug)]
enum Undo<R> {
    RemoveLast,
    PutBack { row: usize, before: R },
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            row_by_id: HashMap::new(),
            by_owner: Index::default(),
            by_external_key: Index::default(),
            by_dedup_key: Index::default(),
            running_sums: RunningSums::default(),
            undo: Vec::new(),
        }
    }
}

impl<R: Record> Table<R> {
    /// Adds a record. Returns its id.
    pub(crate) fn insert(&mut self, record: R) -> String {
        let id = record.meta().id.clone();
        let row = self.rows.len();
        self.row_by_id.insert(id.clone(), row);
        if let Some(owner) = record.owner() {
            self.by_owner.push(owner, row);
        }
        if let Some(external_key) = record.external_key() {
            self.by_external_key.push(external_key, row);
        }
        if let Some(dedup_key) = record.dedup_key() {
            self.by_dedup_key.push(&dedup_key, row);
        }
        self.running_sums.add(&record);
        self.rows.push(record);
        self.undo.push(Undo::RemoveLast);
        id
    }

    pub(crate) fn find(&self, id: &str) -> Option<&R> {
        self.row_by_id.get(id).map(|&row| &self.rows[row])
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &R> + ExactSizeIterator {
        self.rows.iter()
    }

    /// The records of one owner, in the order of insertion.
    pub(crate) fn owned_by<'a>(&'a self, owner: &str) -> impl DoubleEndedIterator<Item = &'a R> + use<'a, R> {
        self.by_owner.rows(owner).iter().map(|&row| &self.rows[row])
    }

    /// As [`Table::owned_by`], among the first `count` records of the table.
    pub(crate) fn owned_by_in_first<'a>(
        &'a self,
        count: usize,
        owner: &str,
    ) -> impl Iterator<Item = &'a R> + use<'a, R> {
        self.by_owner.rows(owner).iter().take_while(move |&&row| row < count).map(|&row| &self.rows[row])
    }

    /// As [`Table::by_external_key`], among the first `count` records of the table.
    pub(crate) fn by_external_key_in_first<'a>(
        &'a self,
        count: usize,
        external_key: &str,
    ) -> impl Iterator<Item = &'a R> + use<'a, R> {
        self.by_external_key.rows(external_key).iter().take_while(move |&&row| row < count).map(|&row| &self.rows[row])
    }

    /// The records with this external key.
    pub(crate) fn by_external_key<'a>(
        &'a self,
        external_key: &str,
    ) -> impl DoubleEndedIterator<Item = &'a R> + use<'a, R> {
        self.by_external_key.rows(external_key).iter().map(|&row| &self.rows[row])
    }

    /// The records with this hash: the duplicates, and rarely another record.
    pub(crate) fn duplicates_of(&self, dedup_key: u64) -> impl DoubleEndedIterator<Item = &R> {
        self.by_dedup_key.rows(&dedup_key).iter().map(|&row| &self.rows[row])
    }

    /// The running sum of an owner by name; none if no record adds to it.
    pub(crate) fn sum_of(&self, owner: &str, name: &str) -> Option<i64> {
        self.running_sums.sum(owner, name)
    }

    /// Changes one record and sets its `updated_at`, which never goes back. An unknown id changes nothing.
    pub(crate) fn change(&mut self, id: &str, now: i64, change: impl FnOnce(&mut R)) {
        if let Some(&row) = self.row_by_id.get(id) {
            self.change_row(row, now, change);
        }
    }

    /// Changes every record that matches. Returns their ids.
    pub(crate) fn change_where(
        &mut self,
        now: i64,
        matches: impl Fn(&R) -> bool,
        change: impl FnMut(&mut R),
    ) -> Vec<String> {
        let rows = (0..self.rows.len()).filter(|&row| matches(&self.rows[row])).collect();
        self.change_rows(rows, now, change)
    }

    /// As [`Table::change_where`], among the records of one owner.
    pub(crate) fn change_owned_by(
        &mut self,
        owner: &str,
        now: i64,
        matches: impl Fn(&R) -> bool,
        change: impl FnMut(&mut R),
    ) -> Vec<String> {
        let rows = self.by_owner.rows(owner).iter().copied().filter(|&row| matches(&self.rows[row])).collect();
        self.change_rows(rows, now, change)
    }

    fn change_rows(&mut self, rows: Vec<usize>, now: i64, mut change: impl FnMut(&mut R)) -> Vec<String> {
        for &row in &rows {
            self.change_row(row, now, &mut change);
        }
        rows.into_iter().map(|row| self.rows[row].meta().id.clone()).collect()
    }

    fn change_row(&mut self, row: usize, now: i64, change: impl FnOnce(&mut R)) {
        // A copy is changed, so that a panic in the change leaves the record and the sums unchanged.
        let mut changed = self.rows[row].clone();
        change(&mut changed);
        let meta = changed.meta_mut();
        meta.updated_at = meta.updated_at.max(now);
        let before = self.replace(row, changed);
        self.undo.push(Undo::PutBack { row, before });
    }

    fn replace(&mut self, row: usize, record: R) -> R {
        debug_assert!(is_found_alike(&self.rows[row], &record), "what a record is found by never changes");
        self.running_sums.remove(&self.rows[row]);
        self.running_sums.add(&record);
        std::mem::replace(&mut self.rows[row], record)
    }

    fn remove_last(&mut self) {
        let Some(record) = self.rows.pop() else { return };
        self.row_by_id.remove(&record.meta().id);
        if let Some(owner) = record.owner() {
            self.by_owner.pop(owner);
        }
        if let Some(external_key) = record.external_key() {
            self.by_external_key.pop(external_key);
        }
        if let Some(dedup_key) = record.dedup_key() {
            self.by_dedup_key.pop(&dedup_key);
        }
        self.running_sums.remove(&record);
    }

    pub(super) fn to_json(&self) -> Value
    where
        R: Serialize,
    {
        serde_json::to_value(&self.rows).expect("records have text keys and no failing parts")
    }

    /// Reads the rows of a table. An error starts with the row's place.
    pub(super) fn from_json(rows: Value) -> Result<Self, String>
    where
        R: DeserializeOwned,
    {
        let Value::Array(rows) = rows else { return Err(" must be an array".to_owned()) };
        let mut table = Self::default();
        for (index, row) in rows.into_iter().enumerate() {
            let record: R = serde_json::from_value(row).map_err(|error| format!(".{index}: {error}"))?;
            let id = &record.meta().id;
            if table.find(id).is_some() {
                return Err(format!(".{index}: there is a record {id} already"));
            }
            table.insert(record);
        }
        table.forget_undo();
        Ok(table)
    }

    pub(super) fn undo_mark(&self) -> usize {
        self.undo.len()
    }

    pub(super) fn undo_to(&mut self, mark: usize) {
        while self.undo.len() > mark {
            match self.undo.pop() {
                Some(Undo::PutBack { row, before }) => {
                    self.replace(row, before);
                }
                Some(Undo::RemoveLast) | None => self.remove_last(),
            }
        }
    }

    pub(super) fn forget_undo(&mut self) {
        self.undo.clear();
    }
}

fn is_found_alike<R: Record>(one: &R, other: &R) -> bool {
    (one.owner(), one.external_key(), one.dedup_key()) == (other.owner(), other.external_key(), other.dedup_key())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{record::Meta, usage::UsageEvent};

    fn event(id: &str, subscription_id: &str, transaction_id: &str, uncovered: i64) -> UsageEvent {
        let mut properties = serde_json::Map::new();
        properties.insert("user".to_owned(), transaction_id.into());
        UsageEvent {
            meta: Meta { id: id.to_owned(), created_at: 0, updated_at: 0, livemode: false },
            customer_id: "cust".to_owned(),
            subscription_id: subscription_id.to_owned(),
            usage_meter_id: "meter".to_owned(),
            billing_period_id: None,
            amount: uncovered,
            usage_date: 0,
            transaction_id: transaction_id.to_owned(),
            price_id: "price".to_owned(),
            properties,
            pricing_model_id: "model".to_owned(),
            costs: true,
            uncovered,
        }
    }

    fn ids<'a>(records: impl Iterator<Item = &'a UsageEvent>) -> Vec<&'a str> {
        records.map(|record| record.meta.id.as_str()).collect()
    }

    #[test]
    fn records_are_found_by_owner_in_the_order_of_insertion() {
        let mut table = Table::default();
        table.insert(event("e1", "one", "t1", 1));
        table.insert(event("e2", "two", "t1", 2));
        table.insert(event("e3", "one", "t2", 4));
        assert_eq!(ids(table.owned_by("one")), ["e1", "e3"]);
        assert_eq!(ids(table.by_external_key("t1")), ["e1", "e2"]);
        assert_eq!(ids(table.duplicates_of(event("", "", "t2", 0).dedup_key().unwrap())), ["e3"]);
        assert_eq!((table.sum_of("one", "meter"), table.sum_of("one", "other")), (Some(5), None));
        assert_eq!(table.owned_by("unknown").count(), 0);
    }

    #[test]
    fn undoing_takes_new_records_out_of_everything_that_finds_them() {
        let mut table = Table::default();
        table.insert(event("e1", "one", "t1", 1));
        table.forget_undo();
        let mark = table.undo_mark();
        table.insert(event("e2", "one", "t1", 2));
        table.insert(event("e3", "new", "t3", 4));
        table.undo_to(mark);
        assert_eq!(ids(table.owned_by("one")), ["e1"]);
        assert_eq!(ids(table.by_external_key("t1")), ["e1"]);
        assert_eq!((table.owned_by("new").count(), table.by_external_key("t3").count()), (0, 0));
        assert_eq!(table.duplicates_of(event("", "", "t3", 0).dedup_key().unwrap()).count(), 0);
        assert_eq!((table.sum_of("one", "meter"), table.sum_of("new", "meter")), (Some(1), None));
        table.insert(event("e4", "one", "t1", 8));
        assert_eq!((ids(table.owned_by("one")), table.sum_of("one", "meter")), (vec!["e1", "e4"], Some(9)));
    }

    #[test]
    fn undoing_a_change_puts_the_sums_back() {
        let mut table = Table::default();
        table.insert(event("e1", "one", "t1", i64::MAX));
        table.insert(event("e2", "one", "t2", i64::MAX));
        table.forget_undo();
        assert_eq!(table.sum_of("one", "meter"), Some(i64::MAX), "too much for the API's numbers");
        table.change("e1", 9, |event| event.uncovered = 3);
        table.change_owned_by("one", 9, |event| event.meta.id == "e2", |event| event.costs = false);
        assert_eq!(table.sum_of("one", "meter"), Some(3));
        table.change("e1", 9, |event| event.costs = false);
        assert_eq!(table.sum_of("one", "meter"), None);
        table.undo_to(0);
        assert_eq!(table.sum_of("one", "meter"), Some(i64::MAX));
        table.change("e1", 9, |event| event.uncovered = 1);
        table.change("e2", 9, |event| event.uncovered = 1);
        assert_eq!(table.sum_of("one", "meter"), Some(2));
    }
}
