//! Sessions of Better Auth. Feature `auth-better-auth`.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;

use crate::{
    auth::{
        provider::{Organization, Provider, SignedIn, Unavailable},
        session_endpoint::{SessionEndpoint, SessionKind, text},
        variable::variable,
    },
    clock::Clock,
    error::Error,
    input::Headers,
};

const URL: &str = "BETTER_AUTH_URL";
const COOKIES: [&str; 2] = ["__Secure-better-auth.session_token", "better-auth.session_token"];
/// Only the cookie with the token is sent, so Better Auth does not see the one that says "do not remember me", and would
/// prolong such a session. The page's own requests prolong sessions.
const QUERY: &str = "disableRefresh=true";
const SESSION: SessionKind = SessionKind {
    name: "Better Auth",
    path: "get-session",
    query: Some(QUERY),
    prepare: |members| {
        let session = members.get_mut("session")?.as_object_mut()?;
        // It is as good as the cookie.
        session.remove("token");
        text(session, "expiresAt")
    },
    organization: |members| {
        let session = members.get("session")?.as_object()?;
        text(session, "activeOrganizationId").map(Organization::new)
    },
};

/// Who is signed in by the session endpoint of Better Auth, to which only the session cookie is sent.
///
/// The organization is the active one of the session, if the app uses the organization plug-in. The user's role in it is
/// not in the session.
///
/// In production, Better Auth answers 100 requests in 10 seconds from one address, which all those of this server have. For
/// more users, set `rateLimit: { customRules: { "/get-session": false } }` there.
///
/// ```
/// use flowglad_core::auth::BetterAuth;
/// # fn main() -> Result<(), flowglad_core::Error> {
/// let better_auth = BetterAuth::with_session_endpoint("https://app.example.com")?;
/// # Ok(()) }
/// ```
pub struct BetterAuth {
    endpoint: SessionEndpoint,
    cookies: Vec<String>,
}

impl BetterAuth {
    /// Reads `BETTER_AUTH_URL`, the base URL of the app.
    ///
    /// # Errors
    /// [`Error::Config`] if the variable is missing, empty or no URL.
    pub fn from_env() -> Result<Self, Error> {
        let url = variable(URL)?.ok_or_else(|| Error::config(URL, "is not set: it is the base URL of the app"))?;
        Self::with_session_endpoint(&url)
    }

    /// Asks the session endpoint of the app with the base URL, of which `/api/auth/get-session` is read. A URL with a path
    /// is that of the app's Better Auth: `/get-session` is added.
    ///
    /// # Errors
    /// [`Error::Config`] if this is no `http` or `https` URL.
    pub fn with_session_endpoint(base_url: &str) -> Result<Self, Error> {
        let endpoint = SessionEndpoint::new(URL, base_url, &SESSION)?;
        Ok(Self { endpoint, cookies: COOKIES.map(str::to_owned).into() })
    }

    /// Sets the name of the session cookie, if the app has changed it. With `__Secure-`, if it has that.
    #[must_use]
    pub fn cookie(self, name: impl Into<String>) -> Self {
        Self { cookies: vec![name.into()], ..self }
    }

    /// Sets how long an answer of the session endpoint is used again. Default: 5 seconds. A sign-out is seen after it.
    #[must_use]
    pub fn cache_for(mut self, time: Duration) -> Self {
        self.endpoint.set_cache_time(time);
        self
    }

    /// Sets the clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.endpoint.set_clock(Arc::new(clock));
        self
    }
}

impl Provider for BetterAuth {
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        self.endpoint.identify(headers, &self.cookies, "id")
    }
}

impl fmt::Debug for BetterAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BetterAuth").field("cookies", &self.cookies).finish_non_exhaustive()
    }
}
