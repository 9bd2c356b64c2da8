//! From the user whom a provider signs in to the customer who pays.

use std::{
    error::Error,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use futures_util::{FutureExt as _, future::BoxFuture};
use tracing::{error, info};

use crate::{
    adapter::{Identity, browser_error::BrowserError, response::ActionResponse},
    auth::provider::{Provider, SignedIn, Unavailable},
    input::{CustomerDetails, Headers, RequestingCustomer},
};

/// A sign-in provider as the source of the customer, which the adapters' `Mount::new` takes.
///
/// By default the user pays. The user whom the provider has signed in is beside the customer:
/// `customer.user::<SignedIn>()`, for example for the role in [`authorize`](crate::action::RequestHandler::authorize).
///
/// Name and email are those of the provider, and asked for only when the customer must be created;
/// [`details`](Self::details) sets another place for them.
///
/// ```
/// use flowglad_core::auth::{Provider, SignIn};
///
/// fn who_pays(provider: impl Provider) -> SignIn {
///     // Without this line, each user.
///     SignIn::new(provider).organizations()
/// }
/// ```
#[derive(Clone)]
pub struct SignIn {
    provider: Arc<dyn Provider>,
    payer: Payer,
    details: Option<FindDetails>,
    /// Whether the provider gave no answer last time.
    is_down: Arc<AtomicBool>,
}

#[derive(Clone, Copy, Debug)]
enum Payer {
    User,
    Organization,
}

type Found = Result<CustomerDetails, Box<dyn Error + Send + Sync>>;

type FindDetails = Arc<dyn Fn(SignedIn) -> BoxFuture<'static, Found> + Send + Sync>;

impl SignIn {
    /// Each user pays.
    #[must_use]
    pub fn new(provider: impl Provider) -> Self {
        Self { provider: Arc::new(provider), payer: Payer::User, details: None, is_down: Arc::default() }
    }

    /// The organization in which the user acts pays. A user without one gets a 403 `no_organization`.
    ///
    /// Unless [`details`](Self::details) says otherwise, the organization is created under its slug or id, with the email of
    /// the user who is the first to need it. Who in it may buy or cancel is decided by
    /// [`authorize`](crate::action::RequestHandler::authorize).
    #[must_use]
    pub fn organizations(self) -> Self {
        Self { payer: Payer::Organization, ..self }
    }

    /// Finds name and email of a new customer in the app instead of at the provider, for example the billing address of an
    /// organization. A closure that captures something, such as a pool, is `async move`, and what it captures is `Clone`.
    ///
    /// ```
    /// use flowglad_core::{auth::{SignIn, SignedIn}, input::CustomerDetails};
    ///
    /// fn from_database(sign_in: SignIn, pool: Pool) -> SignIn {
    ///     sign_in.organizations().details(async move |who: SignedIn| {
    ///         let organization = pool.organization(who.organization.map(|found| found.id)).await?;
    ///         Ok::<_, std::io::Error>(CustomerDetails::new(organization.name, organization.billing_email))
    ///     })
    /// }
    /// # #[derive(Clone)] struct Pool;
    /// # struct Organization { name: String, billing_email: String }
    /// # impl Pool {
    /// #     async fn organization(&self, _: Option<String>) -> std::io::Result<Organization> { Err(std::io::ErrorKind::NotFound.into()) }
    /// # }
    /// ```
    #[must_use]
    pub fn details<F, Fut, E>(self, find: F) -> Self
    where
        F: Clone + FnOnce(SignedIn) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<CustomerDetails, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let find = move |who| {
            let found = find.clone()(who);
            async { found.await.map_err(Into::into) }.boxed()
        };
        Self { details: Some(Arc::new(find)), ..self }
    }

    /// Who sends a request with these headers, for an adapter.
    ///
    /// # Errors
    /// The response where it cannot be found out now: a 503. The reason is logged.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{adapter::{ActionResponse, Headers, Identity}, auth::SignIn};
    ///
    /// async fn source(sign_in: &SignIn, headers: &impl Headers) -> Result<Identity, ActionResponse> {
    ///     sign_in.identify(headers).await
    /// }
    /// ```
    pub fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Identity, ActionResponse>> {
        // The provider may be the app's own, and panic.
        let asked = catch_unwind(AssertUnwindSafe(|| self.provider.identify(headers)));
        async {
            let Ok(asked) = asked else { return Err(BrowserError::internal().into_response()) };
            let Ok(found) = AssertUnwindSafe(asked).catch_unwind().await else {
                return Err(BrowserError::internal().into_response());
            };
            self.note(found.as_ref().err());
            match found {
                Ok(None) => Ok(Identity::Anonymous),
                Ok(Some(user)) => Ok(self.payer_of(user)),
                Err(unavailable) => Err(unavailable.into_response()),
            }
        }
        .boxed()
    }

    /// Logs the beginning and the end of an outage, and not each request in it.
    fn note(&self, unavailable: Option<&Unavailable>) {
        match unavailable {
            Some(reason) if !self.is_down.swap(true, Relaxed) => {
                error!("{reason}; further requests are not logged until it is back");
            }
            None if self.is_down.load(Relaxed) && self.is_down.swap(false, Relaxed) => {
                info!("sign-in is available again");
            }
            _ => {}
        }
    }

    fn payer_of(&self, user: SignedIn) -> Identity {
        let external_id = match (self.payer, &user.organization) {
            (Payer::User, _) => user.id.clone(),
            (Payer::Organization, Some(organization)) => organization.id.clone(),
            (Payer::Organization, None) => return Identity::NoOrganization,
        };
        // Shared, since each request comes here, and few ask for the details.
        let (sign_in, user) = (self.clone(), Arc::new(user));
        let asked_for = Arc::clone(&user);
        let customer = RequestingCustomer::with_details(external_id, async move || sign_in.find(&asked_for).await);
        Identity::from(customer.map(|customer| customer.with_shared_user(user)))
    }

    async fn find(&self, user: &SignedIn) -> Found {
        if let Some(find) = &self.details {
            return find(user.clone()).await;
        }
        let details = self.provider.details(user).await?;
        Ok(match (self.payer, &user.organization) {
            (Payer::Organization, Some(organization)) => {
                details.with_name(organization.slug.as_ref().unwrap_or(&organization.id))
            }
            _ => details,
        })
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("payer", &self.payer).finish_non_exhaustive()
    }
}
