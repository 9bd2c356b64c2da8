//! How much usage may wait, and how it is delivered.

use std::{fmt, num::NonZeroUsize, path::Path, sync::Arc, time::Duration};

use crate::outbox::{
    file_store::FileStore, memory_store::MemoryStore, open_error::OpenError, shared_book::SharedBook, store::UsageStore,
};

/// Where usage waits until Flowglad has it, and the rules for it. Given to
/// [`FlowgladBuilder::usage`](crate::FlowgladBuilder::usage).
///
/// ```no_run
/// use flowglad_core::{Flowglad, usage::Outbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let outbox = Outbox::open("/var/lib/shop/usage")?.max_events(1_000_000);
/// let flowglad = Flowglad::builder().api_key("sk_test_example").usage(outbox).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until a builder has it"]
pub struct Outbox {
    pub(crate) store: Arc<dyn UsageStore>,
    /// The book of the fleet whose stream the store is.
    pub(crate) shared: Option<Arc<dyn SharedBook>>,
    pub(crate) max_events: u64,
    pub(crate) max_bytes: u64,
    pub(crate) when_full: WhenFull,
    pub(crate) batch: NonZeroUsize,
    pub(crate) collect_for: Duration,
    pub(crate) keep_keys_for: Duration,
    pub(crate) hold_limit: Duration,
    pub(crate) late_after: Duration,
}

/// What happens to usage when as much waits as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It is refused at once.
    Refuse,
    /// It waits this long for a place, and is refused then.
    Wait(Duration),
}

/// What happens to a [hold](crate::CustomerScope::hold) in a [fleet](crate::usage) whose server is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenAlone {
    /// It is made by this instance alone, which knows only what it holds itself. So instances together may let more pass than
    /// a balance has, while the server is away.
    #[default]
    Hold,
    /// It is refused.
    Refuse,
}

impl Outbox {
    /// An outbox in a folder, which it creates if there is none. What is recorded is on the disk then, and is delivered also
    /// after a restart or a crash.
    ///
    /// The folder belongs to one process: give each instance of the app its own, on a disk that outlives the process.
    /// Files are read and written on the calling thread.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: another process uses the folder, or it cannot be used.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self::new(FileStore::open(folder.as_ref())?))
    }

    /// An outbox in a store of your own.
    pub fn new(store: impl UsageStore) -> Self {
        Self::shared(Arc::new(store))
    }

    /// An outbox in memory, for tests: what waits in it is lost when the process ends.
    pub fn in_memory() -> Self {
        Self::new(MemoryStore::default())
    }

    pub(super) fn shared(store: Arc<dyn UsageStore>) -> Self {
        Self {
            store,
            shared: None,
            max_events: 10_000_000,
            max_bytes: 4 << 30,
            when_full: WhenFull::Refuse,
            batch: NonZeroUsize::new(500).expect("not zero"),
            collect_for: Duration::from_millis(500),
            keep_keys_for: Duration::from_secs(24 * 60 * 60),
            hold_limit: Duration::from_secs(15 * 60),
            late_after: Duration::from_secs(15 * 60),
        }
    }

    /// Sets how many events may wait. Default: ten million.
    pub fn max_events(mut self, events: u64) -> Self {
        self.max_events = events;
        self
    }

    /// Sets how many bytes the waiting events may have; one has about 250. Default: 4 GiB.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets what happens to usage when as much waits as may. Default: it is refused.
    pub fn when_full(mut self, rule: WhenFull) -> Self {
        self.when_full = rule;
        self
    }

    /// Sets how many events one request to Flowglad has at most. Default: 500. Only one request is on its way at a time.
    pub fn batch(mut self, events: NonZeroUsize) -> Self {
        self.batch = events;
        self
    }

    /// Sets how long the first event waits for others before they are sent together. Default: half a second.
    pub fn collect_for(mut self, wait: Duration) -> Self {
        self.collect_for = wait;
        self
    }

    /// Sets how long the transaction ids that the app gave are known, so that the same usage is not recorded twice; Flowglad
    /// counts it once in any case. Default: 24 hours.
    pub fn keep_keys_for(mut self, age: Duration) -> Self {
        self.keep_keys_for = age;
        self
    }

    /// Sets how long a [hold](crate::CustomerScope::hold) lasts at most. Default: 15 minutes.
    pub fn hold_limit(mut self, limit: Duration) -> Self {
        self.hold_limit = limit;
        self
    }

    /// Sets the age of waiting usage from which it is reported as late: a warning in the log, and
    /// [`UsageStats::is_late`](crate::usage::UsageStats::is_late). Default: 15 minutes.
    pub fn late_after(mut self, age: Duration) -> Self {
        self.late_after = age;
        self
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Outbox");
        debug.field("max_events", &self.max_events).field("max_bytes", &self.max_bytes);
        debug.field("when_full", &self.when_full).field("batch", &self.batch).finish_non_exhaustive()
    }
}
