//! Sign-in by Clerk.

use std::{fmt, sync::Arc};

use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;

use crate::{
    auth::{
        address::base_url,
        bearer::bearer_or_cookie,
        claims::Claims,
        clerk_users::ClerkUsers,
        key_set::KeySet,
        not_identified::NotIdentified,
        provider::{Organization, Provider, SignedIn, Unavailable},
        refusal::{Refusal, Refusals},
        token_verifier::TokenVerifier,
        variable::{refused, required, variable},
    },
    clock::Clock,
    error::Error,
    input::{CustomerDetails, Headers},
};

const PROVIDER: &str = "Clerk";
const ISSUER: &str = "CLERK_ISSUER";
const KEY_SET: &str = "CLERK_JWKS_URL";
const PARTIES: &str = "CLERK_AUTHORIZED_PARTIES";
const SECRET_KEY: &str = "CLERK_SECRET_KEY";
const API_URL: &str = "CLERK_API_URL";
const COOKIE: &str = "__session";

/// Session tokens of Clerk, in the `Authorization` header or the cookie `__session`.
///
/// ```
/// use flowglad_core::auth::Clerk;
/// let clerk = Clerk::new("https://clerk.example.com", ["https://app.example.com"])?.secret_key("sk_test_example")?;
/// # Ok::<_, flowglad_core::Error>(())
/// ```
///
/// A token must be of the instance (`iss`), made for a page of one of your origins (`azp`), and of a session without tasks left
/// to do. The organization is the active one of the session. Clerk's default token has neither name nor email: they are read
/// from its API with the [secret key](Self::secret_key) when a customer is created, unless you add the claims `name` and
/// `email` to the token.
#[derive(Clone)]
pub struct Clerk {
    verifier: TokenVerifier,
    parties: Vec<String>,
    cookie: String,
    users: Option<Arc<ClerkUsers>>,
    refusals: Arc<Refusals>,
}

