//! Gates before the app's own routes, and the response to a request that does not pass.

use std::{ops::Deref, pin::Pin};

use axum::{
    extract::{OriginalUri, Request, State},
    http::{Uri, request::Parts},
    middleware::{FromFnLayer, Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use flowglad_core::{
    adapter::{ActionResponse, GatedRequest, RefusalFacts},
    gate::Gate,
};

use crate::{mount::Mount, route::into_response};

/// The layer of [`Mount::gate`].
pub type GateLayer = FromFnLayer<Pass, (Mount, Gate), (State<(Mount, Gate)>, Request)>;

type Pass = fn(State<(Mount, Gate)>, Request, Next) -> Passing;

type Passing = Pin<Box<dyn Future<Output = Result<Response, Refusal>> + Send>>;

impl Mount {
    /// A gate before a route or a router: `.route_layer(mount.gate(feature("export_csv")))`.
    ///
    /// Handlers under it can take a [`Customer`](crate::Customer), and as [`CurrentBilling`](crate::CurrentBilling) the
    /// billing that the gate saw. Of several gates each is asked, the outermost first.
    ///
    /// # Examples
    /// ```no_run
    /// use axum::{Router, routing::get};
    /// use flowglad_axum::{Mount, flowglad_core::gate::{Gate, feature, paid_plan}};
    ///
    /// fn app(mount: &Mount) -> Router {
    ///     let page = Gate::from(feature("export_csv")).redirect_to("/pricing").sign_in_at("/login");
    ///     let team = Router::new().route("/members", get(|| async { "members" }));
    ///     Router::new()
    ///         .route("/reports", get(|| async { "reports" }).route_layer(mount.gate(page)))
    ///         .nest("/team", team.route_layer(mount.gate(paid_plan())))
    /// }
    /// ```
    pub fn gate(&self, gate: impl Into<Gate>) -> GateLayer {
        from_fn_with_state((self.clone(), gate.into()), pass)
    }

    async fn admit(&self, parts: &mut Parts, gate: &Gate) -> Result<(), Refusal> {
        let (method, known) = (parts.method.clone(), self.source.kept(parts.extensions.get()));
        let uri = whole_uri(parts);
        let path_and_query = uri.path_and_query().map_or("", |path| path.as_str());
        let request = GatedRequest { method: method.as_str(), path_and_query, known };
        if let Some(granted) = self.handler.admit(self.identify(parts), gate, request).await??.granted {
            self.keep(granted.billing(), parts);
        }
        Ok(())
    }
}

/// A nested router sees a part of the path only.
pub(crate) fn whole_uri(parts: &Parts) -> Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri).clone()
}

fn pass(State((mount, gate)): State<(Mount, Gate)>, request: Request, next: Next) -> Passing {
    Box::pin(async move {
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(mount.clone());
        mount.admit(&mut parts, &gate).await?;
        Ok(next.run(Request::from_parts(parts, body)).await)
    })
}

/// The response to a request that an extractor of this crate refused, or the app's own response where its session layer
/// failed. Its [facts](RefusalFacts) say which.
///
/// A handler may return it too: it is made of the errors of core, for example by `?` after
/// [`Billing::require`](flowglad_core::Billing::require) or a call to Flowglad.
///
/// # Examples
/// ```no_run
/// use axum::response::{IntoResponse, Redirect, Response};
/// use flowglad_axum::{Entitled, Refusal, flowglad_core};
///
/// flowglad_core::feature!(pub ExportCsv = "export_csv");
///
/// async fn reports(entitled: Result<Entitled<ExportCsv>, Refusal>) -> Response {
///     match entitled {
///         Ok(_) => "the reports".into_response(),
///         Err(refusal) if refusal.is_signed_out() => Redirect::to("/").into_response(),
///         Err(refusal) if refusal.code() == Some("feature_required") => Redirect::to("/plans").into_response(),
///         Err(refusal) => refusal.into_response(),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Refusal {
    response: Box<Response>,
    facts: RefusalFacts,
}

impl Refusal {
    /// Of the app's own response, for a source of its own.
    #[must_use]
    pub fn of_app(response: Response) -> Self {
        Self { facts: RefusalFacts::of_app(response.status().as_u16()), response: Box::new(response) }
    }
}

impl<E: Into<ActionResponse>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let answer = error.into();
        Self { response: Box::new(into_response(answer.clone())), facts: answer.into() }
    }
}

impl Deref for Refusal {
    type Target = RefusalFacts;

    fn deref(&self) -> &RefusalFacts {
        &self.facts
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.response
    }
}
