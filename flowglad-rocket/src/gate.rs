//! Gates before the app's own routes, and the response to a request that does not pass.

use std::ops::Deref;

use flowglad_core::{
    adapter::{ActionResponse, GatedRequest, Latest, RefusalFacts},
    gate::Gate,
};
use rocket::{
    Catcher, Request, Route,
    catcher::{self, BoxFuture},
    http::Status,
    outcome::Outcome,
    response::{self, Responder},
};

use crate::{
    mount::Mount,
    route::{What, into_response},
};

/// What [`Mount::gate`] gives: puts routes behind a gate.
#[derive(Clone, Debug)]
#[must_use]
pub struct GatedRoutes {
    mount: Mount,
    gate: Gate,
}

impl Mount {
    /// A gate before routes: `.mount("/team", mount.gate(paid_plan()).routes(routes![members]))`. It answers itself, without
    /// a catcher.
    ///
    /// Handlers behind it can take a [`Customer`](crate::Customer), and as [`CurrentBilling`](crate::CurrentBilling) the
    /// billing that the gate saw. Of several gates each is asked, the outermost first.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_rocket::{Mount, flowglad_core::gate::{Gate, feature}};
    /// use rocket::{Build, Rocket, routes};
    ///
    /// #[rocket::get("/reports")]
    /// fn reports() -> &'static str {
    ///     "the reports"
    /// }
    ///
    /// fn app(mount: &Mount) -> Rocket<Build> {
    ///     let page = Gate::from(feature("export_csv")).redirect_to("/pricing").sign_in_at("/login");
    ///     rocket::build().mount("/", mount.gate(page).routes(routes![reports]))
    /// }
    /// ```
    pub fn gate(&self, gate: impl Into<Gate>) -> GatedRoutes {
        GatedRoutes { mount: self.clone(), gate: gate.into() }
    }

    pub(crate) async fn admit(&self, request: &Request<'_>, gate: &Gate) -> Result<(), Refusal> {
        request.local_cache(|| Some(self.clone()));
        let path_and_query = request.uri().to_string();
        let (method, known) = (request.method().as_str(), self.known(request));
        let gated = GatedRequest { method, path_and_query: &path_and_query, known };
        if let Some(granted) = self.handler.admit(self.identify(request), gate, gated).await??.granted {
            self.keep(granted.billing(), request);
        }
        Ok(())
    }
}

impl GatedRoutes {
    /// Puts these routes behind the gate.
    #[must_use]
    pub fn routes(&self, mut routes: Vec<Route>) -> Vec<Route> {
        for route in &mut routes {
            route.handler = Box::new(self.mount.served(What::Gated(self.gate.clone(), route.handler.clone())));
        }
        routes
    }
}

/// The response to a request that a guard of this crate refused, or the status for the app's own catcher where its session
/// layer failed. Its [facts](RefusalFacts) say which.
///
/// A handler may return it too: it is made of the errors of core, for example by `?` after
/// [`Billing::require`](flowglad_core::Billing::require) or a call to Flowglad.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::{Entitled, Refusal, flowglad_core};
/// use rocket::response::Redirect;
///
/// flowglad_core::feature!(pub ExportCsv = "export_csv");
///
/// #[rocket::get("/reports")]
/// fn reports(entitled: Result<Entitled<ExportCsv>, Refusal>) -> Result<&'static str, Result<Redirect, Refusal>> {
///     match entitled {
///         Ok(_) => Ok("the reports"),
///         Err(refusal) if refusal.is_signed_out() => Err(Ok(Redirect::to("/"))),
///         Err(refusal) => Err(Err(refusal)),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Refusal(RefusalFacts);

impl Refusal {
    /// Of the app's own status, for a source of its own.
    #[must_use]
    pub fn of_app(status: Status) -> Self {
        Self(RefusalFacts::of_app(status.code))
    }

    /// The outcome of a guard. It is kept for the catcher.
    pub(crate) fn fail<T, F>(self, request: &Request<'_>) -> Outcome<T, (Status, Self), F> {
        request.local_cache(Latest::default).set(self.0.clone());
        Outcome::Error((Status::new(self.status()), self))
    }
}

impl<E: Into<ActionResponse>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into().into())
    }
}

impl Deref for Refusal {
    type Target = RefusalFacts;

    fn deref(&self) -> &RefusalFacts {
        &self.0
    }
}

impl<'r> Responder<'r, 'static> for Refusal {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        self.response().map(into_response).ok_or(Status::new(self.status()))
    }
}

/// Catchers that send the JSON of what a guard of this crate refused (400, 401, 402, 403, 408, 413 and 503):
/// `.register("/", catchers())`. Without them, and under a longer path that has catchers of its own, the app's catchers
/// answer. A request that the app itself refuses goes to its default catcher, as without them.
#[must_use]
pub fn catchers() -> Vec<Catcher> {
    RefusalFacts::STATUSES.map(|status| Catcher::new(status, send_refusal)).into()
}

fn send_refusal<'r>(status: Status, request: &'r Request<'_>) -> BoxFuture<'r, catcher::Result<'r>> {
    let refused = request.local_cache(Latest::<RefusalFacts>::default).get();
    let response = refused.filter(|refused| refused.status() == status.code).and_then(|refused| refused.response());
    Box::pin(async move {
        match response {
            Some(response) => Ok(into_response(response)),
            None => default_catcher(request).handler.handle(status, request).await,
        }
    })
}

/// The app's default catcher for the path, or Rocket's.
fn default_catcher(request: &Request<'_>) -> Catcher {
    let is_for_path = |catcher: &&Catcher| {
        catcher.code.is_none() && request.uri().path().as_str().starts_with(catcher.base.path().as_str())
    };
    let of_app = request.rocket().catchers().filter(is_for_path).max_by_key(|catcher| catcher.base.path().len());
    of_app.cloned().unwrap_or_default()
}
