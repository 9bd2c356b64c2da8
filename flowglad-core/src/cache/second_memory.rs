//! The use of a store: within a time limit, and without the store if it fails.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Deserialize;
use tokio::time::timeout;
use tracing::warn;

use crate::{
    billing::document::BillingDocument,
    cache::store::{BillingStore, Instance, StoreAway, StoreError, Stored, StoredDocument},
    client::{endpoint::Route, json::RawJson, json_object::ObjectOnly, subject::Subject},
    clock::Clock,
    error::printable,
};

/// A store that takes longer counts as failed.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(super) struct SecondMemory(Arc<dyn BillingStore>);

/// What the store knows of a customer.
pub(super) struct Found {
    pub(super) epoch: u64,
    /// The document, and when its read began.
    pub(super) document: Option<(Arc<BillingDocument>, Instant)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    external_id: String,
}

impl SecondMemory {
    pub(super) fn new(store: Arc<dyn BillingStore>) -> Self {
        Self(store)
    }

    pub(super) fn connect(&self, instance: Instance) {
        self.0.connect(instance);
    }

    /// `None`: the store failed.
    pub(super) async fn load(&self, customer: &str, route: Route, clock: &dyn Clock) -> Option<Found> {
        let asked = clock.now();
        let Stored { epoch, document } = judge("load", timeout(PATIENCE, self.0.load(customer)).await)?;
        Some(Found { epoch, document: document.and_then(|document| read(document, customer, route, asked)) })
    }

    pub(super) async fn save(
        &self,
        customer: &str,
        epoch: u64,
        document: &BillingDocument,
        began: Instant,
        clock: &dyn Clock,
    ) {
        let age = clock.now().saturating_duration_since(began);
        let document = StoredDocument { bytes: document.raw().bytes(), age };
        judge("save", timeout(PATIENCE, self.0.save(customer, epoch, document)).await);
    }

    pub(super) async fn invalidate(&self, subject: Subject<'_>) {
        judge("invalidate", timeout(PATIENCE, self.0.invalidate(subject)).await);
    }
}

/// Reads a document of the store, which was asked for it at an instant. It is checked to be this customer's.
fn read(
    document: StoredDocument,
    customer: &str,
    route: Route,
    asked: Instant,
) -> Option<(Arc<BillingDocument>, Instant)> {
    let raw = RawJson::new(document.bytes).ok()?;
    // As strict as for a response of Flowglad: an object, and no key twice.
    let ObjectOnly(owner): ObjectOnly<Owner> = raw.field("customer").ok()?.decode().ok()?;
    if owner.external_id != customer {
        warn!("the store of billing holds a document of another customer");
        return None;
    }
    // The store has looked at its clock after it was asked.
    let began = asked.checked_sub(document.age)?;
    Some((Arc::new(BillingDocument::new(raw, route)), began))
}

fn judge<T>(step: &str, result: Result<Result<T, StoreError>, tokio::time::error::Elapsed>) -> Option<T> {
    match result {
        Ok(Ok(value)) => return Some(value),
        Ok(Err(error)) if error.is::<StoreAway>() => {}
        Ok(Err(error)) => warn!(step, "the store of billing failed: {}", printable(&error.to_string())),
        Err(_) => warn!(step, "the store of billing took too long"),
    }
    None
}
