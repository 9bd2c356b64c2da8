//! What a sign-in provider is to Flowglad.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use crate::{
    adapter::{browser_error::BrowserError, response::ActionResponse},
    input::{CustomerDetails, Headers},
};

const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Finds out from the headers of a request who is signed in.
///
/// What is wanted of the headers is read before the future is made, so that it holds nothing of the request.
///
/// ```
/// use flowglad_core::{adapter::Headers, auth::{Provider, SignedIn, Unavailable}};
/// use futures_util::future::{BoxFuture, FutureExt as _};
///
/// /// A proxy signs the users in, and says who they are.
/// struct Proxy;
///
/// impl Provider for Proxy {
///     fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
///         let user = headers.header("x-user").map(SignedIn::new);
///         async { Ok(user) }.boxed()
///     }
/// }
/// ```
pub trait Provider: Send + Sync + 'static {
    /// Returns who is signed in, or `None` if the caller is anonymous: there is no token or session, or it is refused.
    ///
    /// # Errors
    /// [`Unavailable`] if it cannot be found out now.
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>>;

    /// Returns name and email of a signed-in user. It is called when a customer is created or updated, not at each request.
    /// Unless the provider has another place to look at, it returns what [`identify`](Self::identify) found.
    ///
    /// # Errors
    /// [`Unavailable`] if they cannot be found out now.
    fn details<'a>(&'a self, user: &'a SignedIn) -> BoxFuture<'a, Result<CustomerDetails, Unavailable>> {
        let details = user.details();
        Box::pin(async move { Ok(details) })
    }
}

/// The same provider for several routers.
impl<P: Provider + ?Sized> Provider for Arc<P> {
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        (**self).identify(headers)
    }

    fn details<'a>(&'a self, user: &'a SignedIn) -> BoxFuture<'a, Result<CustomerDetails, Unavailable>> {
        (**self).details(user)
    }
}

/// A signed-in user as the provider knows them. `Debug` shows no personal data.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SignedIn {
    /// The provider's id of the user.
    pub id: String,
    /// The display name, if the token or session has it.
    pub name: Option<String>,
    /// The email address, if the token or session has it.
    pub email: Option<String>,
    /// The organization in which the user acts.
    pub organization: Option<Organization>,
    /// Everything that the token or session says, for the app's own rules.
    pub claims: Map<String, Value>,
}

impl SignedIn {
    /// A user of whom the id is known.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), name: None, email: None, organization: None, claims: Map::new() }
    }

    /// Name and email as the token or session has them. They are empty where it does not.
    #[must_use]
    pub fn details(&self) -> CustomerDetails {
        CustomerDetails::new(self.name.clone().unwrap_or_default(), self.email.clone().unwrap_or_default())
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn")
            .field("id", &self.id)
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

/// The organization in which a user acts. `Debug` shows the id only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Organization {
    /// The provider's id of the organization.
    pub id: String,
    /// What the user is in it, in the provider's words.
    pub role: Option<String>,
    /// Its name for addresses.
    pub slug: Option<String>,
}

impl Organization {
    /// An organization of which the id is known.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), role: None, slug: None }
    }
}

impl fmt::Debug for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Organization").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The error for a sign-in that cannot be checked now, for example because a key server is down. The response to the browser
/// is a 503 with `Retry-After`.
///
/// ```
/// use flowglad_core::auth::Unavailable;
/// let unavailable = Unavailable::new("the session store gives no answer");
/// assert_eq!(unavailable.to_string(), "sign-in is unavailable: the session store gives no answer");
/// assert_eq!(unavailable.into_response().status, 503);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sign-in is unavailable: {reason}")]
pub struct Unavailable {
    reason: Box<str>,
    retry_after: Duration,
}

impl Unavailable {
    /// The reason is for the log, so it must show nothing of a token or session.
    #[must_use]
    pub fn new(reason: impl Into<Box<str>>) -> Self {
        Self { reason: reason.into(), retry_after: RETRY_AFTER }
    }

    /// After which time another request may succeed.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.retry_after
    }

    /// The response to the browser. The reason is not in it.
    #[must_use]
    pub fn into_response(self) -> ActionResponse {
        BrowserError::sign_in_unavailable(self.retry_after).into_response()
    }
}
