//! Sessions of Better Auth. Feature `auth-better-auth`.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;

use crate::{
    auth::{
        jwt::Jwt,
        key_set::KeySet,
        provider::{Organization, Provider, SignedIn, Unavailable},
        session_endpoint::{SessionEndpoint, SessionKind, text},
        variable::{refused, required, variable},
    },
    clock::Clock,
    error::Error,
    input::Headers,
};

const URL: &str = "BETTER_AUTH_URL";
const KEYS_URL: &str = "BETTER_AUTH_JWKS_URL";
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

/// Who is signed in by the session endpoint of Better Auth, to which only the session cookie is sent, or by the tokens of its
/// JWT plug-in, which are checked here.
///
/// ```
/// use flowglad_core::auth::{BetterAuth, KeySet};
/// # fn main() -> Result<(), flowglad_core::Error> {
/// let by_session = BetterAuth::with_session_endpoint("https://app.example.com")?;
/// let keys = KeySet::at("https://app.example.com/api/auth/jwks")?;
/// let by_token = BetterAuth::with_key_set("https://app.example.com", keys)?;
/// # Ok(()) }
/// ```
///
/// The organization is the active one of the session, if the app uses the organization plug-in. The user's role in it is
/// not in the session. A token has neither, unless the app's `definePayload` adds them as `activeOrganizationId` and
/// `activeOrganizationRole`.
///
/// In production, Better Auth answers 100 requests in 10 seconds from one address, which all those of this server have. For
/// more users, set `rateLimit: { customRules: { "/get-session": false } }` there.
pub struct BetterAuth {
    source: Source,
}

enum Source {
    Endpoint { endpoint: SessionEndpoint, cookies: Vec<String> },
    Tokens(Jwt),
}

impl BetterAuth {
    /// Reads `BETTER_AUTH_URL`, the base URL of the app. If `BETTER_AUTH_JWKS_URL` is set, tokens are checked by the keys
    /// there; else the session endpoint is asked.
    ///
    /// # Errors
    /// [`Error::Config`] names the variable that is missing, empty or wrong.
    pub fn from_env() -> Result<Self, Error> {
        let url = required(URL)?;
        match variable(KEYS_URL)? {
            Some(keys) => Self::with_key_set(&url, KeySet::at(&keys).map_err(refused(KEYS_URL))?).map_err(refused(URL)),
            None => Self::with_session_endpoint(&url),
        }
    }

    /// Asks the session endpoint of the app with the base URL, of which `/api/auth/get-session` is read. A URL with a path
    /// is that of the app's Better Auth: `/get-session` is added.
    ///
    /// # Errors
    /// [`Error::Config`] if this is no `http` or `https` URL.
    pub fn with_session_endpoint(base_url: &str) -> Result<Self, Error> {
        let endpoint = SessionEndpoint::new(URL, base_url, &SESSION)?;
        Ok(Self { source: Source::Endpoint { endpoint, cookies: COOKIES.map(str::to_owned).into() } })
    }

    /// Takes the tokens of the JWT plug-in in the `Authorization` header. The base URL is written as in the app's `baseURL`,
    /// since issuer and audience of a token are that text. The keys are at `/api/auth/jwks`.
    ///
    /// # Errors
    /// [`Error::Config`] if the base URL is empty.
    pub fn with_key_set(base_url: &str, keys: KeySet) -> Result<Self, Error> {
        let base_url = base_url.trim();
        let jwt = Jwt::new(base_url, keys)?.audience(base_url);
        Ok(Self { source: Source::Tokens(jwt.organization_claims("activeOrganizationId", "activeOrganizationRole")) })
    }

    /// Sets the name of the session cookie, if the app has changed it, with `__Secure-` if it has that. With a key set, the
    /// cookie that has a token: unless this is set, only the `Authorization` header has one.
    #[must_use]
    pub fn cookie(self, name: impl Into<String>) -> Self {
        let source = match self.source {
            Source::Endpoint { endpoint, .. } => Source::Endpoint { endpoint, cookies: vec![name.into()] },
            Source::Tokens(jwt) => Source::Tokens(jwt.cookie(name)),
        };
        Self { source }
    }

    /// Sets how long an answer of the session endpoint is used again. Default: 5 seconds. A sign-out is seen after it.
    #[must_use]
    pub fn cache_for(mut self, time: Duration) -> Self {
        if let Source::Endpoint { endpoint, .. } = &mut self.source {
            endpoint.set_cache_time(time);
        }
        self
    }

    /// Sets the clock, for tests.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        let source = match self.source {
            Source::Endpoint { mut endpoint, cookies } => {
                endpoint.set_clock(Arc::new(clock));
                Source::Endpoint { endpoint, cookies }
            }
            Source::Tokens(jwt) => Source::Tokens(jwt.clock(clock)),
        };
        Self { source }
    }
}

impl Provider for BetterAuth {
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        match &self.source {
            Source::Endpoint { endpoint, cookies } => endpoint.identify(headers, cookies, "id"),
            Source::Tokens(jwt) => jwt.identify(headers),
        }
    }
}

impl fmt::Debug for BetterAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("BetterAuth");
        match &self.source {
            Source::Endpoint { cookies, .. } => shown.field("cookies", cookies),
            Source::Tokens(jwt) => shown.field("tokens", jwt),
        };
        shown.finish_non_exhaustive()
    }
}
