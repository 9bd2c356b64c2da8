//! The signed form of a token: a header, the claims and a signature, with dots between them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::auth::{
    claims::Claims,
    refusal::Refusal,
    verification_key::{Algorithm, VerificationKey},
};

const MAX_HEADER_CHARS: usize = 2048;
const MAX_KID_BYTES: usize = 256;
/// Members of a header that say which key or which rules to use, which is not for a token to say.
const REFUSED_MEMBERS: [&str; 7] = ["crit", "zip", "jwk", "jku", "x5u", "x5c", "b64"];
/// Other types are tokens for other ends, such as signing out.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// A token of which the signature was not checked. Its claims may be looked at only to refuse it.
pub(super) struct UnverifiedToken<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    kid: Option<String>,
    claims: Claims,
}

impl<'a> UnverifiedToken<'a> {
    /// Reads a token that is within its limit of size.
    pub(super) fn parse(token: &'a str) -> Result<Self, Refusal> {
        let malformed = Refusal("the token has not the three parts of a signed one");
        let (signed, signature) = token.rsplit_once('.').ok_or(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(malformed)?;
        if header.len() > MAX_HEADER_CHARS || claims.contains('.') {
            return Err(malformed);
        }
        let header = Claims::parse(&decode(header)?).map_err(|_| Refusal("the token's header is not a JSON object"))?;
        let (algorithm, kid) = read_header(&header)?;
        let (claims, signature) = (Claims::parse(&decode(claims)?)?, decode(signature)?);
        Ok(Self { signed, signature, algorithm, kid, claims })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn unverified_claims(&self) -> &Claims {
        &self.claims
    }

    /// The claims, if the key has signed them.
    pub(super) fn verify(self, key: &VerificationKey) -> Result<Claims, Refusal> {
        if self.algorithm != key.algorithm() {
            return Err(WRONG_ALGORITHM);
        }
        if key.has_signed(self.signed.as_bytes(), &self.signature) {
            Ok(self.claims)
        } else {
            Err(Refusal("the token's signature is not that of its key"))
        }
    }
}

pub(super) const WRONG_ALGORITHM: Refusal = Refusal("the token's algorithm is not that of its key");

fn decode(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal("a part of the token is not base64url"))
}

fn read_header(header: &Claims) -> Result<(Algorithm, Option<String>), Refusal> {
    if REFUSED_MEMBERS.iter().any(|name| header.get(name).is_some()) {
        return Err(Refusal("the token's header brings a key or rules of its own"));
    }
    let is_type = |text: &str| TYPES.iter().any(|name| text.eq_ignore_ascii_case(name));
    if header.get("typ").is_some_and(|value| !value.as_str().is_some_and(is_type)) {
        return Err(Refusal("the token is of a type for another end"));
    }
    let algorithm = header.text("alg").and_then(Algorithm::named);
    let algorithm = algorithm.ok_or(Refusal("the token's algorithm is none of RS256, ES256, EdDSA and HS256"))?;
    let kid = match header.get("kid") {
        None => None,
        Some(value) => {
            let text = value.as_str().filter(|text| text.len() <= MAX_KID_BYTES);
            Some(text.ok_or(Refusal("the token's kid is not a text, or too long"))?.to_owned())
        }
    };
    Ok((algorithm, kid))
}
