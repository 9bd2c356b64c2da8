//! A secret that signs tokens.

use std::{fmt, sync::Arc};

use crate::{auth::verification_key::VerificationKey, error::Error};

/// As the hash is long. A shorter one could be found by trying.
const MIN_BYTES: usize = 32;

/// The secret with which a provider signs tokens (HS256). `Debug` does not show it.
///
/// ```
/// use flowglad_core::auth::TokenSecret;
/// let secret = TokenSecret::new("at-least-32-characters-of-a-secret")?;
/// assert_eq!(format!("{secret:?}"), "TokenSecret(…)");
/// assert!(TokenSecret::new("short").is_err());
/// # Ok::<_, flowglad_core::Error>(())
/// ```
#[derive(Clone)]
pub struct TokenSecret(Arc<VerificationKey>);

impl TokenSecret {
    /// Takes the secret as the provider shows it: its characters are the key.
    ///
    /// # Errors
    /// [`Error::Config`] if it is shorter than 32 bytes.
    pub fn new(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::config("token secret", "is empty"));
        }
        if text.len() < MIN_BYTES {
            return Err(Error::config("token secret", "is too short: 32 characters are the least"));
        }
        Ok(Self(Arc::new(VerificationKey::hs256(text.as_bytes()))))
    }

    pub(super) fn key(&self) -> Arc<VerificationKey> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}
