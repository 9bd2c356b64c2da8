//! Keys that verify signatures. A key has one algorithm, and a token has no say in it.
//!
//! The cryptography is that of `aws-lc-rs`, which rustls brings. The crate `jsonwebtoken` is not used: its backends are features
//! that exclude each other, so an app that has chosen the other one would get both, and a panic at its first token.

use aws_lc_rs::{
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// The modulus of an RSA key, in bytes.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
const UNCOMPRESSED_POINT: u8 = 4;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
    Hs256,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "HS256" => Some(Self::Hs256),
            _ => None,
        }
    }
}

/// A key and its algorithm. It has no `Debug`, as it may be a secret.
#[derive(Clone)]
pub(super) struct VerificationKey {
    algorithm: Algorithm,
    key: Key,
}

#[derive(Clone)]
enum Key {
    Public(ParsedPublicKey),
    Secret(Box<hmac::Key>),
}

impl VerificationKey {
    pub(super) fn hs256(secret: &[u8]) -> Self {
        Self { algorithm: Algorithm::Hs256, key: Key::Secret(hmac::Key::new(hmac::HMAC_SHA256, secret).into()) }
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn has_signed(&self, text: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::Public(key) => key.verify_sig(text, signature).is_ok(),
            Key::Secret(key) => hmac::verify(key, text, signature).is_ok(),
        }
    }
}

/// A key of a key set. What is not needed here is not read, and a key that is not understood is not used.
#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    pub(super) kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwk {
    /// The key, if it is a public key that signs with an algorithm that is known here. A secret in a public key set is none.
    pub(super) fn verification_key(&self) -> Option<VerificationKey> {
        let is_for_signatures = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && self.key_ops.as_ref().is_none_or(|uses| uses.iter().any(|name| name == "verify"));
        let (algorithm, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => (Algorithm::Rs256, self.rsa()?),
            ("EC", Some("P-256")) => (Algorithm::Es256, self.p256()?),
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, self.ed25519()?),
            _ => return None,
        };
        let is_its_algorithm = self.alg.as_deref().is_none_or(|name| Algorithm::named(name) == Some(algorithm));
        (is_for_signatures && is_its_algorithm).then_some(VerificationKey { algorithm, key: Key::Public(key) })
    }

    fn rsa(&self) -> Option<ParsedPublicKey> {
        let (n, e) = (decoded(self.n.as_ref())?, decoded(self.e.as_ref())?);
        // An even exponent, or that of 1 with which everything is a signature of itself, is none.
        let is_sane = RSA_BYTES.contains(&n.len()) && e.last()? % 2 == 1 && e != [1];
        is_sane.then(|| RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok())?
    }

    fn p256(&self) -> Option<ParsedPublicKey> {
        let (x, y) = (decoded(self.x.as_ref())?, decoded(self.y.as_ref())?);
        let point = [&[UNCOMPRESSED_POINT][..], &x, &y].concat();
        if x.len() == 32 { ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok() } else { None }
    }

    fn ed25519(&self) -> Option<ParsedPublicKey> {
        let x = decoded(self.x.as_ref())?;
        if x.len() == 32 { ParsedPublicKey::new(&ED25519, x).ok() } else { None }
    }
}

fn decoded(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}
