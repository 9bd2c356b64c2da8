//! A second memory that several instances of an app share.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::{client::subject::Subject, model::Timestamp};

/// The error of a store. It is logged, and the client goes on without the store.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// A memory for billing that several instances of an app share, behind the memory of each: for example Redis. Given to
/// [`BillingCache::store`](crate::cache::BillingCache::store).
///
/// Each customer has an epoch, a number that grows with every change. A read takes the epoch before it begins, and is
/// saved only if the epoch is the same then. So no instance keeps what another has outdated, although messages are lost.
///
/// The futures should end soon, also when the store is away: the callers wait for them.
pub trait BillingStore: Send + Sync + 'static {
    /// The epoch of a customer, and the document that was saved last in it.
    fn load<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Stored, StoreError>>;

    /// Saves a document, unless the customer has another epoch by now.
    fn save<'a>(
        &'a self,
        customer: &'a str,
        epoch: u64,
        document: StoredDocument,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Begins a new epoch of the customers that a change concerns, and says so to all instances.
    fn invalidate<'a>(&'a self, subject: Subject<'a>) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Takes what is to be called when another instance has invalidated something. Called once, when a client is built.
    fn connect(&self, instance: Instance);
}

/// What a store knows of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The epoch, which is 0 for a customer of whom nothing is known.
    pub epoch: u64,
    /// The document.
    pub document: Option<StoredDocument>,
}

/// A billing document in a store.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// The document, byte for byte as Flowglad sent it.
    pub bytes: Bytes,
    /// When the read began that it comes from, by the clock of the instance that made it.
    pub began: Timestamp,
}

/// Shows the length only: the document holds names and addresses.
impl std::fmt::Debug for StoredDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredDocument").field("bytes", &self.bytes.len()).field("began", &self.began).finish()
    }
}

/// The memory of one instance of an app, as a store sees it.
#[derive(Clone)]
pub struct Instance(Arc<dyn Fn(Subject<'_>) + Send + Sync>);

impl Instance {
    pub(super) fn new(forget: impl Fn(Subject<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(forget))
    }

    /// Forgets what this instance knows of the customers that a change of another instance concerns.
    pub fn forget(&self, subject: Subject<'_>) {
        (self.0)(subject);
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Instance")
    }
}
