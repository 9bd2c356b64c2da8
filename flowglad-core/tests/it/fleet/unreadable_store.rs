//! A local outbox of an app's own, in which usage waits that cannot be read.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};

use flowglad_core::{
    model::Timestamp,
    usage::{Appended, DeadRecord, Ended, NewRecord, Sequence, StoredRecord, Totals, UsageStore},
};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, ready},
};

type Answer<'a, T> = BoxFuture<'a, Result<T, flowglad_core::cache::StoreError>>;

/// The store. It counts the reads, none of which is answered.
#[derive(Clone, Default)]
pub(super) struct UnreadableStore {
    reads: Arc<AtomicU32>,
    panics: bool,
}

impl UnreadableStore {
    pub(super) fn that_panics() -> Self {
        Self { panics: true, ..Self::default() }
    }

    pub(super) fn reads(&self) -> u32 {
        self.reads.load(SeqCst)
    }
}

fn answer<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    ready(Ok(answer)).boxed()
}

impl UsageStore for UnreadableStore {
    fn append(&self, records: Vec<NewRecord>) -> Answer<'_, Vec<Appended>> {
        answer((1..).take(records.len()).map(Appended::New).collect())
    }

    fn has_key<'a>(&'a self, _: &'a [u8]) -> Answer<'a, bool> {
        answer(false)
    }

    fn pending(&self, _: Sequence, _: usize) -> Answer<'_, Vec<StoredRecord>> {
        async {
            self.reads.fetch_add(1, SeqCst);
            assert!(!self.panics, "a mistake of the app's, which the test makes");
            pending().await
        }
        .boxed()
    }

    fn end(&self, _: Ended) -> Answer<'_, ()> {
        answer(())
    }

    fn dead(&self, _: Sequence, _: usize) -> Answer<'_, Vec<DeadRecord>> {
        answer(Vec::new())
    }

    fn discard(&self, _: Vec<Sequence>) -> Answer<'_, u64> {
        answer(0)
    }

    fn forget_keys(&self, _: Timestamp) -> Answer<'_, ()> {
        answer(())
    }

    fn totals(&self) -> Answer<'_, Totals> {
        answer(Totals { pending: 1, pending_bytes: 1, dead: 0 })
    }
}
