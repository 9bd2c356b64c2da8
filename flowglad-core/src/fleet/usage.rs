//! Usage in a stream that all instances fill and deliver.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use redis::{cmd, pipe};

use crate::{
    cache::StoreError,
    fleet::{
        book::FleetBook,
        contents::ToStream,
        delivered_alone::DeliveredAlone,
        in_millis,
        link::Failure,
        scripts,
        shared::{Part, Shared},
        taken::{Place, Taken, TakenRecord},
    },
    model::Timestamp,
    outbox::{
        Appended, DeadRecord, Ended, NewRecord, Sequence, StoredRecord, Totals, UsageStore, commits::ELSEWHERE,
        shared_book::SharedBook as _,
    },
};

pub(super) const GROUP: &str = "delivery";

/// So many records are moved from the local outbox into the stream by one call.
pub(super) const FORWARD: usize = 500;

/// So many records are taken by one call at most.
const AT_ONCE: usize = 4_096;

/// After so many such calls something else has its turn.
const FORWARDS: usize = 20;

/// The stream of a fleet, with a local outbox for when the server is away.
pub(super) struct FleetUsage {
    pub(super) shared: Arc<Shared>,
    pub(super) book: Arc<FleetBook>,
    /// Where usage waits while the server is away.
    pub(super) local: Option<Arc<dyn UsageStore>>,
    keep_keys_for: Duration,
    taken: Mutex<Taken>,
    pub(super) delivered_alone: DeliveredAlone,
    /// What waits in the local outbox is moved or taken by one at a time.
    moving: tokio::sync::Mutex<()>,
    pub(super) saying: tokio::sync::Mutex<()>,
    noting: tokio::sync::Mutex<()>,
}

/// A record in an answer of the server: its id, when it was recorded, and itself.
type Answered = (String, i64, Vec<u8>);

impl FleetUsage {
    pub(super) fn new(
        shared: &Arc<Shared>,
        book: &Arc<FleetBook>,
        local: Option<Arc<dyn UsageStore>>,
        keep_keys_for: Duration,
    ) -> Self {
        Self {
            shared: Arc::clone(shared),
            book: Arc::clone(book),
            local,
            keep_keys_for,
            taken: Mutex::default(),
            delivered_alone: DeliveredAlone::default(),
            moving: tokio::sync::Mutex::default(),
            saying: tokio::sync::Mutex::default(),
            noting: tokio::sync::Mutex::default(),
        }
    }

    async fn append_to_stream(&self, records: &[ToStream]) -> Result<Vec<Appended>, Failure> {
        let mut script = scripts::APPEND.key(self.stream());
        script.key(self.bytes()).arg(in_millis(self.keep_keys_for).max(1));
        for ToStream { record, contents } in records {
            let key = record.key.as_ref().map_or_else(|| self.stream(), |key| self.key(key));
            let customer = contents.customer();
            script.key(key).key(self.book.key_of_book(customer)).key(self.book.key_of_holds(customer));
            script.arg(u8::from(record.key.is_some())).arg(record.recorded_at.as_millis()).arg(&record.bytes[..]);
            script.arg(contents.meter()).arg(contents.amount()).arg(contents.hold());
        }
        let answer: Vec<u64> = self.shared.link.invoke(&script).await?;
        let [pending, bytes, stored @ ..] = answer.as_slice() else {
            return Err(Failure::Refused("it answered for other records".into()));
        };
        self.book.note_pending(*pending, *bytes);
        Ok(stored.iter().map(|stored| if *stored == 1 { Appended::New(ELSEWHERE) } else { Appended::Before }).collect())
    }

    async fn append_anywhere(&self, records: Vec<NewRecord>) -> Result<Vec<Appended>, StoreError> {
        let records: Vec<ToStream> = records.into_iter().map(ToStream::new).collect();
        match (self.append_to_stream(&records).await, &self.local) {
            (Ok(stored), _) => Ok(stored),
            (Err(failure), None) => Err(failure.into()),
            // It may be in the stream all the same. Flowglad counts it once by its id.
            (Err(_), Some(local)) => {
                let stored = local.append(records.into_iter().map(|moved| moved.record).collect()).await;
                self.note_local(&**local).await;
                stored
            }
        }
    }

