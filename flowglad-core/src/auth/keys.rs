//! The public keys of a provider.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::auth::verification_key::{Algorithm, Jwk, VerificationKey};

const MAX_KEYS: usize = 64;

/// The keys of a set that can be used.
#[derive(Clone)]
pub(super) struct Keys {
    keys: Vec<(Option<String>, Arc<VerificationKey>)>,
}

/// What a set has for a token.
pub(super) enum Found {
    Key(Arc<VerificationKey>),
    /// There is such a key, but it signs otherwise.
    OtherAlgorithm,
    /// There is no such key.
    Nothing,
    /// The token names no key, and several could be meant.
    Several,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl Keys {
    /// Reads a key set, and leaves out what is not a public key for signatures of a known algorithm. `None` if it is no key
    /// set.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(text).ok()?;
        let read = |value| {
            let jwk: Jwk = serde_json::from_value(value).ok()?;
            Some((jwk.kid.clone(), Arc::new(jwk.verification_key()?)))
        };
        Some(Self { keys: document.keys.into_iter().take(MAX_KEYS).filter_map(read).collect() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Found {
        let named = self.keys.iter().filter(|(name, _)| kid.is_none_or(|kid| name.as_deref() == Some(kid)));
        let mut fitting = named.clone().filter(|(_, key)| key.algorithm() == algorithm);
        match (fitting.next(), fitting.next(), named.count()) {
            (Some((_, key)), None, _) => Found::Key(Arc::clone(key)),
            (Some(_), Some(_), _) => Found::Several,
            (None, _, 0) => Found::Nothing,
            (None, ..) => Found::OtherAlgorithm,
        }
    }
}
