//! Signs deliveries with the scheme of Svix, as the real API does.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

const SECRET_PREFIX: &str = "whsec_";

/// A secret as the API shows it.
pub(crate) fn encode_secret(bytes: [u8; 24]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))
}

/// Whether deliveries can be signed with a secret.
pub(crate) fn is_secret(text: &str) -> bool {
    key_of(text).is_some_and(|key| !key.is_empty())
}

fn key_of(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()
}

/// The signature by one secret; none if the secret is invalid.
fn sign(secret: &str, message_id: &str, timestamp: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key_of(secret)?).ok()?;
    mac.update(format!("{message_id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// The value of `svix-signature` by several secrets: one signature for each, separated by spaces.
pub(crate) fn sign_with_all<'a>(
    secrets: impl Iterator<Item = &'a str>,
    message_id: &str,
    timestamp: i64,
    body: &str,
) -> String {
    let signatures: Vec<String> = secrets.filter_map(|secret| sign(secret, message_id, timestamp, body)).collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_id_time_and_body() {
        // Computed with Python's hmac module.
        let secret = encode_secret(*b"twenty-four bytes of key");
        assert_eq!(secret, "whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5");
        let signature = sign(&secret, "msg_1", 1_767_225_600, "{\"id\":\"é\"}").unwrap();
        assert_eq!(signature, "v1,qyq7q00LdVQQkbdx2IEbvzvgnJN3B3vNv9bLatcLGpE=");
    }

    #[test]
    fn a_secret_that_is_none_signs_nothing() {
        assert_eq!(sign("c2VjcmV0", "msg_1", 1, ""), None);
        assert_eq!(sign("whsec_%", "msg_1", 1, ""), None);
    }

    #[test]
    fn the_delivery_that_the_platform_description_shows_verifies() {
        const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/spec/examples");
        let read = |name: &str| -> Value {
            let file = format!("{EXAMPLES}/{name}.json");
            let json = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
            serde_json::from_str(&json).unwrap()
        };
        let (delivery, created) = (read("webhook-delivery"), read("webhook-create"));
        let header = |name: &str| delivery["headers"][name].as_str().unwrap();
        let timestamp = header("svix-timestamp").parse().unwrap();
        let body = delivery["rawBody"].as_str().unwrap();
        let signature = sign(created["secret"].as_str().unwrap(), header("svix-id"), timestamp, body);
        assert_eq!(signature.as_deref(), Some(header("svix-signature")));
    }
}
