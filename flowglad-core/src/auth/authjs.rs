//! Sessions of Auth.js (version 5) and `NextAuth` (version 4). Feature `auth-authjs`.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::{
    FutureExt as _, TryFutureExt as _,
    future::{BoxFuture, ready},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::{
    auth::{
        authjs_keys::CookieKeys,
        bearer::bearer,
        claims::Claims,
        cookies::Cookies,
        jwe::Jwe,
        provider::{Organization, Provider, SignedIn, Unavailable},
        refusal::{Refusal, Refusals},
        session_cookie::SessionCookie,
        session_endpoint::{SessionEndpoint, SessionKind, text},
        variable::variable,
    },
    clock::{Clock, SystemClock},
    error::Error,
    input::Headers,
};

const PROVIDER: &str = "Auth.js";
const SECRET: &str = "AUTH_SECRET";
/// In the order in which Auth.js takes them. The first is for new sessions.
const SECRETS: [&str; 4] = ["AUTH_SECRET_3", "AUTH_SECRET_2", "AUTH_SECRET_1", SECRET];
const URL: &str = "AUTH_URL";
const COOKIE: &str = "AUTH_COOKIE";
const COOKIES: [&str; 4] = [
    "__Secure-authjs.session-token",
    "authjs.session-token",
    "__Secure-next-auth.session-token",
    "next-auth.session-token",
];
const SESSION: SessionKind = SessionKind {
    name: PROVIDER,
    path: "session",
    query: None,
    prepare: |session| text(session, "expires"),
    organization: |_| None,
};
/// As in Auth.js.
const LEEWAY: Duration = Duration::from_secs(15);

/// Who is signed in by the session cookie of Auth.js (version 5) or `NextAuth` (version 4).
///
/// With the app's secret the cookie is opened here, without a request. That needs the session strategy `jwt`, which is the
/// default without a database adapter. Else the app's session endpoint is asked.
///
/// ```
/// use flowglad_core::auth::AuthJs;
/// # fn main() -> Result<(), flowglad_core::Error> {
/// let here = AuthJs::with_secrets(["the AUTH_SECRET of the app"])?;
/// let there = AuthJs::with_session_endpoint("https://app.example.com")?.id_claim("email");
/// # Ok(()) }
/// ```
///
/// The id of a user is `sub` of the cookie, or `user.id` of the session endpoint, which Auth.js leaves out unless the app's
/// `session` callback adds it. Version 5 makes a new `sub` at each sign-in with OAuth and without a database adapter: set
/// one in the `jwt` callback, and name it with [`id_claim`](Self::id_claim).
pub struct AuthJs {
    source: Source,
    cookies: Vec<String>,
    id_claim: Option<String>,
    organization_claims: Option<[String; 2]>,
    clock: Arc<dyn Clock>,
    refusals: Arc<Refusals>,
}

enum Source {
    /// A set of keys for each name of the cookie.
    Secrets {
        secrets: Vec<SecretString>,
        keys: Vec<CookieKeys>,
    },
    Endpoint(SessionEndpoint),
}

impl AuthJs {
    /// Reads `AUTH_SECRET`, beside it `AUTH_SECRET_1` to `AUTH_SECRET_3` while a secret is being replaced, and `AUTH_COOKIE`,
    /// the cookie's name if the app has changed it. Without a secret, the session endpoint at `AUTH_URL` is asked.
    ///
    /// # Errors
    /// [`Error::Config`] names the variable that is missing, empty or wrong.
    pub fn from_env() -> Result<Self, Error> {
        let secrets = SECRETS.into_iter().map(variable).filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
        let provider = match (secrets.is_empty(), variable(URL)?) {
            (false, _) => Self::with_secrets(secrets)?,
            (true, Some(url)) => Self::with_session_endpoint(&url)?,
            (true, None) => {
                return Err(Error::config(SECRET, "is not set, and neither is AUTH_URL: one of them is required"));
            }
        };
        match variable(COOKIE)? {
            Some(name) => provider.cookie(name),
            None => Ok(provider),
        }
    }

