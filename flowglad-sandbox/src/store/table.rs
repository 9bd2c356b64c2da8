//! One table: records in the order they were made, found by id, with what it takes to undo a change.

use std::collections::HashMap;

use crate::records::Record;

/// Records of one kind. Nothing is ever deleted: the API deletes nothing either.
#[derive(Debug)]
pub(crate) struct Table<R> {
    rows: Vec<R>,
    row_by_id: HashMap<String, usize>,
    undo: Vec<Undo<R>>,
}

/// How to take back one change.
#[derive(Debug)]
enum Undo<R> {
    RemoveLast,
    PutBack { row: usize, before: R },
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), row_by_id: HashMap::new(), undo: Vec::new() }
    }
}

impl<R: Record> Table<R> {
    /// Adds a record and gives its id.
    pub(crate) fn insert(&mut self, record: R) -> String {
        let id = record.head().id.clone();
        self.row_by_id.insert(id.clone(), self.rows.len());
        self.rows.push(record);
        self.undo.push(Undo::RemoveLast);
        id
    }

    pub(crate) fn find(&self, id: &str) -> Option<&R> {
        self.row_by_id.get(id).map(|&row| &self.rows[row])
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &R> {
        self.rows.iter()
    }

    /// Changes one record and stamps it; an unknown id changes nothing.
    pub(crate) fn change(&mut self, id: &str, now: i64, change: impl FnOnce(&mut R)) {
        if let Some(&row) = self.row_by_id.get(id) {
            self.change_row(row, now, change);
        }
    }

    /// Changes every record that matches and gives their ids.
    pub(crate) fn change_where(
        &mut self,
        now: i64,
        matches: impl Fn(&R) -> bool,
        mut change: impl FnMut(&mut R),
    ) -> Vec<String> {
        let rows: Vec<usize> = (0..self.rows.len()).filter(|&row| matches(&self.rows[row])).collect();
        for &row in &rows {
            self.change_row(row, now, &mut change);
        }
        rows.into_iter().map(|row| self.rows[row].head().id.clone()).collect()
    }

    fn change_row(&mut self, row: usize, now: i64, change: impl FnOnce(&mut R)) {
        let record = &mut self.rows[row];
        self.undo.push(Undo::PutBack { row, before: record.clone() });
        change(record);
        record.head_mut().updated_at = now;
    }

    pub(super) fn undo_mark(&self) -> usize {
        self.undo.len()
    }

    pub(super) fn undo_to(&mut self, mark: usize) {
        for undo in self.undo.drain(mark..).rev() {
            match undo {
                Undo::RemoveLast => {
                    if let Some(removed) = self.rows.pop() {
                        self.row_by_id.remove(&removed.head().id);
                    }
                }
                Undo::PutBack { row, before } => self.rows[row] = before,
            }
        }
    }

    pub(crate) fn forget_undo(&mut self) {
        self.undo.clear();
    }
}
