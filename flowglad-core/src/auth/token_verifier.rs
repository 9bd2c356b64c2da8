//! What is checked of every signed token, whoever has made it.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    auth::{
        claims::Claims, key_set::KeySet, not_identified::NotIdentified, refusal::Refusal, token::UnverifiedToken,
        token_secret::TokenSecret, verification_key::VerificationKey,
    },
    clock::{Clock, SystemClock},
    error::Error,
};

/// How much the clocks of the provider and of this server may differ.
const LEEWAY: Duration = Duration::from_secs(5);

/// The keys of which one must have signed a token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TokenKeys {
    /// The public keys of a provider.
    Set(KeySet),
    /// A secret that the provider and this server share (HS256).
    Secret(TokenSecret),
}

impl From<KeySet> for TokenKeys {
    fn from(keys: KeySet) -> Self {
        Self::Set(keys)
    }
}

impl From<TokenSecret> for TokenKeys {
    fn from(secret: TokenSecret) -> Self {
        Self::Secret(secret)
    }
}

/// Checks issuer, times and signature.
#[derive(Clone)]
pub(super) struct TokenVerifier {
    issuer: Box<str>,
    pub(super) keys: TokenKeys,
    pub(super) clock: Arc<dyn Clock>,
}

impl TokenVerifier {
    pub(super) fn new(issuer: &str, keys: TokenKeys) -> Result<Self, Error> {
        if issuer.is_empty() {
            return Err(Error::config("issuer", "is empty: it is what the tokens have as iss"));
        }
        Ok(Self { issuer: issuer.into(), keys, clock: Arc::new(SystemClock) })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The claims of a good token. What the provider's own rule refuses costs no request for a key.
    pub(super) async fn verify(
        &self,
        token: &str,
        rule: impl Fn(&Claims) -> Result<(), Refusal>,
    ) -> Result<Claims, NotIdentified> {
        let token = UnverifiedToken::parse(token)?;
        let claims = token.unverified_claims();
        if claims.text("iss") != Some(&*self.issuer) {
            return Err(Refusal("the token is of another issuer (iss)").into());
        }
        claims.check_times(self.clock.date(), LEEWAY)?;
        rule(claims)?;
        let key = self.key_of(&token).await?;
        Ok(token.verify(&key)?)
    }

    async fn key_of(&self, token: &UnverifiedToken<'_>) -> Result<Arc<VerificationKey>, NotIdentified> {
        match &self.keys {
            TokenKeys::Set(set) => set.key_of(token, self.clock.now()).await,
            TokenKeys::Secret(secret) => Ok(secret.key()),
        }
    }
}

/// The claim that must be one of a list, or a list with one of it.
pub(super) fn names_one_of(claims: &Claims, claim: &str, wanted: &[String]) -> bool {
    let is_wanted = |value: &Value| value.as_str().is_some_and(|text| wanted.iter().any(|name| name == text));
    match claims.get(claim) {
        Some(Value::Array(values)) => values.iter().any(is_wanted),
        Some(value) => is_wanted(value),
        None => false,
    }
}
