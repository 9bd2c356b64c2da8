//! Whether a delivery comes from Flowglad, and is not an old one sent again.
//!
//! Flowglad signs with Svix: HMAC-SHA256 over the delivery's id, the time in seconds and the raw body, with dots between
//! them. It is own code, as the verifiers on the registry either bring an HTTP client or leave out a limit that is needed
//! here; the hash and the comparison in constant time are those of the crates `hmac` and `sha2`.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::Mac as _;

use crate::{clock::Clock, input::Headers, model::Timestamp, webhook::secret::WebhookSecrets};

/// How long ago a delivery may have been signed, in seconds. A retry is signed anew.
const MAX_AGE: i64 = 300;
/// How far ahead the sender's clock may be, in seconds.
const MAX_AHEAD: i64 = 60;
const MAX_ID_LENGTH: usize = 256;
const SIGNATURE_LENGTH: usize = 32;
/// The id, the time and the signature: Svix's own names, then those of the Standard Webhooks.
const FAMILIES: [[&str; 3]; 2] =
    [["svix-id", "svix-timestamp", "svix-signature"], ["webhook-id", "webhook-timestamp", "webhook-signature"]];

/// Why a delivery is not verified. It shows nothing of the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotVerified {
    /// A header is missing.
    #[error("the header {0} is missing")]
    MissingHeader(&'static str),
    /// A header is not of its form.
    #[error("the header {0} is malformed")]
    MalformedHeader(&'static str),
    /// It was signed more than 300 seconds ago.
    #[error("it was signed more than {MAX_AGE} seconds ago: check the clock of this server")]
    TooOld,
    /// It was signed more than 60 seconds in the future.
    #[error("it was signed more than {MAX_AHEAD} seconds in the future: check the clock of this server")]
    TooNew,
    /// No signature is that of one of the secrets. Another secret, or a body that was changed on the way, for example by a
    /// layer that parses JSON.
    #[error("no signature matches: check that the secret is that of the webhook, and that the body is the raw one")]
    WrongSignature,
}

/// A delivery that Flowglad has signed. Only [`WebhookSecrets::verify`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedDelivery {
    id: Box<str>,
    sent_at: Timestamp,
    body: Bytes,
}

impl VerifiedDelivery {
    /// The delivery's id (`msg_…`): the same when it is sent again, and at every endpoint that gets the event.
    #[must_use]
    pub fn delivery_id(&self) -> &str {
        &self.id
    }

    /// When it was signed, to the second. A delivery that is sent again has a new time.
    #[must_use]
    pub fn sent_at(&self) -> Timestamp {
        self.sent_at
    }

    /// The body, byte for byte. [`event`](Self::event) decodes it.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// Shows no body, which names a customer.
impl fmt::Debug for VerifiedDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedDelivery")
            .field("delivery_id", &self.id)
            .field("sent_at", &self.sent_at)
            .field("body", &self.body.len())
            .finish()
    }
}

impl WebhookSecrets {
    /// Verifies a delivery by its headers and its raw body. It may be 300 seconds old, and 60 seconds ahead.
    ///
    /// # Errors
    /// [`NotVerified`] says what is wrong with it.
    ///
    /// # Examples
    /// ```
    /// use flowglad_core::{adapter::Headers, clock::SystemClock, webhook::{NotVerified, WebhookSecrets}};
    ///
    /// struct NoHeaders;
    ///
    /// impl Headers for NoHeaders {
    ///     fn header(&self, _: &str) -> Option<&str> {
    ///         None
    ///     }
    /// }
    ///
    /// let secrets: WebhookSecrets = "whsec_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXMh".parse()?;
    /// let refused = secrets.verify(&NoHeaders, "{}".into(), &SystemClock).unwrap_err();
    /// assert_eq!(refused, NotVerified::MissingHeader("svix-id"));
    /// # Ok::<_, flowglad_core::InvalidInput>(())
    /// ```
    pub fn verify(
        &self,
        headers: &(impl Headers + ?Sized),
        body: Bytes,
        clock: &dyn Clock,
    ) -> Result<VerifiedDelivery, NotVerified> {
        let signed = Signed::read(headers)?;
        signed.check_time(clock.date())?;
        if self.have_signed(&signed, &body) {
            let sent_at = Timestamp::from_millis(signed.seconds.saturating_mul(1000));
            Ok(VerifiedDelivery { id: signed.id.into(), sent_at, body })
        } else {
            Err(NotVerified::WrongSignature)
        }
    }

    fn have_signed(&self, signed: &Signed<'_>, body: &[u8]) -> bool {
        self.iter().any(|secret| {
            let mut hash = secret.begin();
            for part in [signed.id.as_bytes(), b".", signed.time.as_bytes(), b".", body] {
                hash.update(part);
            }
            signed.signatures().any(|signature| hash.clone().verify_slice(&signature).is_ok())
        })
    }
}

/// The headers of a delivery.
struct Signed<'a> {
    id: &'a str,
    time: &'a str,
    seconds: i64,
    signatures: &'a str,
}

impl<'a> Signed<'a> {
    fn read(headers: &'a (impl Headers + ?Sized)) -> Result<Self, NotVerified> {
        let read =
            |names: [&str; 3]| Some([headers.header(names[0])?, headers.header(names[1])?, headers.header(names[2])?]);
        let found = FAMILIES.iter().find_map(|&names| Some((names, read(names)?)));
        let ([id_name, time_name, _], [id, time, signatures]) = found.ok_or_else(|| missing(headers))?;
        if !is_delivery_id(id) {
            return Err(NotVerified::MalformedHeader(id_name));
        }
        let seconds = seconds(time).ok_or(NotVerified::MalformedHeader(time_name))?;
        Ok(Self { id, time, seconds, signatures })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), NotVerified> {
        let age = now.as_millis().div_euclid(1000).saturating_sub(self.seconds);
        match age {
            MAX_AGE.. if age > MAX_AGE => Err(NotVerified::TooOld),
            _ if age < -MAX_AHEAD => Err(NotVerified::TooNew),
            _ => Ok(()),
        }
    }

    /// The signatures of the version that is known. There are several while a secret is being replaced.
    fn signatures(&self) -> impl Iterator<Item = [u8; SIGNATURE_LENGTH]> {
        self.signatures.split(' ').filter_map(|signature| {
            let text = signature.strip_prefix("v1,")?;
            STANDARD.decode(text).ok()?.try_into().ok()
        })
    }
}

/// The header that is missing from the family of which there is one; of Svix's own family, if there is none of either.
fn missing(headers: &(impl Headers + ?Sized)) -> NotVerified {
    let has_any = |names: &&[&str; 3]| names.iter().any(|name| headers.header(name).is_some());
    let family = FAMILIES.iter().find(has_any).unwrap_or(&FAMILIES[0]);
    let name = family.iter().find(|name| headers.header(name).is_none()).unwrap_or(&family[0]);
    NotVerified::MissingHeader(name)
}

/// Without a dot, since otherwise a signed text could be read as another id, time and body.
fn is_delivery_id(text: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.')
}

/// Digits as a number is written, and nothing else.
fn seconds(text: &str) -> Option<i64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}
