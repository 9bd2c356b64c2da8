//! The open file, and what is done when the disk fails.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use redb::{Database, ReadTransaction, ReadableDatabase as _};

use super::{
    before::Before,
    disk::{CHECKED_BYTES, Disk},
    rows::{self, FORMAT, Rows, Sums},
};
use crate::cache::StoreError;

/// The time after an error in which nothing is written.
const PAUSE: Duration = Duration::from_millis(100);

/// A smaller file is not made smaller.
const COMPACTED_BYTES: u64 = 8 * 1024 * 1024;

/// Content that takes longer to move than callers should wait.
const MOVED_BYTES: u64 = 32 * 1024 * 1024;

pub(super) struct Connection {
    disk: Box<dyn Disk>,
    /// `None`: closed after an error.
    database: Option<Database>,
    sums: Sums,
    /// The rows of a transaction that failed, to be set back before anything is answered from the file.
    before: Before,
    failure: Option<Failure>,
    pause: Duration,
    /// The size from which on compacting is worthwhile.
    compact_from: u64,
}

struct Failure {
    cause: String,
    until: Instant,
}

impl Connection {
    /// An error says in words why the file cannot be opened.
    pub(super) fn open(disk: impl Disk) -> Result<Self, String> {
        let mut connection = Self {
            disk: Box::new(disk),
            database: None,
            sums: Sums::default(),
            before: Before::default(),
            failure: None,
            pause: PAUSE,
            compact_from: COMPACTED_BYTES,
        };
        let opened = guarded(|| {
            // The process before this one may have ended because of an error of the disk. In a large file it would take long.
            if connection.disk.size().is_ok_and(|size| (1..=CHECKED_BYTES).contains(&size)) {
                connection.disk.write_again()?;
            }
            connection.connect()
        });
        match opened {
            Ok(()) => Ok(connection),
            Err(Problem(problem)) => Err(problem),
        }
    }

    #[cfg(test)]
    pub(super) fn without_pause(mut self) -> Self {
        self.pause = Duration::ZERO;
        self
    }

    pub(super) fn sums(&mut self) -> Result<Sums, StoreError> {
        self.ensure_open()?;
        Ok(self.sums)
    }

    /// Reads from the file.
    pub(super) fn read<T>(
        &mut self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let database = self.ensure_open()?;
        let result = guarded(|| Ok(read(&database.begin_read().map_err(redb::Error::from)?)?));
        result.map_err(|problem| self.fail(problem, Before::default()))
    }

