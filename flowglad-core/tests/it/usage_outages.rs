//! What recorded usage survives: events that Flowglad refuses, outages of Flowglad, and a store that fails.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use flowglad_core::{
    Flowglad,
    api::NewUsageEvent,
    gate::Reason,
    model::Timestamp,
    usage::{
        Appended, DeadRecord, Ended, NewRecord, NotHeld, Outbox, RecordError, Sequence, StoredRecord, Totals,
        UsageStore,
    },
};
use flowglad_sandbox::{Fault, Sandbox};
use futures_util::{FutureExt as _, future::BoxFuture};

use crate::{ada, builder};

const BULK: &str = "/api/v1/usage-events/bulk";
const SOON: Duration = Duration::from_secs(30);

async fn start(outbox: Outbox) -> (Sandbox, Flowglad) {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.subscribe("user_42", "pro_monthly").unwrap();
    let outbox = outbox.collect_for(Duration::from_millis(1));
    let flowglad = builder(sandbox.base_url()).api_key(sandbox.api_key()).usage(outbox).build().unwrap();
    (sandbox, flowglad)
}

/// Usage with a number, by which it is found in the ledger.
fn used(meter: &str, number: usize) -> NewUsageEvent {
    NewUsageEvent::for_meter(meter, 1.try_into().unwrap()).unique_for(&ada(), &number.to_string())
}

/// The numbers of what was charged, in the order in which it was charged.
fn charged(sandbox: &Sandbox) -> Vec<usize> {
    let number = |id: &str| id.rsplit_once(':').unwrap().1.parse().unwrap();
    sandbox.usage_ledger().iter().map(|event| number(&event.transaction_id)).collect()
}

fn bulk_requests(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.path == BULK).count()
}

#[tokio::test]
async fn one_event_among_ten_thousand_that_is_refused_delays_the_others_by_one_request() {
    const EVENTS: usize = 10_000;
    const BATCH: usize = 500;
    let (sandbox, flowglad) = start(Outbox::in_memory().batch(BATCH.try_into().unwrap())).await;
    let me = flowglad.customer(&ada());
    let poison = 4_321;
    let records = (0..EVENTS).map(|number| {
        let meter = if number == poison { "no_such_meter" } else { "api_calls" };
        me.record_usage(used(meter, number))
    });
    futures_util::future::try_join_all(records).await.unwrap();
    let delivery = flowglad.usage().start_delivery().unwrap();
    let left = delivery.flush(SOON).await;
    assert_eq!((left.pending, left.dead_letters), (0, 1));
    let charged = charged(&sandbox);
    assert_eq!(charged.len(), EVENTS - 1);
    for (place, number) in charged.iter().enumerate() {
        // A place that is later by a batch is one request later.
        assert!(place <= number + BATCH, "event {number} came in place {place}");
    }
    let without_it = EVENTS.div_ceil(BATCH);
    let requests = bulk_requests(&sandbox);
    assert!((without_it + 1..=without_it + 3).contains(&requests), "{requests} requests");
    let letters = flowglad.usage().dead_letters(None, 10).await.unwrap();
    assert!(letters[0].transaction_id().ends_with(&format!(":{poison}")), "{}", letters[0].transaction_id());
    assert!(letters[0].reason().to_string().contains("no_such_meter"), "{}", letters[0].reason());
}

#[tokio::test]
async fn a_rate_limit_an_overload_errors_and_cut_connections_are_waited_out() {
    let faults = [
        Fault::rate_limited(),
        Fault::status(429),
        Fault::status(503),
        Fault::status(500),
        Fault::status(500).after_running(),
        Fault::status(502).after_running(),
        Fault::cut_before(),
        Fault::cut_after(),
        Fault::wrong_json(),
    ];
    // At once, since each waits.
    futures_util::future::join_all(faults.map(waits_out)).await;
}

async fn waits_out(fault: Fault) {
    let (sandbox, flowglad) = start(Outbox::in_memory().batch(4.try_into().unwrap())).await;
    let me = flowglad.customer(&ada());
    // The key has worked.
    me.billing().await.unwrap();
    sandbox.inject_fault(fault.clone().times(2).on("POST", BULK)).unwrap();
    let delivery = flowglad.usage().start_delivery().unwrap();
    for number in 0..10 {
        me.record_usage(used("api_calls", number)).await.unwrap();
    }
    let left = delivery.flush(SOON).await;
    assert_eq!((left.pending, left.dead_letters), (0, 0), "{fault:?}");
    let mut charged = charged(&sandbox);
    charged.sort_unstable();
    assert!(charged.into_iter().eq(0..10), "{fault:?}");
}

/// A store in memory that can be broken, as by a full disk.
#[derive(Clone, Default)]
struct Breakable(Arc<Mutex<Stored>>);

#[derive(Default)]
struct Stored {
    is_full: bool,
    cannot_end: bool,
    /// Reading from here on fails once.
    cannot_read_after: Option<Sequence>,
    last: Sequence,
    pending: BTreeMap<Sequence, StoredRecord>,
    keys: HashMap<Box<[u8]>, Sequence>,
}

impl Stored {
    fn append(&mut self, record: NewRecord) -> Appended {
        let sequence = self.last + 1;
        if let Some(key) = record.key {
            if self.keys.contains_key(&key) {
                return Appended::Before;
            }
            self.keys.insert(key, sequence);
        }
        let NewRecord { recorded_at, bytes, .. } = record;
        self.last = sequence;
        self.pending.insert(sequence, StoredRecord { sequence, recorded_at, bytes });
        Appended::New(sequence)
    }
}

type Answer<'a, T> = BoxFuture<'a, Result<T, flowglad_core::cache::StoreError>>;

