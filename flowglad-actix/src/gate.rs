//! Gates before the app's own routes, and the response to a request that does not pass.

use std::ops::Deref;

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    error::InternalError,
    middleware::{Next, from_fn},
};
use flowglad_core::{
    adapter::{ActionResponse, GatedRequest, RefusalFacts},
    gate::Gate,
};

use crate::{mount::Mount, route::into_response};

impl Mount {
    /// A gate before a route, a scope or the whole app, as a middleware: `.wrap(mount.gate(feature("export_csv")))`.
    ///
    /// Handlers under it can take a [`Customer`](crate::Customer), and as [`CurrentBilling`](crate::CurrentBilling) the
    /// billing that the gate saw. Of several gates each is asked, the outermost first.
    ///
    /// # Examples
    /// ```no_run
    /// use actix_web::{Scope, web};
    /// use flowglad_actix::{Mount, flowglad_core::gate::{Gate, feature, paid_plan}};
    ///
    /// fn pages(mount: &Mount) -> Scope {
    ///     let page = Gate::from(feature("export_csv")).redirect_to("/pricing").sign_in_at("/login");
    ///     let team = web::scope("/team").route("/members", web::get().to(async || "members"));
    ///     web::scope("")
    ///         .service(web::resource("/reports").get(async || "reports").wrap(mount.gate(page)))
    ///         .service(team.wrap(mount.gate(paid_plan())))
    /// }
    /// ```
    pub fn gate<G, S, B>(
        &self,
        gate: G,
    ) -> impl Transform<S, ServiceRequest, Response = ServiceResponse, Error = Error, InitError = ()> + use<G, S, B>
    where
        G: Into<Gate>,
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        let (mount, gate) = (self.clone(), gate.into());
        from_fn(move |request: ServiceRequest, next: Next<B>| {
            let (mount, gate) = (mount.clone(), gate.clone());
            async move {
                request.extensions_mut().insert(mount.clone());
                if let Err(refusal) = mount.admit(request.request(), &gate).await {
                    return Ok(request.error_response(refusal));
                }
                next.call(request).await.map(ServiceResponse::map_into_boxed_body)
            }
        })
    }

    async fn admit(&self, request: &HttpRequest, gate: &Gate) -> Result<(), Refusal> {
        let path_and_query = request.uri().path_and_query().map_or("", |path| path.as_str());
        let known = self.source.kept(request.extensions().get());
        let gated = GatedRequest { method: request.method().as_str(), path_and_query, known };
        if let Some(granted) = self.handler.admit(self.identify(request), gate, gated).await??.granted {
            request.extensions_mut().insert(self.source.keep(granted.billing().clone()));
        }
        Ok(())
    }
}

/// The response to a request that an extractor of this crate refused, or the app's own response where its session layer
/// failed. Its [facts](RefusalFacts) say which.
///
/// A handler may return it too: it is made of the errors of core, for example by `?` after
/// [`Billing::require`](flowglad_core::Billing::require) or a call to Flowglad.
///
/// # Examples
/// ```no_run
/// use actix_web::{Either, web::Redirect};
/// use flowglad_actix::{Entitled, Refusal, flowglad_core};
///
/// flowglad_core::feature!(pub ExportCsv = "export_csv");
///
/// async fn reports(entitled: Result<Entitled<ExportCsv>, Refusal>) -> Result<Either<&'static str, Redirect>, Refusal> {
///     match entitled {
///         Ok(_) => Ok(Either::Left("the reports")),
///         Err(refusal) if refusal.is_signed_out() => Ok(Either::Right(Redirect::to("/").see_other())),
///         Err(refusal) => Err(refusal),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Refusal {
    error: Error,
    facts: RefusalFacts,
}

impl Refusal {
    /// Of the app's own error, for a source of its own.
    #[must_use]
    pub fn of_app(error: Error) -> Self {
        Self { facts: RefusalFacts::of_app(error.as_response_error().status_code().as_u16()), error }
    }

    pub(crate) fn of_core(response: HttpResponse, facts: RefusalFacts) -> Self {
        Self { error: InternalError::from_response("refused by Flowglad", response).into(), facts }
    }
}

impl<E: Into<ActionResponse>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let answer = error.into();
        Self::of_core(into_response(answer.clone()), answer.into())
    }
}

impl Deref for Refusal {
    type Target = RefusalFacts;

    fn deref(&self) -> &RefusalFacts {
        &self.facts
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        refusal.error
    }
}