impl Clerk {
    /// Reads the settings from `CLERK_ISSUER` and `CLERK_AUTHORIZED_PARTIES` (with commas between them), and if they are set,
    /// from `CLERK_JWKS_URL`, `CLERK_SECRET_KEY` and `CLERK_API_URL`.
    ///
    /// # Errors
    /// [`Error::Config`] names the variable that is missing or cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        let (issuer, parties) = (required(ISSUER)?, required(PARTIES)?);
        let mut clerk = Self::new(&issuer, parties.split(',').map(str::trim))
            .map_err(refused("CLERK_ISSUER or CLERK_AUTHORIZED_PARTIES"))?;
        if let Some(url) = variable(KEY_SET)? {
            clerk = clerk.key_set(KeySet::at(&url).map_err(refused(KEY_SET))?);
        }
        if let Some(key) = variable(SECRET_KEY)? {
            clerk = clerk.secret_key(&key).map_err(refused(SECRET_KEY))?;
        }
        match variable(API_URL)? {
            Some(url) => clerk.api_url(&url).map_err(refused(API_URL)),
            None => Ok(clerk),
        }
    }

    /// Takes the tokens of an instance (`https://….clerk.accounts.dev`, or your own domain), made for pages of these origins.
    ///
    /// # Errors
    /// [`Error::Config`] if the instance is not an address, or there is no origin.
    pub fn new(issuer: &str, parties: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, Error> {
        let issuer = base_url("Clerk issuer", issuer)?;
        let parties: Vec<String> = parties.into_iter().map(Into::into).collect();
        if parties.is_empty() || parties.iter().any(String::is_empty) {
            return Err(Error::config(
                "Clerk authorized parties",
                "are empty: they are the origins of your pages, such as https://app.example.com",
            ));
        }
        let keys = KeySet::at(&format!("{issuer}/.well-known/jwks.json"))?;
        let verifier = TokenVerifier::new(&issuer, keys.into())?;
        Ok(Self { verifier, parties, cookie: COOKIE.to_owned(), users: None, refusals: Arc::default() })
    }

    /// Sets the key with which name and email are read from Clerk's API (`sk_…`).
    ///
    /// # Errors
    /// [`Error::Config`] if it cannot be a key.
    pub fn secret_key(self, key: &str) -> Result<Self, Error> {
        let users = ClerkUsers::new(key)?.with_clock(Arc::clone(&self.verifier.clock));
        Ok(Self { users: Some(Arc::new(users)), ..self })
    }

    /// Sets where Clerk's API is, without `/v1`. Call it after [`secret_key`](Self::secret_key), without which it has no effect.
    ///
    /// # Errors
    /// [`Error::Config`] if it is not an address.
    pub fn api_url(self, url: &str) -> Result<Self, Error> {
        let url = base_url("Clerk API address", url)?;
        let users = self.users.map(|users| Arc::new(users.at(url)));
        Ok(Self { users, ..self })
    }

    /// Sets the keys, if they are not at the instance's own address.
    #[must_use]
    pub fn key_set(mut self, keys: KeySet) -> Self {
        self.verifier.keys = keys.into();
        self
    }

    /// Sets the name of the cookie. Unless set, `__session`.
    #[must_use]
    pub fn cookie(self, name: impl Into<String>) -> Self {
        Self { cookie: name.into(), ..self }
    }

    /// Sets the clock by which tokens expire. Unless set, that of the operating system.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.verifier.clock = Arc::new(clock);
        let clock = &self.verifier.clock;
        self.users = self.users.map(|users| Arc::new(users.with_clock(Arc::clone(clock))));
        self
    }

    async fn check(&self, token: Result<Option<String>, Refusal>) -> Result<Option<SignedIn>, NotIdentified> {
        let Some(token) = token? else { return Ok(None) };
        let claims = self.verifier.verify(&token, |claims| self.check_session(claims)).await?;
        let mut user = SignedIn::new(claims.text("sub").ok_or(Refusal("the token has no sub that is a text"))?);
        user.name = claims.text("name").map(str::to_owned);
        user.email = claims.text("email").map(str::to_owned);
        user.organization = organization(&claims);
        user.claims = claims.into_map();
        Ok(Some(user))
    }

    fn check_session(&self, claims: &Claims) -> Result<(), Refusal> {
        if !claims.text("azp").is_some_and(|party| self.parties.iter().any(|known| known == party)) {
            return Err(Refusal("the token is for a page of another origin (azp)"));
        }
        if claims.get("sts").is_some_and(|status| status != "active") {
            return Err(Refusal("the session has tasks left to do (sts)"));
        }
        Ok(())
    }
}

/// The active organization, in the claims of version 2 or 1.
fn organization(claims: &Claims) -> Option<Organization> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    if let Some(Value::Object(active)) = claims.get("o") {
        let text = |name: &str| active.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let organization = Organization::new(text("id")?);
        return Some(Organization { role: owned(text("rol")), slug: owned(text("slg")), ..organization });
    }
    let organization = Organization::new(claims.text("org_id")?);
    Some(Organization { role: owned(claims.text("org_role")), slug: owned(claims.text("org_slug")), ..organization })
}

impl Provider for Clerk {
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        let token = bearer_or_cookie(headers, Some(&self.cookie)).map(|token| token.map(str::to_owned));
        async move { self.refusals.conclude(PROVIDER, self.check(token).await) }.boxed()
    }

    /// Reads name and email from Clerk's API if the token has no email. An answer is kept for a minute.
    fn details<'a>(&'a self, user: &'a SignedIn) -> BoxFuture<'a, Result<CustomerDetails, Unavailable>> {
        async move {
            match &self.users {
                Some(users) if user.email.is_none() => users.details(&user.id).await,
                _ => Ok(user.details()),
            }
        }
        .boxed()
    }
}

impl fmt::Debug for Clerk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clerk")
            .field("issuer", &self.verifier.issuer())
            .field("parties", &self.parties)
            .finish_non_exhaustive()
    }
}
