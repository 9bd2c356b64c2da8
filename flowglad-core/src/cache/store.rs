//! A second memory that several instances of an app share.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::client::subject::Subject;

/// The error of a store. It is logged, and the client goes on without the store.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// A store cannot be used at present, which it has said in the log by itself, once: those who use it do not say it again.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct StoreAway {
    reason: Box<str>,
}

impl StoreAway {
    /// Makes the error. `reason` is a sentence without secrets and personal data.
    #[must_use]
    pub fn new(reason: impl Into<Box<str>>) -> Self {
        Self { reason: reason.into() }
    }
}

/// A memory for billing that several instances of an app share, behind the memory of each: for example Redis. Given to
/// [`BillingCache::store`](crate::cache::BillingCache::store).
///
/// Each customer has an epoch, a number that is another one after every change. A read takes the epoch before it begins, and
/// is saved only if the epoch is the same then. So no instance keeps what another has outdated, although messages are lost.
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
    /// The epoch.
    pub epoch: u64,
    /// The document.
    pub document: Option<StoredDocument>,
}

/// A billing document in a store.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// The document, byte for byte as Flowglad sent it.
    pub bytes: Bytes,
    /// How long ago the read began that it comes from. A store may say more, for example since its own clock is asked later,
    /// and must not say less: older billing is read again, but billing that is older than it seems may let too much pass.
    pub age: Duration,
}

/// Shows the length only: the document holds names and addresses.
impl std::fmt::Debug for StoredDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredDocument").field("bytes", &self.bytes.len()).field("age", &self.age).finish()
    }
}

/// The memory of one instance of an app, as a store sees it.
#[derive(Clone)]
pub struct Instance(Arc<dyn Hearing>);

/// The memory behind an [`Instance`].
pub(super) trait Hearing: Send + Sync {
    fn forget(&self, subject: Subject<'_>);
    fn hears_others(&self, hears: bool);
}

impl Instance {
    pub(super) fn new(memory: impl Hearing + 'static) -> Self {
        Self(Arc::new(memory))
    }

    /// Forgets what this instance knows of the customers that a change of another instance concerns.
    pub fn forget(&self, subject: Subject<'_>) {
        self.0.forget(subject);
    }

    /// Says whether the store can say at present what other instances change. While it cannot, and for what is known from
    /// before it could again, billing in memory is answered only as long as it is
    /// [fresh](crate::cache::BillingCache::fresh_for), and read again then. A store that never calls this always can.
    pub fn hears_others(&self, hears: bool) {
        self.0.hears_others(hears);
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Instance")
    }
}