    /// Opens the cookie with the app's `AUTH_SECRET`, or one of several while a secret is being replaced.
    ///
    /// # Errors
    /// [`Error::Config`] if there is no secret, or one is empty.
    pub fn with_secrets(secrets: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, Error> {
        let secrets: Vec<SecretString> = secrets.into_iter().map(|secret| SecretString::from(secret.into())).collect();
        if secrets.is_empty() || secrets.iter().any(|secret| secret.expose_secret().trim().is_empty()) {
            return Err(Error::config(SECRET, "is empty"));
        }
        let source = Source::Secrets { secrets, keys: Vec::new() };
        Self::new(source).with_cookies(COOKIES.map(str::to_owned).into())
    }

    /// Asks the session endpoint of the app with the base URL, of which `/api/auth/session` is read. A URL with a path is
    /// that of the app's Auth.js: `/session` is added. Only the session cookie is sent there.
    ///
    /// # Errors
    /// [`Error::Config`] if this is no `http` or `https` URL.
    pub fn with_session_endpoint(base_url: &str) -> Result<Self, Error> {
        let endpoint = SessionEndpoint::new(URL, base_url, &SESSION)?;
        Self::new(Source::Endpoint(endpoint)).with_cookies(COOKIES.map(str::to_owned).into())
    }

    fn new(source: Source) -> Self {
        let (clock, refusals) = (Arc::new(SystemClock), Arc::default());
        Self { source, cookies: Vec::new(), id_claim: None, organization_claims: None, clock, refusals }
    }

    /// Sets the name of the session cookie, if the app has changed it. With `__Secure-`, if it has that.
    ///
    /// # Errors
    /// [`Error::Config`] if the name is empty.
    pub fn cookie(self, name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        if name.is_empty() {
            return Err(Error::config(COOKIE, "is empty"));
        }
        self.with_cookies(vec![name])
    }

    fn with_cookies(mut self, cookies: Vec<String>) -> Result<Self, Error> {
        if let Source::Secrets { secrets, keys } = &mut self.source {
            let secrets: Vec<&str> = secrets.iter().map(SecretString::expose_secret).collect();
            let derived = cookies.iter().map(|cookie| CookieKeys::derive(cookie, &secrets)).collect::<Result<_, _>>();
            *keys = derived.map_err(|_| Error::config(SECRET, "cannot be made into a key"))?;
        }
        self.cookies = cookies;
        Ok(self)
    }

    /// Sets the claim with the user's id: `sub` of the cookie, or `id` of the session's user unless this is set.
    #[must_use]
    pub fn id_claim(self, name: impl Into<String>) -> Self {
        Self { id_claim: Some(name.into()), ..self }
    }

    /// Sets the claims with the id of the user's organization, and with what the user is in it: claims of the cookie, or
    /// members of the session's user. Auth.js has none of its own.
    #[must_use]
    pub fn organization_claims(self, id: impl Into<String>, role: impl Into<String>) -> Self {
        Self { organization_claims: Some([id.into(), role.into()]), ..self }
    }

    /// Sets how long an answer of the session endpoint is used again. Default: 5 seconds. A sign-out is seen after it.
    #[must_use]
    pub fn cache_for(mut self, time: Duration) -> Self {
        if let Source::Endpoint(endpoint) = &mut self.source {
            endpoint.set_cache_time(time);
        }
        self
    }

    /// Sets the clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        if let Source::Endpoint(endpoint) = &mut self.source {
            endpoint.set_clock(Arc::clone(&self.clock));
        }
        self
    }

    fn opened(&self, keys: &[CookieKeys], headers: &dyn Headers) -> Result<Option<SignedIn>, Refusal> {
        let claims = if let Some(token) = bearer(headers)? {
            let token = Jwe::parse(token)?;
            first_opened(keys, &token)?
        } else {
            let cookies = Cookies::read(headers)?;
            let Some(cookie) = SessionCookie::find(&cookies, &self.cookies)? else { return Ok(None) };
            keys[cookie.index].open(&Jwe::parse(&cookie.value())?)?
        };
        let claims = Claims::parse(&claims)?;
        claims.check_times(self.clock.date(), LEEWAY)?;
        self.signed_in(claims).map(Some)
    }

    fn signed_in(&self, claims: Claims) -> Result<SignedIn, Refusal> {
        let text = |name| claims.text(name).map(str::to_owned);
        let id = text(self.id_claim.as_deref().unwrap_or("sub"))
            .ok_or(Refusal("the session has no user id as a text: add one in the jwt callback"))?;
        let (name, email) = (text("name"), text("email"));
        Ok(SignedIn { name, email, claims: claims.into_map(), ..SignedIn::new(id) })
    }

    fn with_organization(&self, mut user: SignedIn) -> SignedIn {
        let members = match &self.source {
            Source::Secrets { .. } => Some(&user.claims),
            Source::Endpoint(_) => user.claims.get("user").and_then(Value::as_object),
        };
        if let (Some([id, role]), Some(members)) = (&self.organization_claims, members) {
            let role = text(members, role);
            user.organization = text(members, id).map(|id| Organization { role, ..Organization::new(id) });
        }
        user
    }
}

/// A token in the `Authorization` header does not say of which cookie it comes.
fn first_opened(keys: &[CookieKeys], token: &Jwe<'_>) -> Result<Vec<u8>, Refusal> {
    let mut refusal = Refusal("the token is of no known cookie");
    for keys in keys {
        match keys.open(token) {
            Ok(content) => return Ok(content),
            Err(not_opened) => refusal = not_opened,
        }
    }
    Err(refusal)
}

impl Provider for AuthJs {
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        match &self.source {
            Source::Secrets { keys, .. } => {
                let signed_in = self.refusals.accepted(PROVIDER, self.opened(keys, headers));
                ready(Ok(signed_in.map(|user| self.with_organization(user)))).boxed()
            }
            Source::Endpoint(endpoint) => {
                let id_claim = self.id_claim.as_deref().unwrap_or("id");
                let found = endpoint.identify(headers, &self.cookies, id_claim);
                found.map_ok(|user| user.map(|user| self.with_organization(user))).boxed()
            }
        }
    }
}

impl fmt::Debug for AuthJs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.source {
            Source::Secrets { .. } => "secrets",
            Source::Endpoint(_) => "session endpoint",
        };
        f.debug_struct("AuthJs").field("source", &source).field("cookies", &self.cookies).finish_non_exhaustive()
    }
}