    /// Notes how much waits in the local outbox. One at a time, so that an older answer does not replace a newer one.
    pub(super) async fn note_local(&self, local: &dyn UsageStore) {
        let _one = self.noting.lock().await;
        match local.totals().await {
            Ok(totals) => self.book.note_local(totals),
            // Something may wait there: it is looked for until the next answer.
            Err(_) => self.book.may_wait_locally(),
        }
    }

    async fn knows_key(&self, key: &[u8]) -> Result<bool, StoreError> {
        let known: Result<bool, _> = self.shared.link.query(cmd("EXISTS").arg(self.key(key))).await;
        match (known, &self.local) {
            (Ok(true), _) => Ok(true),
            (_, Some(local)) => local.has_key(key).await,
            (Ok(false), None) => Ok(false),
            (Err(failure), None) => Err(failure.into()),
        }
    }

    async fn pending_after(&self, after: Sequence, limit: usize) -> Result<Vec<StoredRecord>, StoreError> {
        let known = self.taken().after(after, limit);
        if known.len() == limit {
            return Ok(known);
        }
        let wanted = limit - known.len();
        let _one = self.moving.lock().await;
        let forwarded = self.forward().await;
        let took = match &forwarded {
            Err(Failure::Away) => Err(Failure::Away),
            // A full server takes nothing more, and what it has must be delivered.
            Ok(()) | Err(Failure::Refused(_)) => self.take(wanted).await,
        };
        match (took, &self.local) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) if forwarded.is_ok() => {}
            (_, Some(local)) => self.take_local(&**local, wanted).await?,
            (Err(_), None) if !known.is_empty() => {}
            (Err(failure), None) => return Err(failure.into()),
        }
        Ok(self.taken().after(after, limit))
    }

    /// Takes records of the stream, after those that it has taken by calls whose answers were lost.
    async fn take(&self, limit: usize) -> Result<(), Failure> {
        while !self.take_some(limit.min(AT_ONCE)).await? {}
        Ok(())
    }

    /// Takes some records. Says whether none is looked for any more.
    async fn take_some(&self, limit: usize) -> Result<bool, Failure> {
        let lost_after = self.taken().lost_after();
        let mut script = scripts::TAKE.key(self.stream());
        script.key(self.bytes()).key(self.shared.keys.usage("instances")).key(self.dead_letters());
        script
            .arg(GROUP)
            .arg(&*self.shared.instance)
            .arg(limit)
            .arg(in_millis(self.shared.dead_after))
            .arg(&lost_after);
        let answer = self.shared.link.invoke(&script).await;
        let (pending, bytes, dead, records): (u64, u64, u64, Vec<Answered>) =
            answer.inspect_err(|_| self.taken().lost_an_answer())?;
        self.book.note(pending, bytes, dead);
        let mut taken = self.taken();
        if !lost_after.is_empty() {
            let last = records.last().filter(|_| records.len() == limit);
            taken.looked_up_to(last.map(|(id, ..)| id.clone()));
        }
        for (id, recorded_at, bytes) in records {
            let recorded_at = Timestamp::from_millis(recorded_at);
            taken.add(TakenRecord { place: Place::Stream(id), recorded_at, bytes: bytes.into() });
        }
        Ok(lost_after.is_empty())
    }

    /// Moves what waits in the local outbox into the stream. If the process dies in between it is in both, and is known by
    /// its key in the stream.
    async fn forward(&self) -> Result<(), Failure> {
        let Some(local) = &self.local else { return Ok(()) };
        for _ in 0..FORWARDS {
            if !self.book.waits_locally() {
                return Ok(());
            }
            let after = self.taken().after_local;
            let Ok(waiting) = local.pending(after, FORWARD).await else { return Ok(()) };
            let Some(last) = waiting.last().map(|record| record.sequence) else { return Ok(()) };
            let delivered = waiting.iter().map(|record| record.sequence).collect();
            let moved: Vec<ToStream> = waiting.into_iter().map(ToStream::of_local).collect();
            self.append_to_stream(&moved).await?;
            self.taken().after_local = last;
            // What the local outbox cannot forget is moved again after a restart.
            local.end(Ended { delivered, dead: Vec::new() }).await.ok();
            self.book.left_here(moved.iter().filter_map(|moved| moved.contents.entry()));
            self.note_local(&**local).await;
        }
        Ok(())
    }

    /// Takes records of the local outbox, as the server is away: Flowglad may be there.
    async fn take_local(&self, local: &dyn UsageStore, limit: usize) -> Result<(), StoreError> {
        let after = self.taken().after_local;
        let waiting = local.pending(after, limit).await?;
        let mut taken = self.taken();
        for StoredRecord { sequence, recorded_at, bytes } in waiting {
            taken.after_local = sequence;
            taken.add(TakenRecord { place: Place::Local(sequence), recorded_at, bytes });
        }
        Ok(())
    }

    /// What waits anywhere. While the server is away, that is what is known.
    async fn all_totals(&self) -> Result<Totals, StoreError> {
        if let Some(local) = &self.local {
            let _one = self.noting.lock().await;
            self.book.note_local(local.totals().await?);
        }
        Ok(self.book.waiting())
    }

    /// Looks how much waits: others record and deliver too.
    async fn look(&self) {
        let mut sizes = pipe();
        sizes.cmd("XLEN").arg(self.stream()).cmd("GET").arg(self.bytes()).cmd("ZCARD").arg(self.dead_letters());
        let answer = self.shared.link.call(async |connection| sizes.query_async(connection).await).await;
        if let Ok((pending, bytes, dead)) = answer {
            let bytes: Option<u64> = bytes;
            self.book.note(pending, bytes.unwrap_or_default(), dead);
        }
    }

    /// Lets others take what this instance had taken.
    async fn give_back(&self) {
        self.taken().forget();
        let mut script = scripts::GIVE_BACK.key(self.stream());
        // What is not given back is taken over when this instance is dead.
        self.shared.link.invoke::<u64>(script.arg(GROUP).arg(&*self.shared.instance)).await.ok();
    }

    pub(super) fn stream(&self) -> String {
        self.shared.keys.usage("stream")
    }

    pub(super) fn bytes(&self) -> String {
        self.shared.keys.usage("bytes")
    }

    pub(super) fn dead_letters(&self) -> String {
        self.shared.keys.usage("dead_letters")
    }

    fn key(&self, key: &[u8]) -> String {
        self.shared.keys.usage(&format!("key:{}", String::from_utf8_lossy(key)))
    }

    pub(super) fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UsageStore for FleetUsage {
    fn append(&self, records: Vec<NewRecord>) -> BoxFuture<'_, Result<Vec<Appended>, StoreError>> {
        self.append_anywhere(records).boxed()
    }

    fn has_key<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.knows_key(key).boxed()
    }

    fn pending(&self, after: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<StoredRecord>, StoreError>> {
        self.pending_after(after, limit).boxed()
    }

    fn end(&self, ended: Ended) -> BoxFuture<'_, Result<(), StoreError>> {
        self.end_all(ended).boxed()
    }

    fn dead(&self, after: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<DeadRecord>, StoreError>> {
        self.dead_after(after, limit).boxed()
    }

    fn discard(&self, dead: Vec<Sequence>) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.discard_all(dead).boxed()
    }

    fn forget_keys(&self, recorded_before: Timestamp) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            // Those in the server have a time limit.
            match &self.local {
                Some(local) => local.forget_keys(recorded_before).await,
                None => Ok(()),
            }
        }
        .boxed()
    }

    fn totals(&self) -> BoxFuture<'_, Result<Totals, StoreError>> {
        self.all_totals().boxed()
    }
}

impl Part for FleetUsage {
    /// A server that comes back may be an older one, which has again what this instance has ended: it is looked for.
    fn changed(&self, is_up: bool) {
        if !is_up {
            self.taken().lost_an_answer();
        }
    }

    fn tend(&self) -> BoxFuture<'_, ()> {
        async {
            if self.book.is_to_give_back() {
                self.give_back().await;
            }
            // At once when the server is back, so that the book has it before others hold.
            if self.shared.link.is_up() && self.book.waits_locally() {
                let _one = self.moving.lock().await;
                // What cannot be moved now is moved or taken when usage is delivered.
                self.forward().await.ok();
            }
            self.say_delivered_alone().await;
            self.look().await;
        }
        .boxed()
    }
}
