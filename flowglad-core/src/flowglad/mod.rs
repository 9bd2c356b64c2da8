//! The client, which an app makes once and shares.

pub(crate) mod builder;
pub(crate) mod list;
pub(crate) mod opened_checkouts;
pub(crate) mod raw_request;
pub(crate) mod variable;

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

#[cfg(feature = "usage-recorder")]
use crate::outbox::open_outbox::OpenOutbox;
use crate::{
    cache::{Subject, shared_reads::SharedReads},
    client::{
        endpoint::{Changes, Endpoint},
        json::Response,
        settings::{self, CallSettings},
        transport::{Call, Prepared, Transport},
    },
    clock::Clock,
    error::{Error, SideEffect},
    flowglad::opened_checkouts::OpenedCheckouts,
    input::InvalidInput,
    observe::{InvalidationCause, RequestSnapshot, Snapshot, observation::Observation},
};

/// A client of the Flowglad API. Cloning is cheap, and clones share one connection pool.
///
/// Each resource of the API has a small handle ([`customers`](Self::customers), [`products`](Self::products), …) whose
/// methods are the API's operations. Calls for one of the app's users go through [`customer`](Self::customer), which
/// checks that the records belong to that user.
///
/// ```no_run
/// # async fn run() -> Result<(), flowglad_core::Error> {
/// let flowglad = flowglad_core::Flowglad::from_env()?;
/// let mut invoices = flowglad.invoices().list().limit(100).stream();
/// while let Some(invoice) = invoices.next().await {
///     println!("{:?}", invoice?.invoice_number);
/// }
/// # Ok(()) }
/// ```
///
/// [`with_timeout`](Self::with_timeout), [`without_retries`](Self::without_retries) and
/// [`with_header`](Self::with_header) change settings for single calls: they return a client with other settings and
/// the same connection pool.
///
/// ```no_run
/// use std::time::Duration;
/// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
/// let patient = flowglad.with_timeout(Duration::from_secs(90)).without_retries();
/// patient.subscriptions().uncancel(&"sub_1".parse()?).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Flowglad {
    shared: Arc<Shared>,
    settings: CallSettings,
}

/// What the clones of a client share.
struct Shared {
    transport: Transport,
    reads: Arc<SharedReads>,
    clock: Arc<dyn Clock>,
    observation: Arc<Observation>,
    /// The settings of the client itself, before an app or this crate changed some for single calls.
    own_settings: CallSettings,
    gather: Duration,
    opened_checkouts: OpenedCheckouts,
    #[cfg(feature = "usage-recorder")]
    outbox: Option<Arc<OpenOutbox>>,
}

impl Flowglad {
    /// Forgets what the cache knows of the customers whom a change concerns, for changes that were not made through
    /// this client, for example those that a webhook reports. A read that runs meanwhile is not kept.
    ///
    /// Changes through this client do this by themselves.
    ///
    /// ```no_run
    /// use flowglad_core::cache::Subject;
    /// # async fn run(flowglad: flowglad_core::Flowglad) {
    /// flowglad.invalidate(Subject::Customer("user_42")).await;
    /// # }
    /// ```
    pub async fn invalidate(&self, subject: Subject<'_>) {
        self.shared.reads.outdate(subject, InvalidationCause::Call);
        self.shared.reads.outdate_elsewhere(subject).await;
    }

    /// The reads of billing that all clones share. `None` for a client that sends its requests in its own way, whose
    /// responses may be others.
    pub(crate) fn shared_reads(&self) -> Option<&Arc<SharedReads>> {
        self.settings.send_like(&self.shared.own_settings).then_some(&self.shared.reads)
    }

