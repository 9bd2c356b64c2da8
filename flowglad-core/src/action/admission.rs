//! Gates and extractors of the app's own routes: who asks, what is known, and the response to who does not pass.

use std::future::Future;

use crate::{
    action::handler::{RequestHandler, catch_panic, signed_in},
    adapter::{
        browser_error::BrowserError, failure::not_admitted, identity::Identity, request::GatedRequest,
        response::ActionResponse,
    },
    billing::{Billing, Freshness, Standing},
    gate::{Admission, Gate, Granted, NotAdmitted, Requirement, ReturnTo, Terms},
};

impl RequestHandler {
    /// Sets the URL of the app's plans. It is in `error.json.upgradeUrl` where a gate or a handler
    /// refuses, unless the gate has its own.
    #[must_use]
    pub fn upgrade_url(mut self, url: &str) -> Self {
        self.settings_mut().upgrade_url = Some(url.into());
        self
    }

    /// Sets who counts as entitled at all gates, unless a requirement says it by
    /// [`counting`](crate::gate::Requirement::counting). The default is [`Standing::any`]: a customer whose payments fail
    /// keeps everything.
    #[must_use]
    pub fn standing(mut self, standing: Standing) -> Self {
        self.settings_mut().standing = standing;
        self
    }

    /// Asks a gate about a request. Returns the response where it does not pass.
    ///
    /// # Errors
    /// Only the error of `identity`.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{action::RequestHandler, adapter::{GatedRequest, Identity}, gate};
    ///
    /// # async fn run(handler: RequestHandler, who: Identity) {
    /// let gate = gate::feature("export_csv").into();
    /// let request = GatedRequest { method: "GET", path_and_query: "/reports?page=2", known: None };
    /// match handler.admit(async { Ok::<_, ()>(who) }, &gate, request).await {
    ///     Ok(Ok(admission)) => println!("{:?}", admission.customer.requesting_customer()),
    ///     Ok(Err(response)) => println!("send {response:?}"),
    ///     Err(()) => println!("the session layer failed"),
    /// }
    /// # }
    /// ```
    pub async fn admit<E>(
        &self,
        identity: impl Future<Output = Result<Identity, E>>,
        gate: &Gate,
        request: GatedRequest<'_>,
    ) -> Result<Result<Admission, ActionResponse>, E> {
        let identity = catch_panic(identity).await?;
        let is_anonymous = matches!(identity, Ok(Identity::Anonymous));
        let page = Page::of(&request);
        let customer = match identity.and_then(signed_in) {
            Ok(customer) => self.scope_of(&customer),
            Err(error) => {
                let location = page.filter(|_| is_anonymous).and_then(|page| gate.sign_in_location(&page.return_to()));
                return Ok(Err(redirected(error, location)));
            }
        };
        let terms = Terms { gate, standing: self.settings().standing, known: request.known };
        Ok(match customer.clone().with_shared_deadline().ask(terms).await {
            Ok(granted) => Ok(Admission::new(customer, granted)),
            Err(reason) => Err(Self::not_admitted(gate, page, reason)),
        })
    }

    /// Requires something of the signed-in customer, for an adapter's extractor or request guard. Returns the response where
    /// it is not met or not known.
    ///
    /// # Errors
    /// Only the error of `identity`.
    ///
    /// # Examples
    /// As for [`admit`](Self::admit).
    pub async fn entitled<E>(
        &self,
        identity: impl Future<Output = Result<Identity, E>>,
        requirement: Requirement,
        known: Option<Billing>,
    ) -> Result<Result<Granted, ActionResponse>, E> {
        let customer = match self.customer(identity).await? {
            Ok(customer) => customer,
            Err(response) => return Ok(Err(response)),
        };
        let granted =
            customer.with_shared_deadline().grant_and_report(&requirement, self.settings().standing, known).await;
        Ok(granted.map_err(Into::into))
    }

    /// The billing of the signed-in customer, for an adapter's extractor or request guard: from the cache, or old billing if
    /// Flowglad cannot be read. Returns the response where there is none.
    ///
    /// # Errors
    /// Only the error of `identity`.
    ///
    /// # Examples
    /// As for [`admit`](Self::admit).
    pub async fn current_billing<E>(
        &self,
        identity: impl Future<Output = Result<Identity, E>>,
        known: Option<Billing>,
    ) -> Result<Result<Billing, ActionResponse>, E> {
        let customer = match self.customer(identity).await? {
            Ok(customer) => customer,
            Err(response) => return Ok(Err(response)),
        };
        if let Some(billing) = known {
            return Ok(Ok(billing));
        }
        let billing = customer.with_shared_deadline().billing_with(Freshness::CachedOrStale).await;
        Ok(billing.map_err(|error| NotAdmitted::Unavailable(error).into()))
    }

    fn not_admitted(gate: &Gate, page: Option<Page<'_>>, reason: NotAdmitted) -> ActionResponse {
        let page = page.filter(|_| matches!(reason, NotAdmitted::Refused(_)));
        let location = page.and_then(|page| gate.plans_location(&page.return_to()));
        redirected(not_admitted(reason, gate.own_upgrade_url()), location)
    }
}

/// A page that a browser asked for, and can come back to.
#[derive(Clone, Copy)]
struct Page<'a>(&'a str);

impl<'a> Page<'a> {
    fn of(request: &GatedRequest<'a>) -> Option<Self> {
        matches!(request.method, "GET" | "HEAD").then_some(Self(request.path_and_query))
    }

    fn return_to(self) -> ReturnTo {
        self.0.into()
    }
}

/// The error as JSON, or by a redirect.
fn redirected(error: BrowserError, location: Option<String>) -> ActionResponse {
    match location {
        Some(location) => error.into_redirect(location),
        None => error.into_response(),
    }
}
