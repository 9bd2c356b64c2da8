//! Metered routes of the app: what a request costs is held before the handler runs, and charged after it.

use std::{future::Future, panic::AssertUnwindSafe};

use crate::{
    action::{body_charge::BodyCharge, handler::RequestHandler, usage::UsageWay},
    adapter::{browser_error::BrowserError, failure::not_admitted, identity::Identity, response::ActionResponse},
    customer::CustomerScope,
    error::Error,
    usage::{Cost, Hold, Meter, MeteredRequest, MeteredResponse, NotHeld, UsageCounter},
};

impl RequestHandler {
    /// Records usage events of browsers (`usage-events/create`) in the outbox, so that a browser neither waits for Flowglad nor
    /// hears of its outages. By default each is sent at once.
    ///
    /// The answer is what is known then: Flowglad has given the event no id, so `usageEvent.id` is its transaction id, and
    /// `usageEvent.isPending` is `true`. What Flowglad refuses, such as a meter that does not exist, becomes a
    /// [dead letter](crate::usage::UsageRecorder::dead_letters) instead of an error. An event that names a subscription is sent
    /// at once.
    #[must_use]
    pub fn record_browser_usage(mut self) -> Self {
        self.settings_mut().usage_way = UsageWay::Outbox;
        self
    }

    /// Begins a request to a metered route: holds what it costs. Returns the response where the handler must not run.
    ///
    /// # Errors
    /// Only the error of `identity`.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{action::RequestHandler, adapter::{ActionResponse, Headers, Identity}};
    /// use flowglad_core::usage::{Meter, MeteredRequest, MeteredResponse};
    ///
    /// struct NoHeaders;
    ///
    /// impl Headers for NoHeaders {
    ///     fn header(&self, _: &str) -> Option<&str> {
    ///         None
    ///     }
    /// }
    ///
    /// # async fn run(handler: RequestHandler, who: Identity) -> Result<(), ActionResponse> {
    /// let meter = Meter::new("api_calls").cost(3);
    /// let request = MeteredRequest { method: "POST", path_and_query: "/calls", headers: &NoHeaders };
    /// let who = async { Ok::<_, ActionResponse>(who) };
    /// let call = handler.begin_metered(who, &meter, request).await??;
    /// // The app's own handler runs here. If it panics or is dropped, `call` is dropped, and nothing is charged.
    /// let response = MeteredResponse { status: 200, headers: &NoHeaders, body_bytes: Some(2) };
    /// if let Some(charge) = call.end(response).await? {
    ///     println!("send the body through {charge:?}");
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn begin_metered<E>(
        &self,
        identity: impl Future<Output = Result<Identity, E>>,
        meter: &Meter,
        request: MeteredRequest<'_>,
    ) -> Result<Result<MeteredCall, ActionResponse>, E> {
        let customer = match self.customer(identity).await? {
            Ok(customer) => customer,
            Err(response) => return Ok(Err(response)),
        };
        Ok(MeteredCall::begin(&customer, meter, request).await.map_err(BrowserError::into_response))
    }
}

/// A request to a metered route, whose handler runs. Dropped before its [end](Self::end), it costs nothing.
#[derive(Debug)]
#[must_use = "a call that is dropped is not charged"]
pub struct MeteredCall {
    meter: Meter,
    /// `None`: it is free.
    hold: Option<Hold>,
    reserve: u64,
    counter: UsageCounter,
}

impl MeteredCall {
    async fn begin(customer: &CustomerScope, meter: &Meter, request: MeteredRequest<'_>) -> Result<Self, BrowserError> {
        let (key, reserve) = of_app(|| (meter.key(&request), meter.reserve(&request)))?;
        let key = key.map_err(|problem| BrowserError::from(&Error::InvalidInput(problem)))?;
        let hold = if meter.is_free(reserve) {
            None
        } else {
            let hold = meter.hold(customer, reserve, key).await;
            Some(hold.map_err(|reason| not_held(reason, meter))?)
        };
        Ok(Self { meter: meter.clone(), hold, reserve, counter: UsageCounter::default() })
    }

    /// What the handler counts, if the route's cost is [counted](Meter::counted).
    #[must_use]
    pub fn counter(&self) -> UsageCounter {
        self.counter.clone()
    }

    /// Charges for the response of the handler, if it is one that is charged. It is durable when this returns, but for the cost
    /// of a body: the body must then be sent through the [`BodyCharge`].
    ///
    /// # Errors
    /// The response to send in place of the handler's, if it cannot be charged.
    ///
    /// # Examples
    /// As for [`begin_metered`](RequestHandler::begin_metered).
    pub async fn end(self, response: MeteredResponse<'_>) -> Result<Option<BodyCharge>, ActionResponse> {
        self.charge(response).await.map_err(BrowserError::into_response)
    }

    async fn charge(self, response: MeteredResponse<'_>) -> Result<Option<BodyCharge>, BrowserError> {
        let Self { meter, hold, reserve, counter } = self;
        let is_charged = of_app(|| meter.is_charged(response.status))?;
        let Some(hold) = hold.filter(|_| is_charged) else { return Ok(None) };
        let units = match meter.how_it_costs() {
            Cost::Fixed(_) | Cost::OfRequest(_) => reserve,
            Cost::OfResponse(cost) => of_app(|| cost(&response))?,
            Cost::Counted if response.body_bytes == Some(0) => counter.total(),
            Cost::Counted => return Ok(Some(BodyCharge::counted(hold, counter, response.body_bytes))),
            Cost::PerBytes(bytes) => return Ok(Some(BodyCharge::per_bytes(hold, *bytes, response.body_bytes))),
        };
        hold.settle(units).await?;
        Ok(None)
    }
}

/// Calls a function of the app. A panic of it is one failed request.
fn of_app<T>(call: impl FnOnce() -> T) -> Result<T, BrowserError> {
    std::panic::catch_unwind(AssertUnwindSafe(call)).map_err(|_| BrowserError::internal())
}

fn not_held(reason: NotHeld, meter: &Meter) -> BrowserError {
    match reason {
        NotHeld::Refused(refused) => not_admitted(refused.into(), meter.own_upgrade_url()),
        reason => reason.into(),
    }
}