    /// Where usage waits until Flowglad has it.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn outbox(&self) -> Option<&Arc<OpenOutbox>> {
        self.shared.outbox.as_ref()
    }

    /// The newest checkout of each customer, for the return from it.
    pub(crate) fn opened_checkouts(&self) -> &OpenedCheckouts {
        &self.shared.opened_checkouts
    }

    /// How long a read for a browser lets other requests of the same page join it.
    pub(crate) fn gather(&self) -> Duration {
        self.shared.gather
    }

    /// Returns the same client for the calls of one customer.
    pub(crate) fn for_customer(&self, external_id: &str) -> Self {
        self.with(CallSettings { customer: Some(external_id.into()), ..self.settings.clone() })
    }

    /// Returns the same client without a deadline that came with a single caller.
    pub(crate) fn without_deadline(&self) -> Self {
        self.with(CallSettings { deadline: None, ..self.settings.clone() })
    }

    /// The time, as this client sees it.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    /// Where what this client does is counted and reported.
    pub(crate) fn observation(&self) -> &Observation {
        &self.shared.observation
    }

    /// Returns the counters and sizes of this client and its clones, for a health page or a test. No request is made.
    ///
    /// ```
    /// # fn main() -> Result<(), flowglad_core::Error> {
    /// let flowglad = flowglad_core::Flowglad::builder().api_key("sk_test_example").build()?;
    /// let snapshot = flowglad.snapshot();
    /// assert_eq!((snapshot.requests.in_flight, snapshot.requests.max_in_flight), (0, 128));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let counted = self.shared.observation.snapshot();
        let in_flight = self.shared.transport.in_flight();
        let requests = RequestSnapshot {
            in_flight: in_flight.count() as u64,
            max_in_flight: in_flight.limit() as u64,
            ..counted.requests
        };
        let counted = Snapshot { requests, cache: self.shared.reads.snapshot(counted.cache), ..counted };
        #[cfg(feature = "usage-recorder")]
        let counted = Snapshot { usage: self.outbox().map(|outbox| outbox.stats()).unwrap_or_default(), ..counted };
        counted
    }

    /// Returns the same client with another time limit for a whole call and for each of its attempts. With a limit of
    /// zero every call fails before it is sent.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        self.with(self.settings.clone().with_timeout(limit))
    }

    /// Returns the same client without retries.
    #[must_use]
    pub fn without_retries(&self) -> Self {
        self.with(self.settings.clone().with_max_retries(0))
    }

    /// Returns the same client with one more header in every request, for example for a proxy.
    ///
    /// # Errors
    /// [`InvalidInput`] if HTTP does not allow the name or value, or the client writes this header itself.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, InvalidInput> {
        Ok(self.with(self.settings.clone().with_header(name, value)?))
    }

    fn with(&self, settings: CallSettings) -> Self {
        Self { shared: Arc::clone(&self.shared), settings }
    }

    pub(crate) fn settings(&self) -> &CallSettings {
        &self.settings
    }

    /// Returns the same client with one deadline for all its calls.
    pub(crate) fn with_shared_deadline(&self) -> Self {
        self.with(self.settings.clone().with_deadline(settings::deadline(&self.settings)))
    }

    /// Returns the same client with a deadline that leaves time for a read after the call.
    pub(crate) fn with_time_for_a_read(&self) -> Self {
        self.with(self.settings.clone().with_time_for_a_read())
    }

    pub(crate) async fn call<Body: Serialize, Record: DeserializeOwned>(
        &self,
        endpoint: &Endpoint<Body, Record>,
        call: Call<'_, Body>,
    ) -> Result<Response<Record>, Error> {
        let route = endpoint.route();
        let (id, subjects) = (call.id.unwrap_or_default(), call.subjects.clone());
        let change = self.change(route.changes, id, subjects);
        change.end(self.shared.transport.call(endpoint, call, &self.settings).await).await
    }

    pub(crate) async fn exchange<Record: DeserializeOwned>(
        &self,
        request: &Prepared<'_>,
    ) -> Result<Response<Record>, Error> {
        let change = self.change(request.route.changes, "", Vec::new());
        change.end(self.shared.transport.exchange(request).await).await
    }

    fn change<'a>(&'a self, changes: Changes, id: &'a str, named: Vec<Subject<'a>>) -> Change<'a> {
        let subjects = match (changes, &self.settings.customer) {
            (Changes::Nothing, _) => Vec::new(),
            (_, Some(customer)) => vec![Subject::Customer(customer)],
            (Changes::CustomerInPath, None) => vec![Subject::Customer(id)],
            (Changes::SubscriptionInPath, None) => vec![Subject::Subscription(id)],
            (Changes::Named, None) => named,
            (Changes::Everything, None) => vec![Subject::Everyone],
        };
        Change { reads: Arc::clone(&self.shared.reads), subjects }
    }
}

/// A change that was begun. When it ends, in whatever way, what was known before is outdated: also if its future is
/// dropped, as it may have been sent.
struct Change<'a> {
    reads: Arc<SharedReads>,
    subjects: Vec<Subject<'a>>,
}

impl Change<'_> {
    /// Ends the change. One that certainly had no effect outdates nothing.
    async fn end<T>(mut self, result: Result<T, Error>) -> Result<T, Error> {
        if result.as_ref().is_err_and(|error| error.side_effect() == SideEffect::None) {
            self.subjects.clear();
        }
        self.outdate();
        for subject in std::mem::take(&mut self.subjects) {
            self.reads.outdate_elsewhere(subject).await;
        }
        result
    }

    fn outdate(&self) {
        for subject in &self.subjects {
            self.reads.outdate(*subject, InvalidationCause::Write);
        }
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.outdate();
    }
}

impl fmt::Debug for Flowglad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Flowglad");
        debug
            .field("api_url", &self.shared.transport.api_url())
            .field("limits", &self.settings.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_client_itself_cannot_be_replaced() {
        let flowglad = Flowglad::builder().api_key("sk_test_example").build().unwrap();
        for (name, value) in
            [("Authorization", "x"), ("content-type", "text/plain"), ("a b", "x"), ("", "x"), ("x-a", "a\nb")]
        {
            assert!(flowglad.with_header(name, value).is_err(), "{name}: {value:?}");
        }
        assert!(flowglad.with_header("x-tenant", "north").is_ok());
    }
}
