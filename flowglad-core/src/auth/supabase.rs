//! Sign-in by Supabase.

use std::{fmt, sync::Arc};

use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;

use crate::{
    auth::{
        address::{base_url, http_url},
        bearer::bearer,
        claims::Claims,
        cookies::Cookies,
        key_set::KeySet,
        not_identified::NotIdentified,
        provider::{Organization, Provider, SignedIn, Unavailable},
        refusal::{Refusal, Refusals},
        supabase_cookie,
        token_secret::TokenSecret,
        token_verifier::{TokenKeys, TokenVerifier, names_one_of},
        variable::{refused, required, variable},
    },
    clock::Clock,
    error::Error,
    input::Headers,
};

const PROVIDER: &str = "Supabase";
const URL: &str = "SUPABASE_URL";
const SECRET: &str = "SUPABASE_JWT_SECRET";
const KEY_SET: &str = "SUPABASE_JWKS_URL";
const AUTHENTICATED: &str = "authenticated";

/// Access tokens of Supabase, in the `Authorization` header or the session cookie of `@supabase/ssr`.
///
/// ```
/// use flowglad_core::auth::Supabase;
/// let supabase = Supabase::new("https://abcdefgh.supabase.co")?;
/// # Ok::<_, flowglad_core::Error>(())
/// ```
///
/// A token must be of the project (`iss`), and of a user who is signed in (`aud` and `role`). Supabase's anonymous users count
/// as not signed in. Projects that still sign with a shared secret [set it](Self::secret).
#[derive(Clone)]
pub struct Supabase {
    verifier: TokenVerifier,
    cookie: String,
    organization_claim: Option<String>,
    refusals: Arc<Refusals>,
}

impl Supabase {
    /// Reads the settings from `SUPABASE_URL`, and if they are set, from `SUPABASE_JWT_SECRET` or `SUPABASE_JWKS_URL`.
    ///
    /// # Errors
    /// [`Error::Config`] names the variable that is missing or cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        let supabase = Self::new(&required(URL)?).map_err(refused(URL))?;
        match (variable(SECRET)?, variable(KEY_SET)?) {
            (Some(secret), _) => Ok(supabase.secret(TokenSecret::new(&secret).map_err(refused(SECRET))?)),
            (None, Some(url)) => Ok(supabase.key_set(KeySet::at(&url).map_err(refused(KEY_SET))?)),
            (None, None) => Ok(supabase),
        }
    }

    /// Takes the tokens of the project at this address (`SUPABASE_URL`).
    ///
    /// # Errors
    /// [`Error::Config`] if it is not an address.
    pub fn new(url: &str) -> Result<Self, Error> {
        let url = base_url("Supabase address", url)?;
        let issuer = format!("{url}/auth/v1");
        let keys = KeySet::at(&format!("{issuer}/.well-known/jwks.json"))?;
        let cookie = supabase_cookie::default_name(&http_url("Supabase address", &url)?);
        let verifier = TokenVerifier::new(&issuer, keys.into())?;
        Ok(Self { verifier, cookie, organization_claim: None, refusals: Arc::default() })
    }

    /// Sets the shared secret with which the project signs its tokens (HS256). Its public keys do not count then.
    #[must_use]
    pub fn secret(mut self, secret: TokenSecret) -> Self {
        self.verifier.keys = TokenKeys::Secret(secret);
        self
    }

    /// Sets the keys, if they are not at the project's own address.
    #[must_use]
    pub fn key_set(mut self, keys: KeySet) -> Self {
        self.verifier.keys = keys.into();
        self
    }

    /// Sets the name of the cookie, if the app has one of its own. Unless set, `sb-<project>-auth-token`.
    #[must_use]
    pub fn cookie(self, name: impl Into<String>) -> Self {
        Self { cookie: name.into(), ..self }
    }

    /// Sets the claim that has the id of the user's organization, which a hook of yours adds to the token.
    #[must_use]
    pub fn organization_claim(self, name: impl Into<String>) -> Self {
        Self { organization_claim: Some(name.into()), ..self }
    }

    /// Sets the clock by which tokens expire. Unless set, that of the operating system.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.verifier.clock = Arc::new(clock);
        self
    }

    fn token(&self, headers: &dyn Headers) -> Result<Option<String>, Refusal> {
        match bearer(headers)? {
            Some(token) => Ok(Some(token.to_owned())),
            None => supabase_cookie::access_token(&Cookies::read(headers)?, &self.cookie),
        }
    }

    async fn check(&self, token: Result<Option<String>, Refusal>) -> Result<Option<SignedIn>, NotIdentified> {
        let Some(token) = token? else { return Ok(None) };
        let claims = self.verifier.verify(&token, check_role).await?;
        let mut user = SignedIn::new(claims.text("sub").ok_or(Refusal("the token has no sub that is a text"))?);
        user.name = name(&claims).map(str::to_owned);
        user.email = claims.text("email").map(str::to_owned);
        let organization = self.organization_claim.as_deref().and_then(|name| claims.text(name));
        user.organization = organization.map(Organization::new);
        user.claims = claims.into_map();
        Ok(Some(user))
    }
}

/// The project's own keys for pages and servers are tokens of the same secret, which the role shows.
fn check_role(claims: &Claims) -> Result<(), Refusal> {
    if claims.text("role") != Some(AUTHENTICATED) || !names_one_of(claims, "aud", &[AUTHENTICATED.to_owned()]) {
        return Err(Refusal("the token is not that of a user (aud and role)"));
    }
    match claims.get("is_anonymous") {
        None | Some(Value::Bool(false)) => Ok(()),
        Some(_) => Err(Refusal("the user is an anonymous one (is_anonymous)")),
    }
}

fn name(claims: &Claims) -> Option<&str> {
    let profile = claims.get("user_metadata")?;
    let text = |name: &str| profile.get(name)?.as_str().filter(|text| !text.is_empty());
    text("full_name").or_else(|| text("name"))
}

impl Provider for Supabase {
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        let token = self.token(headers);
        async move { self.refusals.conclude(PROVIDER, self.check(token).await) }.boxed()
    }
}

impl fmt::Debug for Supabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supabase")
            .field("issuer", &self.verifier.issuer())
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