impl Breakable {
    fn ask<'a, T: Send + 'a>(&self, ask: impl FnOnce(&mut Stored) -> Option<T>) -> Answer<'a, T> {
        let answer = ask(&mut self.0.lock().unwrap()).ok_or_else(|| "no space left on device".into());
        async { answer }.boxed()
    }

    fn set(&self, change: impl FnOnce(&mut Stored)) {
        change(&mut self.0.lock().unwrap());
    }
}

impl UsageStore for Breakable {
    fn append(&self, records: Vec<NewRecord>) -> Answer<'_, Vec<Appended>> {
        self.ask(|stored| (!stored.is_full).then(|| records.into_iter().map(|record| stored.append(record)).collect()))
    }

    fn has_key<'a>(&'a self, key: &'a [u8]) -> Answer<'a, bool> {
        self.ask(|stored| Some(stored.keys.contains_key(key)))
    }

    fn pending(&self, after: Sequence, limit: usize) -> Answer<'_, Vec<StoredRecord>> {
        self.ask(|stored| {
            if stored.cannot_read_after.take_if(|from| after >= *from).is_some() {
                return None;
            }
            Some(stored.pending.range(after + 1..).take(limit).map(|(_, one)| one.clone()).collect())
        })
    }

    fn end(&self, ended: Ended) -> Answer<'_, ()> {
        self.ask(|stored| {
            if stored.cannot_end {
                return None;
            }
            assert!(ended.dead.is_empty());
            ended.delivered.iter().for_each(|sequence| _ = stored.pending.remove(sequence));
            Some(())
        })
    }

    fn dead(&self, _: Sequence, _: usize) -> Answer<'_, Vec<DeadRecord>> {
        self.ask(|_| Some(Vec::new()))
    }

    fn discard(&self, _: Vec<Sequence>) -> Answer<'_, u64> {
        self.ask(|_| Some(0))
    }

    fn forget_keys(&self, _: Timestamp) -> Answer<'_, ()> {
        self.ask(|_| Some(()))
    }

    fn totals(&self) -> Answer<'_, Totals> {
        self.ask(|stored| {
            let bytes = stored.pending.values().map(|record| record.bytes.len() as u64).sum();
            Some(Totals { pending: stored.pending.len() as u64, pending_bytes: bytes, dead: 0 })
        })
    }
}

#[tokio::test]
async fn a_full_disk_refuses_usage_loses_none_and_is_forgiven_when_there_is_space() {
    let disk = Breakable::default();
    let (sandbox, flowglad) = start(Outbox::new(disk.clone())).await;
    let me = flowglad.customer(&ada());
    let mut recorded = Vec::new();
    for round in 0..5 {
        disk.set(|stored| stored.is_full = true);
        for number in 0..3 {
            let refused = me.record_usage(used("api_calls", round * 10 + number)).await.unwrap_err();
            assert!(matches!(refused, RecordError::Store { .. }), "{refused}");
        }
        let before = me.hold("api_calls", 1).await.unwrap().left();
        let hold = me.hold("api_calls", 1).await.unwrap();
        assert!(hold.settle(1).await.is_err());
        disk.set(|stored| stored.is_full = false);
        assert_eq!(me.hold("api_calls", 1).await.unwrap().left(), before, "what was refused is not spent");
        // One that was refused before, and a new one.
        for number in [round * 10, round * 10 + 5] {
            assert!(!me.record_usage(used("api_calls", number)).await.unwrap().is_repeated());
            recorded.push(number);
        }
    }
    let delivery = flowglad.usage().start_delivery().unwrap();
    assert_eq!(delivery.flush(SOON).await.pending, 0);
    assert_eq!(charged(&sandbox), recorded);
}

#[tokio::test]
async fn usage_that_was_sent_and_cannot_be_removed_counts_once() {
    let disk = Breakable::default();
    let (sandbox, flowglad) = start(Outbox::new(disk.clone())).await;
    let me = flowglad.customer(&ada());
    disk.set(|stored| stored.cannot_end = true);
    let delivery = flowglad.usage().start_delivery().unwrap();
    for number in 0..20 {
        me.record_usage(used("api_calls", number)).await.unwrap();
    }
    while charged(&sandbox).is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(flowglad.usage().stats().pending, 20);
    disk.set(|stored| stored.cannot_end = false);
    assert_eq!(delivery.flush(SOON).await.pending, 0);
    assert!(charged(&sandbox).into_iter().eq(0..20));
    assert_eq!(me.hold("api_calls", 1).await.unwrap().left(), Some(979));
}

#[tokio::test]
async fn what_waits_is_spent_once_although_the_first_attempt_to_read_it_failed() {
    let disk = Breakable::default();
    let (sandbox, flowglad) = start(Outbox::new(disk.clone())).await;
    let me = flowglad.customer(&ada());
    let all = (0..5_000).map(|number| me.record_usage(used("api_calls", number)));
    futures_util::future::try_join_all(all).await.unwrap();

    disk.set(|stored| stored.cannot_read_after = Some(1));
    let restarted = builder(sandbox.base_url()).api_key(sandbox.api_key()).usage(Outbox::new(disk)).build().unwrap();
    let me = restarted.customer(&ada());
    let unread = me.hold("api_calls", 1).await.unwrap_err();
    assert!(matches!(unread, NotHeld::Outbox(RecordError::Store { .. })), "{unread}");
    let NotHeld::Refused(refused) = me.hold("api_calls", 1).await.unwrap_err() else { panic!("it must be refused") };
    let Reason::LowBalance { available, .. } = refused.reason() else { panic!("{refused}") };
    assert_eq!(*available, 1_000 - 5_000);
}
