//! Several instances of an app that share a store of billing, which is a map here.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use flowglad_core::{
    Flowglad,
    billing::{Freshness, Source},
    cache::{BillingCache, BillingStore, Instance, StoreError, Stored, StoredDocument, Subject},
    clock::{Clock as _, ManualClock},
};
use futures_util::{FutureExt as _, future::BoxFuture};

use crate::{
    ada, builder,
    cache::{Api, clock, may_export},
};

#[derive(Clone)]
struct Map(Arc<Inner>);

struct Inner {
    clock: Arc<ManualClock>,
    /// What is stored, and when it was.
    customers: Mutex<HashMap<String, (Stored, Instant)>>,
    instances: Mutex<Vec<Instance>>,
    loses_messages: AtomicBool,
    is_down: AtomicBool,
}

impl Map {
    fn new(clock: &Arc<ManualClock>) -> Self {
        Self(Arc::new(Inner {
            clock: Arc::clone(clock),
            customers: Mutex::default(),
            instances: Mutex::default(),
            loses_messages: AtomicBool::default(),
            is_down: AtomicBool::default(),
        }))
    }

    fn new_customer(&self) -> (Stored, Instant) {
        (Stored::default(), self.0.clock.now())
    }

    fn up(&self) -> Result<&Inner, StoreError> {
        if self.0.is_down.load(Ordering::SeqCst) { Err("the store is down".into()) } else { Ok(&self.0) }
    }
}

impl BillingStore for Map {
    fn load<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Stored, StoreError>> {
        async move {
            let stored = self.up()?.customers.lock().unwrap().get(customer).cloned();
            let (mut stored, at) = stored.unwrap_or_else(|| self.new_customer());
            if let Some(document) = &mut stored.document {
                document.age += self.0.clock.now() - at;
            }
            Ok(stored)
        }
        .boxed()
    }

    fn save<'a>(
        &'a self,
        customer: &'a str,
        epoch: u64,
        document: StoredDocument,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let mut customers = self.up()?.customers.lock().unwrap();
            let (stored, at) = customers.entry(customer.to_owned()).or_insert_with(|| self.new_customer());
            if stored.epoch == epoch {
                (stored.document, *at) = (Some(document), self.0.clock.now());
            }
            Ok(())
        }
        .boxed()
    }

    fn invalidate<'a>(&'a self, subject: Subject<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let Subject::Customer(customer) = subject else { return Ok(()) };
            {
                let mut customers = self.up()?.customers.lock().unwrap();
                let (stored, _) = customers.entry(customer.to_owned()).or_insert_with(|| self.new_customer());
                *stored = Stored { epoch: stored.epoch + 1, document: None };
            }
            if !self.0.loses_messages.load(Ordering::SeqCst) {
                self.0.instances.lock().unwrap().iter().for_each(|instance| instance.forget(subject));
            }
            Ok(())
        }
        .boxed()
    }

    fn connect(&self, instance: Instance) {
        self.0.instances.lock().unwrap().push(instance);
    }
}

fn instance(base_url: &str, store: &Map, clock: &Arc<ManualClock>) -> Flowglad {
    let cache = BillingCache::new().store(store.clone());
    builder(base_url).cache(cache).clock(Arc::clone(clock)).max_retries(0).build().unwrap()
}

#[tokio::test]
async fn what_one_instance_has_read_the_other_need_not_read_and_what_it_changes_the_other_forgets() {
    let (api, clock) = (Api::default(), clock());
    let store = Map::new(&clock);
    let server = api.start().await;
    let (a, b) = (instance(&server.uri(), &store, &clock), instance(&server.uri(), &store, &clock));
    let (at_a, at_b) = (a.customer(&ada()), b.customer(&ada()));
    assert_eq!(may_export(&at_a, Freshness::Cached).await, (false, Source::Live));
    clock.advance(Duration::from_secs(3));
    let billing = at_b.billing().await.unwrap();
    assert_eq!((billing.source(), billing.age(), api.reads()), (Source::Cache, Duration::from_secs(3), 1));
    at_b.billing_with(Freshness::NoOlderThan(Duration::from_secs(2))).await.unwrap();
    at_b.billing_with(Freshness::Live).await.unwrap();
    assert_eq!(api.reads(), 3);

    api.has_paid.store(true, Ordering::SeqCst);
    a.invalidate(Subject::Customer("user_42")).await;
    assert_eq!(may_export(&at_b, Freshness::Cached).await, (true, Source::Live));
    assert_eq!(may_export(&at_a, Freshness::Cached).await, (true, Source::Cache));

    // A lost message costs freshness only: what was read before the change is in no store.
    api.has_paid.store(false, Ordering::SeqCst);
    store.0.loses_messages.store(true, Ordering::SeqCst);
    a.invalidate(Subject::Customer("user_42")).await;
    assert_eq!(may_export(&at_b, Freshness::Cached).await, (true, Source::Cache));
    clock.advance(Duration::from_secs(61));
    assert_eq!(may_export(&at_b, Freshness::Cached).await, (false, Source::Live));
}