    /// Changes rows in one transaction, which is on the disk when this returns. After an error nothing is changed.
    pub(super) fn write<T>(
        &mut self,
        change: impl FnOnce(&mut Rows<'_>) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        self.ensure_no_pause()?;
        let sums = self.sums;
        let database = self.ensure_open()?;
        let mut before = Before::default();
        match guarded(|| transact(database, sums, &mut before, change)) {
            Ok((value, sums)) => {
                self.sums = sums;
                Ok(value)
            }
            Err(problem) => Err(self.fail(problem, before)),
        }
    }

    /// Whether the file is much larger than what is in it.
    pub(super) fn is_wasteful(&self) -> bool {
        let needed = self.sums.needed_bytes();
        let is_worthwhile = |size: u64| size >= self.compact_from && size / 4 >= needed;
        needed <= MOVED_BYTES && self.database.is_some() && self.disk.size().is_ok_and(is_worthwhile)
    }

    /// Gives back the space that the file does not need.
    pub(super) fn compact(&mut self) -> Result<(), StoreError> {
        self.ensure_open()?;
        let Some(database) = &mut self.database else { return Ok(()) };
        if let Err(problem) = guarded(|| Ok(database.compact().map(drop)?)) {
            return Err(self.fail(problem, Before::default()));
        }
        // What could not be given back now is not tried again soon.
        let size = self.disk.size().unwrap_or(u64::MAX);
        self.compact_from = size.saturating_mul(2).max(COMPACTED_BYTES);
        Ok(())
    }

    fn ensure_open(&mut self) -> Result<&Database, StoreError> {
        if self.database.is_none() {
            self.ensure_no_pause()?;
            self.reconnect()?;
        }
        self.database.as_ref().ok_or_else(|| "the file of the outbox is closed".into())
    }

    fn ensure_no_pause(&self) -> Result<(), StoreError> {
        match &self.failure {
            Some(failure) if failure.until > Instant::now() => Err(failure.error()),
            _ => Ok(()),
        }
    }

    /// Closes the file after an error, and tries at once to open it again and to set the rows back, since a crash of the
    /// process before that could leave them.
    fn fail(&mut self, problem: Problem, before: Before) -> StoreError {
        let began = Instant::now();
        self.before = before;
        self.close();
        let error = self.note(&problem, began);
        if self.reconnect().is_ok() {
            self.failure = Some(Failure { cause: problem.0, until: self.end_of_pause(began) });
        }
        error
    }

    fn reconnect(&mut self) -> Result<(), StoreError> {
        let began = Instant::now();
        let result = guarded(|| {
            self.disk.write_again()?;
            self.connect()
        });
        match result {
            Ok(()) => {
                self.failure = None;
                Ok(())
            }
            Err(problem) => {
                self.close();
                Err(self.note(&problem, began))
            }
        }
    }

    fn connect(&mut self) -> Result<(), Problem> {
        let database = self.disk.open()?;
        let read = rows::read_sums(&database.begin_read().map_err(redb::Error::from)?)?;
        let (format, mut sums) = read.unwrap_or((0, Sums::default()));
        if format > FORMAT {
            return Err(Problem(format!(
                "the file has format {format}, and this version of flowglad-core knows formats up to {FORMAT}; \
                 use the version that wrote it, or a newer one"
            )));
        }
        if format == 0 || !self.before.is_empty() {
            let restore = |rows: &mut Rows<'_>| {
                if format == 0 {
                    rows.create();
                }
                rows.restore(&self.before)
            };
            ((), sums) = transact(&database, sums, &mut Before::default(), restore)?;
        }
        self.before = Before::default();
        self.sums = sums;
        self.database = Some(database);
        Ok(())
    }

    fn close(&mut self) {
        let database = self.database.take();
        // Closing writes, and can fail as any write can.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(database)));
    }

    fn note(&mut self, problem: &Problem, began: Instant) -> StoreError {
        let failure = Failure { cause: problem.0.clone(), until: self.end_of_pause(began) };
        self.failure.insert(failure).error()
    }

    /// Opening a large file takes long, and must not be all that is done.
    fn end_of_pause(&self, began: Instant) -> Instant {
        if self.pause.is_zero() {
            return began;
        }
        let now = Instant::now();
        now + self.pause.max(now.saturating_duration_since(began) * 4)
    }
}

impl Failure {
    fn error(&self) -> StoreError {
        format!("the outbox cannot use its file: {}", self.cause).into()
    }
}

fn transact<T>(
    database: &Database,
    sums: Sums,
    before: &mut Before,
    change: impl FnOnce(&mut Rows<'_>) -> Result<T, redb::Error>,
) -> Result<(T, Sums), Problem> {
    let transaction = database.begin_write().map_err(redb::Error::from)?;
    let mut rows = Rows::open(&transaction, sums, before)?;
    let value = change(&mut rows)?;
    if !rows.is_changed() {
        drop(rows);
        transaction.abort().map_err(redb::Error::from)?;
        return Ok((value, sums));
    }
    let sums = rows.finish()?;
    transaction.commit().map_err(redb::Error::from)?;
    Ok((value, sums))
}

/// Why the file cannot be used, in words.
struct Problem(String);

impl<E: Into<redb::Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into().to_string())
    }
}

/// A damaged file can make the database panic.
fn guarded<T>(action: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(action))
        .unwrap_or_else(|_| Err(Problem("reading it failed in a way that only damage explains".to_owned())))
}
