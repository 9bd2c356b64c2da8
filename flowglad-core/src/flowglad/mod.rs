//! The client, which an app makes once and shares.

pub(crate) mod builder;
pub(crate) mod list;
pub(crate) mod raw_request;

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::{
        endpoint::Endpoint,
        json::Response,
        settings::{self, CallSettings},
        transport::{Call, Prepared, Transport},
    },
    clock::Clock,
    error::Error,
    input::InvalidInput,
    observe::{RequestSnapshot, Snapshot, observation::Observation},
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
    transport: Arc<Transport>,
    clock: Arc<dyn Clock>,
    observation: Arc<Observation>,
    settings: CallSettings,
}

impl Flowglad {
    pub(crate) fn new(
        transport: Transport,
        clock: Arc<dyn Clock>,
        observation: Arc<Observation>,
        settings: CallSettings,
    ) -> Self {
        Self { transport: Arc::new(transport), clock, observation, settings }
    }

    /// The time, as this client sees it.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Where what this client does is counted and reported.
    #[allow(dead_code, reason = "the cache and the gates will report here")]
    pub(crate) fn observation(&self) -> &Observation {
        &self.observation
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
        let counted = self.observation.snapshot();
        let in_flight = self.transport.in_flight();
        let requests = RequestSnapshot {
            in_flight: in_flight.count() as u64,
            max_in_flight: in_flight.limit() as u64,
            ..counted.requests
        };
        Snapshot { requests, ..counted }
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
        Self { settings, ..self.clone() }
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
        self.transport.call(endpoint, call, &self.settings).await
    }

    pub(crate) async fn exchange<Record: DeserializeOwned>(
        &self,
        request: &Prepared<'_>,
    ) -> Result<Response<Record>, Error> {
        self.transport.exchange(request).await
    }
}

impl fmt::Debug for Flowglad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Flowglad");
        debug.field("api_url", &self.transport.api_url()).field("limits", &self.settings.limits).finish_non_exhaustive()
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