#[tokio::test]
async fn a_store_that_is_down_is_done_without() {
    let (api, clock) = (Api::default(), clock());
    let store = Map::new(&clock);
    let server = api.start().await;
    let flowglad = instance(&server.uri(), &store, &clock);
    store.0.is_down.store(true, Ordering::SeqCst);
    let me = flowglad.customer(&ada());
    assert_eq!(may_export(&me, Freshness::Cached).await, (false, Source::Live));
    assert_eq!(may_export(&me, Freshness::Cached).await, (false, Source::Cache));
    flowglad.invalidate(Subject::Customer("user_42")).await;
    assert_eq!(may_export(&me, Freshness::Cached).await, (false, Source::Live));
}

#[tokio::test]
async fn an_instance_that_starts_in_an_outage_knows_what_the_others_knew() {
    let (api, clock) = (Api::default(), clock());
    let store = Map::new(&clock);
    let server = api.start().await;
    instance(&server.uri(), &store, &clock).customer(&ada()).billing().await.unwrap();
    api.is_down.store(true, Ordering::SeqCst);
    clock.advance(Duration::from_secs(20 * 60));
    let me = instance(&server.uri(), &store, &clock).customer(&ada());
    assert_eq!(may_export(&me, Freshness::CachedOrStale).await.1, Source::Stale);
    clock.advance(Duration::from_secs(60 * 60));
    me.billing_with(Freshness::CachedOrStale).await.unwrap_err();
}

#[tokio::test]
async fn a_document_of_another_customer_in_the_store_is_not_used() {
    let (api, clock) = (Api::default(), clock());
    let store = Map::new(&clock);
    let server = api.start().await;
    let flowglad = instance(&server.uri(), &store, &clock);
    flowglad.customer(&ada()).billing().await.unwrap();
    let of_ada = store.0.customers.lock().unwrap()["user_42"].clone();
    store.0.customers.lock().unwrap().insert("user_7".to_owned(), of_ada);
    let billing = flowglad.customer(&crate::cache::customer(7)).billing().await.unwrap();
    assert_eq!(billing.customer().external_id, "user_7");
}

#[tokio::test]
async fn an_instance_that_cannot_hear_the_others_answers_from_memory_for_as_long_as_it_is_fresh() {
    let (api, clock) = (Api::default(), clock());
    let store = Map::new(&clock);
    let server = api.start().await;
    let me = instance(&server.uri(), &store, &clock).customer(&ada());
    let hears = |hears| store.0.instances.lock().unwrap().iter().for_each(|instance| instance.hears_others(hears));
    me.billing().await.unwrap();
    clock.advance(Duration::from_secs(5));
    hears(false);
    assert_eq!(may_export(&me, Freshness::CachedOrStale).await.1, Source::Cache);
    clock.advance(Duration::from_secs(6));
    assert_eq!(may_export(&me, Freshness::CachedOrStale).await.1, Source::Live);
    // What was read while it could not hear may be outdated also when it can again.
    hears(true);
    clock.advance(Duration::from_secs(11));
    assert_eq!(may_export(&me, Freshness::Cached).await.1, Source::Live);
    clock.advance(Duration::from_secs(11));
    assert_eq!(may_export(&me, Freshness::Cached).await.1, Source::Cache);
    // If Flowglad cannot be read, what is known is still better than nothing.
    hears(false);
    api.is_down.store(true, Ordering::SeqCst);
    clock.advance(Duration::from_secs(11));
    assert_eq!(may_export(&me, Freshness::CachedOrStale).await.1, Source::Stale);
}
