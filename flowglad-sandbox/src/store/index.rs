//! An index of a table: rows by a key that several records can share.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

/// Row numbers under a key, in the order of insertion.
#[derive(Debug)]
pub(super) struct Index<K>(HashMap<K, Vec<usize>>);

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Index<K> {
    pub(super) fn rows<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> &[usize]
    where
        K: Borrow<Q>,
    {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn push<Q: Hash + Eq + ToOwned<Owned = K> + ?Sized>(&mut self, key: &Q, row: usize)
    where
        K: Borrow<Q>,
    {
        match self.0.get_mut(key) {
            Some(rows) => rows.push(row),
            None => {
                self.0.insert(key.to_owned(), vec![row]);
            }
        }
    }

    /// Removes the newest row under a key.
    pub(super) fn pop<Q: Hash + Eq + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let Some(rows) = self.0.get_mut(key) else { return };
        rows.pop();
        if rows.is_empty() {
            self.0.remove(key);
        }
    }
}
