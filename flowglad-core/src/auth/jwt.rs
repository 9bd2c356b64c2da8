//! Signed tokens of any provider.

use std::{fmt, sync::Arc};

use futures_util::future::{BoxFuture, FutureExt as _};

use crate::{
    auth::{
        bearer::bearer_or_cookie,
        claims::Claims,
        not_identified::NotIdentified,
        provider::{Organization, Provider, SignedIn, Unavailable},
        refusal::{Refusal, Refusals},
        token_verifier::{TokenKeys, TokenVerifier, names_one_of},
    },
    clock::Clock,
    error::Error,
    input::Headers,
};

const PROVIDER: &str = "JWT";

/// Signed tokens (JWT) of any provider, such as Auth0, Keycloak or Cognito, in the `Authorization` header.
///
/// ```
/// use flowglad_core::auth::{Jwt, KeySet};
/// let keys = KeySet::at("https://example.eu.auth0.com/.well-known/jwks.json")?;
/// let auth0 = Jwt::new("https://example.eu.auth0.com/", keys)?.audience("https://api.example.com");
/// # Ok::<_, flowglad_core::Error>(())
/// ```
///
/// A token needs the issuer (`iss`), an end (`exp`), and the user's id (`sub`). One that is made for an audience (`aud`) is
/// refused unless that is [set](Self::audience). Times may be off by 5 seconds.
#[derive(Clone)]
pub struct Jwt {
    verifier: TokenVerifier,
    audiences: Vec<String>,
    cookie: Option<String>,
    names: ClaimNames,
    refusals: Arc<Refusals>,
}

/// What the claims are called.
#[derive(Clone, Debug)]
struct ClaimNames {
    id: String,
    name: String,
    email: String,
    organization: Option<String>,
    role: Option<String>,
}

impl Jwt {
    /// Takes tokens of an issuer, written exactly as in their `iss`, that are signed by one of the keys.
    ///
    /// # Errors
    /// [`Error::Config`] if the issuer is empty.
    pub fn new(issuer: &str, keys: impl Into<TokenKeys>) -> Result<Self, Error> {
        let names = ClaimNames {
            id: "sub".to_owned(),
            name: "name".to_owned(),
            email: "email".to_owned(),
            organization: None,
            role: None,
        };
        let verifier = TokenVerifier::new(issuer, keys.into())?;
        Ok(Self { verifier, audiences: Vec::new(), cookie: None, names, refusals: Arc::default() })
    }

    /// Adds an audience (`aud`). A token must be for one of them.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Takes the token of this cookie where there is none in the `Authorization` header.
    #[must_use]
    pub fn cookie(self, name: impl Into<String>) -> Self {
        Self { cookie: Some(name.into()), ..self }
    }

    /// Sets the claim that has the user's id. Unless set, `sub`.
    #[must_use]
    pub fn id_claim(mut self, name: impl Into<String>) -> Self {
        self.names.id = name.into();
        self
    }

    /// Sets the claim that has the display name. Unless set, `name`.
    #[must_use]
    pub fn name_claim(mut self, name: impl Into<String>) -> Self {
        self.names.name = name.into();
        self
    }

    /// Sets the claim that has the email address. Unless set, `email`.
    #[must_use]
    pub fn email_claim(mut self, name: impl Into<String>) -> Self {
        self.names.email = name.into();
        self
    }

    /// Sets the claims that have the id of the user's organization, and what the user is in it.
    #[must_use]
    pub fn organization_claims(mut self, id: impl Into<String>, role: impl Into<String>) -> Self {
        (self.names.organization, self.names.role) = (Some(id.into()), Some(role.into()));
        self
    }

    /// Sets the clock by which tokens expire. Unless set, that of the operating system.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.verifier.clock = Arc::new(clock);
        self
    }

    async fn check(&self, token: Result<Option<String>, Refusal>) -> Result<Option<SignedIn>, NotIdentified> {
        let Some(token) = token? else { return Ok(None) };
        let claims = self.verifier.verify(&token, |claims| self.check_audience(claims)).await?;
        let id = claims.text(&self.names.id).ok_or(Refusal("the token has no id of the user that is a text"))?;
        let mut user = SignedIn::new(id);
        user.name = claims.text(&self.names.name).map(str::to_owned);
        user.email = claims.text(&self.names.email).map(str::to_owned);
        user.organization = self.organization(&claims);
        user.claims = claims.into_map();
        Ok(Some(user))
    }

    fn check_audience(&self, claims: &Claims) -> Result<(), Refusal> {
        let is_meant = match (self.audiences.is_empty(), claims.get("aud")) {
            (true, None) => true,
            (true, Some(_)) => return Err(Refusal("the token is for an audience (aud), and none is set here")),
            (false, _) => names_one_of(claims, "aud", &self.audiences),
        };
        if is_meant { Ok(()) } else { Err(Refusal("the token is for another audience (aud)")) }
    }

    fn organization(&self, claims: &Claims) -> Option<Organization> {
        let mut organization = Organization::new(claims.text(self.names.organization.as_deref()?)?);
        organization.role = self.names.role.as_deref().and_then(|name| claims.text(name)).map(str::to_owned);
        Some(organization)
    }
}

impl Provider for Jwt {
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        let token = bearer_or_cookie(headers, self.cookie.as_deref()).map(|token| token.map(str::to_owned));
        async move { self.refusals.conclude(PROVIDER, self.check(token).await) }.boxed()
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt")
            .field("issuer", &self.verifier.issuer())
            .field("keys", &self.verifier.keys)
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}
