//! Deliveries as a sender makes them, without the code under test.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use flowglad_core::{
    adapter::Headers,
    clock::ManualClock,
    model::Timestamp,
    webhook::{NotVerified, VerifiedDelivery, WebhookSecrets},
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// When the deliveries of these tests are signed, in seconds.
pub(crate) const NOW: i64 = 1_767_312_000;

/// Headers as they came, in their order.
#[derive(Clone, Debug)]
pub(crate) struct Sent(pub(crate) Vec<(String, String)>);

/// As the adapters do it: the first value of a name, and no text for what is none.
impl Headers for Sent {
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        let is_text = value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
        Some(if is_text { value } else { "" })
    }
}

/// A secret as Flowglad shows it.
pub(crate) fn secret(key: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(key))
}

/// One signature with its version.
pub(crate) fn signature(key: &[u8], id: &str, time: &str, body: &[u8]) -> String {
    let mut hash = Hmac::<Sha256>::new_from_slice(key).unwrap();
    hash.update(&[format!("{id}.{time}.").as_bytes(), body].concat());
    format!("v1,{}", STANDARD.encode(hash.finalize().into_bytes()))
}

/// The headers of Svix.
pub(crate) fn headers(id: &str, time: &str, signature: &str) -> Sent {
    let named = [("svix-id", id), ("svix-timestamp", time), ("svix-signature", signature)];
    Sent(named.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}

/// Verifies at a time in seconds.
pub(crate) fn verify_at(
    seconds: i64,
    secrets: &WebhookSecrets,
    sent: &Sent,
    body: impl Into<Bytes>,
) -> Result<VerifiedDelivery, NotVerified> {
    let clock = ManualClock::at(Timestamp::from_millis(seconds * 1_000));
    secrets.verify(sent, body.into(), &clock)
}
