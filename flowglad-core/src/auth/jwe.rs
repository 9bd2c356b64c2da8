//! Opening the encrypted tokens of Auth.js: JWE in its compact form, with the key itself (`dir`).
//!
//! The two encryptions are those that Auth.js writes. The work is done by aws-lc, which TLS brings already. A token is
//! authenticated before anything of its content is looked at, and the algorithm is that of the key.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    constant_time::verify_slices_are_equal,
    error::Unspecified,
    hmac,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::auth::refusal::Refusal;

/// Far more than a session needs. The servers of apps take about as much in all headers together.
const MAX_TOKEN_BYTES: usize = 32 * 1024;
const MAX_HEADER_BYTES: usize = 1024;
const AES_KEY_LENGTH: usize = 32;
const CBC_IV_LENGTH: usize = 16;
const CBC_TAG_LENGTH: usize = 32;
const GCM_IV_LENGTH: usize = 12;
const GCM_TAG_LENGTH: usize = 16;

const NOT_OPENED: Refusal = Refusal("the token is not encrypted with the app's secret, or it was changed");

/// How the content is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Encryption {
    #[serde(rename = "A256CBC-HS512")]
    CbcHmac,
    #[serde(rename = "A256GCM")]
    Gcm,
}

/// The one way in which the key is given. Others are refused by name, as `alg` is read as this type.
#[derive(Deserialize)]
enum KeyManagement {
    #[serde(rename = "dir")]
    Direct,
}

/// What a header may hold. A token that is compressed (`zip`), brings its own key, or asks for more than is known here
/// (`crit`) has another member and is refused, as is one that has a member twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "alg")]
    _key_management: KeyManagement,
    enc: Encryption,
    kid: Option<String>,
    #[serde(rename = "typ")]
    _kind: Option<String>,
}

/// A token whose form is right, and that is still closed.
pub(super) struct Jwe<'a> {
    protected: &'a str,
    header: Header,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Jwe<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refusal("the token is too long"));
        }
        let mut parts = token.split('.');
        let mut next = || parts.next();
        let (Some(protected), Some(key), Some(iv), Some(ciphertext), Some(tag), None) =
            (next(), next(), next(), next(), next(), next())
        else {
            return Err(Refusal("the token is not an encrypted one: are sessions kept in a database?"));
        };
        if !key.is_empty() {
            return Err(Refusal("the token brings a key of its own"));
        }
        let header = header(protected)?;
        let (iv, ciphertext, tag) = (decode(iv)?, decode(ciphertext)?, decode(tag)?);
        Ok(Self { protected, header, iv, ciphertext, tag })
    }

    pub(super) fn encryption(&self) -> Encryption {
        self.header.enc
    }

    pub(super) fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The content, if it was encrypted with this key and nothing of the token was changed.
    pub(super) fn open(&self, key: &ContentKey) -> Result<Vec<u8>, Refusal> {
        let opened = match &key.cipher {
            Cipher::CbcHmac(key) => self.open_cbc(key),
            Cipher::Gcm(aes) => self.open_gcm(aes),
        };
        opened.map_err(|Unspecified| NOT_OPENED)
    }

    fn open_cbc(&self, CbcHmac { mac, aes }: &CbcHmac) -> Result<Vec<u8>, Unspecified> {
        let iv: [u8; CBC_IV_LENGTH] = self.iv.as_slice().try_into().map_err(|_| Unspecified)?;
        // A shorter tag would be easier to guess.
        let tag: [u8; CBC_TAG_LENGTH] = self.tag.as_slice().try_into().map_err(|_| Unspecified)?;
        let protected_bits = (self.protected.len() as u64) * 8;
        let mut signed = hmac::Context::with_key(mac);
        for part in [self.protected.as_bytes(), &iv, &self.ciphertext, &protected_bits.to_be_bytes()] {
            signed.update(part);
        }
        verify_slices_are_equal(&signed.sign().as_ref()[..CBC_TAG_LENGTH], &tag)?;
        let mut content = self.ciphertext.clone();
        let length = aes.decrypt(&mut content, DecryptionContext::Iv128(iv.into()))?.len();
        content.truncate(length);
        Ok(content)
    }

    fn open_gcm(&self, aes: &LessSafeKey) -> Result<Vec<u8>, Unspecified> {
        let iv: [u8; GCM_IV_LENGTH] = self.iv.as_slice().try_into().map_err(|_| Unspecified)?;
        if self.tag.len() != GCM_TAG_LENGTH {
            return Err(Unspecified);
        }
        let mut content = [self.ciphertext.as_slice(), &self.tag].concat();
        let nonce = Nonce::assume_unique_for_key(iv);
        let length = aes.open_in_place(nonce, Aad::from(self.protected), &mut content)?.len();
        content.truncate(length);
        Ok(content)
    }
}

fn header(protected: &str) -> Result<Header, Refusal> {
    if protected.len() > MAX_HEADER_BYTES {
        return Err(Refusal("the token's header is too long"));
    }
    let text = decode(protected)?;
    // A record is also read from an array of its members.
    if text.first() != Some(&b'{') {
        return Err(Refusal("the token's header is not an object"));
    }
    serde_json::from_slice(&text).map_err(|_| Refusal("the token's header asks for what is not supported"))
}

fn decode(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal("a part of the token is not base64url"))
}

/// A key for one of the encryptions, ready for use. `Debug` shows nothing of it.
pub(super) struct ContentKey {
    cipher: Cipher,
}

enum Cipher {
    CbcHmac(Box<CbcHmac>),
    Gcm(LessSafeKey),
}

struct CbcHmac {
    mac: hmac::Key,
    aes: PaddedBlockDecryptingKey,
}

impl ContentKey {
    /// A key from its bytes, of which the encryption needs [as many](Encryption::key_length).
    pub(super) fn new(encryption: Encryption, bytes: &[u8]) -> Result<Self, Unspecified> {
        if bytes.len() != encryption.key_length() {
            return Err(Unspecified);
        }
        let cipher = match encryption {
            Encryption::CbcHmac => {
                let (mac, aes) = bytes.split_at(encryption.key_length() - AES_KEY_LENGTH);
                let aes = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, aes)?)?;
                Cipher::CbcHmac(Box::new(CbcHmac { mac: hmac::Key::new(hmac::HMAC_SHA512, mac), aes }))
            }
            Encryption::Gcm => Cipher::Gcm(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes)?)),
        };
        Ok(Self { cipher })
    }

    pub(super) fn encryption(&self) -> Encryption {
        match self.cipher {
            Cipher::CbcHmac(_) => Encryption::CbcHmac,
            Cipher::Gcm(_) => Encryption::Gcm,
        }
    }
}

impl Encryption {
    pub(super) const ALL: [Self; 2] = [Self::CbcHmac, Self::Gcm];

    pub(super) const fn key_length(self) -> usize {
        match self {
            // One half authenticates, the other encrypts.
            Self::CbcHmac => 2 * AES_KEY_LENGTH,
            Self::Gcm => AES_KEY_LENGTH,
        }
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContentKey").field(&self.encryption()).finish()
    }
}
