//! The store in a file, with redb.
//!
//! A record is on the disk before its `append` is answered. What failed is set back when the file can be used again, so
//! an error means that nothing was changed; only if the process ends before that can a part of it, as a whole, remain.

mod before;
mod changes;
mod connection;
mod disk;
mod rows;
#[cfg(test)]
mod tests;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future::BoxFuture;
use tokio::task::spawn_blocking;

use connection::Connection;
use disk::Folder;

use crate::{
    cache::StoreError,
    model::Timestamp,
    outbox::{
        open_error::OpenError,
        store::{Appended, DeadRecord, Ended, NewRecord, Sequence, StoredRecord, Totals, UsageStore},
    },
};

/// A store in a file of a folder that belongs to this process alone.
pub(super) struct FileStore {
    connection: Arc<Mutex<Connection>>,
    is_compacting: Arc<AtomicBool>,
}

impl FileStore {
    /// Opens the store in a folder, or creates both. It reads and writes files on the calling thread.
    pub(super) fn open(folder: &Path) -> Result<Self, OpenError> {
        let disk = Folder::claim(folder)?;
        let mut connection = Connection::open(disk).map_err(|problem| OpenError::unreadable(folder, problem))?;
        if connection.is_wasteful() {
            // It is as good without.
            let _ = connection.compact();
        }
        Ok(Self { connection: Arc::new(Mutex::new(connection)), is_compacting: Arc::default() })
    }

    async fn run<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.connection);
        spawn_blocking(move || action(&mut lock(&connection))).await?
    }

    /// As [`run`](Self::run), and gives space back afterwards if there is much. The caller does not wait for that.
    async fn run_and_compact<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (value, is_wasteful) =
            self.run(|connection| action(connection).map(|value| (value, connection.is_wasteful()))).await?;
        if is_wasteful && !self.is_compacting.swap(true, Ordering::Relaxed) {
            let (connection, is_compacting) = (Arc::clone(&self.connection), Arc::clone(&self.is_compacting));
            spawn_blocking(move || {
                // An error is the next caller's.
                let _ = lock(&connection).compact();
                is_compacting.store(false, Ordering::Relaxed);
            });
        }
        Ok(value)
    }
}

/// An action that panicked has left the connection as it was, or closed.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for FileStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileStore")
    }
}

impl UsageStore for FileStore {
    fn append(&self, records: Vec<NewRecord>) -> BoxFuture<'_, Result<Vec<Appended>, StoreError>> {
        Box::pin(self.run(move |connection| connection.write(|rows| changes::append(rows, &records))))
    }

    fn pending(&self, after: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<StoredRecord>, StoreError>> {
        Box::pin(self.run(move |connection| connection.read(|file| rows::read_pending(file, after, limit))))
    }

    fn end(&self, ended: Ended) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.run_and_compact(move |connection| connection.write(|rows| changes::end(rows, &ended))))
    }

    fn dead(&self, after: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<DeadRecord>, StoreError>> {
        Box::pin(self.run(move |connection| connection.read(|file| rows::read_dead(file, after, limit))))
    }

    fn has_key<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<bool, StoreError>> {
        let key = Box::<[u8]>::from(key);
        Box::pin(self.run(move |connection| connection.read(|file| rows::has_key(file, &key))))
    }

    fn discard(&self, dead: Vec<Sequence>) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.run_and_compact(move |connection| connection.write(|rows| changes::discard(rows, &dead))))
    }

    fn forget_keys(&self, recorded_before: Timestamp) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(
            self.run_and_compact(move |connection| {
                connection.write(|rows| changes::forget_keys(rows, recorded_before))
            }),
        )
    }

    fn totals(&self) -> BoxFuture<'_, Result<Totals, StoreError>> {
        Box::pin(self.run(|connection| Ok(connection.sums()?.totals)))
    }
}
