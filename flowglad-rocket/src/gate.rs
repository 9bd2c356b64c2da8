//! Gates before the app's own routes, and the response to a request that does not pass.

use std::sync::{Mutex, PoisonError};

use flowglad_core::{
    adapter::{ActionResponse, GatedRequest},
    gate::Gate,
};
use rocket::{
    Catcher, Data, Request, Response, Route,
    catcher::{self, BoxFuture},
    http::Status,
    request,
    response::{self, Responder},
    route::{Handler, Outcome},
};

use crate::{mount::Mount, route::into_response};

/// A gate, made by [`Mount::gate`]. It does nothing until it stands before routes.
#[derive(Clone, Debug)]
#[must_use]
pub struct Gates {
    mount: Mount,
    gate: Gate,
}

impl Mount {
    /// A gate before routes of the app: `.mount("/", mount.gate(feature("export_csv")).routes(routes![export]))`. It answers
    /// a request that does not pass.
    ///
    /// Handlers behind it take as [`CurrentBilling`](crate::CurrentBilling) the billing that the gate saw.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_rocket::{CurrentBilling, Mount, flowglad_core::gate};
    /// use rocket::{Build, Rocket, get, routes};
    ///
    /// #[get("/reports.csv")]
    /// fn export(billing: CurrentBilling) -> String {
    ///     format!("month,calls\n# for {}\n", billing.0.customer().name)
    /// }
    ///
    /// fn app(billing: Mount) -> Rocket<Build> {
    ///     let gate = billing.gate(gate::feature("export_csv"));
    ///     rocket::build().mount("/", gate.routes(routes![export])).manage(billing)
    /// }
    /// ```
    pub fn gate(&self, gate: impl Into<Gate>) -> Gates {
        Gates { mount: self.clone(), gate: gate.into() }
    }
}

impl Gates {
    /// Puts the gate before routes.
    #[must_use]
    pub fn routes(&self, mut routes: Vec<Route>) -> Vec<Route> {
        for route in &mut routes {
            route.handler = Box::new(Gated { gates: self.clone(), handler: route.handler.clone() });
        }
        routes
    }

    async fn admit(&self, request: &Request<'_>) -> Result<(), Refusal> {
        let Self { mount, gate } = self;
        let (uri, known) = (request.uri().to_string(), mount.kept(request));
        let gated = GatedRequest { method: request.method().as_str(), path_and_query: &uri, known };
        if let Some(granted) = mount.handler.admit(mount.identify(request), gate, gated).await??.granted {
            mount.keep(granted.billing(), request);
        }
        Ok(())
    }
}

#[derive(Clone)]
struct Gated {
    gates: Gates,
    handler: Box<dyn Handler>,
}

#[rocket::async_trait]
impl Handler for Gated {
    async fn handle<'r>(&self, request: &'r Request<'_>, body: Data<'r>) -> Outcome<'r> {
        match self.gates.admit(request).await {
            Ok(()) => self.handler.handle(request, body).await,
            Err(refusal) => refusal.into_outcome(),
        }
    }
}

/// The error of all request guards of this crate: what was refused, or that it could not be found out; or the status with
/// which the app's own session layer failed.
///
/// A handler may return it too: it is made of the errors of core, for example by `?` after
/// [`Billing::require`](flowglad_core::Billing::require) or a call to Flowglad. A handler that answers itself takes
/// `Result<Entitled<E>, Refusal>`.
#[derive(Clone, Debug)]
pub struct Refusal(Result<ActionResponse, Status>);

impl Refusal {
    pub(crate) fn of_app(status: Status) -> Self {
        Self(Err(status))
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.as_ref().map_or_else(|status| *status, |response| Status::new(response.status))
    }

    /// The `error.code`, for example `feature_required`. `None` for the app's own failure.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.as_ref().ok()?.code.as_deref()
    }

    /// Whether no user is signed in.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.0.as_ref().is_ok_and(ActionResponse::is_signed_out)
    }

    /// The failure of a guard. Its response is kept for [`catchers`].
    pub(crate) fn fail<T>(self, request: &Request<'_>) -> request::Outcome<T, Self> {
        *last(request) = self.0.clone().ok();
        request::Outcome::Error((self.status(), self))
    }

    pub(crate) fn into_outcome<'r>(self) -> Outcome<'r> {
        self.0.map_or_else(Outcome::Error, |response| Outcome::Success(into_response(response)))
    }
}

impl<E: Into<ActionResponse>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(Ok(error.into()))
    }
}

impl<'r> Responder<'r, 'static> for Refusal {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        self.0.map(into_response)
    }
}

/// Catchers that send the JSON of what a guard of this crate refused: `.register("/", catchers())`. Without them, and
/// under a longer path that has catchers of its own, the app's catchers answer. For the same statuses from elsewhere they
/// send no body.
#[must_use]
pub fn catchers() -> Vec<Catcher> {
    let refusals = [Status::Unauthorized, Status::PaymentRequired, Status::Forbidden, Status::ServiceUnavailable];
    refusals.map(|status| Catcher::new(status.code, send_refusal)).into()
}

fn send_refusal<'r>(status: Status, request: &'r Request<'_>) -> BoxFuture<'r, catcher::Result<'r>> {
    let refused = last(request).clone().filter(|response| response.status == status.code);
    let response = refused.map_or_else(|| Response::build().status(status).finalize(), into_response);
    Box::pin(async { Ok(response) })
}

/// The response to what a guard refused last in a request.
fn last<'r>(request: &'r Request<'_>) -> std::sync::MutexGuard<'r, Option<ActionResponse>> {
    request.local_cache(Mutex::<Option<ActionResponse>>::default).lock().unwrap_or_else(PoisonError::into_inner)
}
