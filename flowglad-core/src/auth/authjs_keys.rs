//! The keys that Auth.js and `NextAuth` make of the app's secret.

use aws_lc_rs::{
    digest::{SHA256, SHA512, digest},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::auth::{
    jwe::{ContentKey, Encryption, Jwe},
    refusal::Refusal,
};

const VERSION_4: &str = "NextAuth.js Generated Encryption Key";

/// The keys of the app's secrets for the cookies of one name.
#[derive(Debug)]
pub(super) struct CookieKeys {
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    key: ContentKey,
    /// What a token calls it. Version 4 has no word for its key.
    id: Option<String>,
}

impl CookieKeys {
    /// The cookie's name is part of the keys of version 5, so that no other cookie of Auth.js passes for a session.
    pub(super) fn derive(cookie: &str, secrets: &[impl AsRef<str>]) -> Result<Self, Unspecified> {
        let mut keys = Vec::new();
        for secret in secrets {
            let secret = secret.as_ref().as_bytes();
            let info = format!("Auth.js Generated Encryption Key ({cookie})");
            for encryption in Encryption::ALL {
                let bytes = hkdf(secret, cookie, &info, encryption.key_length())?;
                keys.push(Key { key: ContentKey::new(encryption, &bytes)?, id: Some(thumbprint(encryption, &bytes)) });
            }
            let bytes = hkdf(secret, "", VERSION_4, Encryption::Gcm.key_length())?;
            keys.push(Key { key: ContentKey::new(Encryption::Gcm, &bytes)?, id: None });
        }
        Ok(Self { keys })
    }

    /// The content of a token. One that names its key is opened by that key only.
    pub(super) fn open(&self, token: &Jwe<'_>) -> Result<Vec<u8>, Refusal> {
        let named = token.key_id();
        let fits = |key: &&Key| {
            key.key.encryption() == token.encryption() && named.is_none_or(|name| key.id.as_deref() == Some(name))
        };
        let mut refusal =
            Refusal("the token is encrypted with a key that is none of the app's: is it the same secret?");
        for Key { key, .. } in self.keys.iter().filter(fits) {
            match token.open(key) {
                Ok(content) => return Ok(content),
                Err(not_opened) => refusal = not_opened,
            }
        }
        Err(refusal)
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn hkdf(secret: &[u8], salt: &str, info: &str, length: usize) -> Result<Vec<u8>, Unspecified> {
    let mut bytes = vec![0; length];
    let extracted = Salt::new(HKDF_SHA256, salt.as_bytes()).extract(secret);
    extracted.expand(&[info.as_bytes()], Length(length))?.fill(&mut bytes)?;
    Ok(bytes)
}

/// The name that Auth.js gives to a key: the hash of the key as a JWK, as long as the key (RFC 7638).
fn thumbprint(encryption: Encryption, key: &[u8]) -> String {
    let algorithm = match encryption {
        Encryption::CbcHmac => &SHA512,
        Encryption::Gcm => &SHA256,
    };
    let jwk = format!(r#"{{"k":"{}","kty":"oct"}}"#, URL_SAFE_NO_PAD.encode(key));
    URL_SAFE_NO_PAD.encode(digest(algorithm, jwk.as_bytes()))
}
