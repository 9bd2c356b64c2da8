//! A second reader of deliveries, which decides on its own what is signed and what is an event.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowglad_core::adapter::Headers;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::json_reader::Json;

/// When the deliveries arrive, in seconds.
pub const NOW: i64 = 1_767_312_000;

/// The key of the deliveries in the corpus.
pub const KEY: &[u8; 24] = b"sandbox-secret-24-bytes!";

/// A delivery as it arrives.
#[derive(Clone, Debug)]
pub struct Delivery {
    headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl Headers for Delivery {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

impl Delivery {
    /// Reads lines of headers, an empty line, and a body.
    #[must_use]
    pub fn read(input: &[u8]) -> Self {
        let end = input.windows(2).position(|bytes| bytes == b"\n\n").unwrap_or(input.len());
        let lines = input[..end].split(|byte| *byte == b'\n');
        let headers = lines.map(|line| {
            let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
            let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
            let value = line.get(colon + 1..).unwrap_or_default().trim_ascii();
            // As the adapters do it: what is no text is the empty text.
            let is_text = value.iter().all(|byte| *byte == b'\t' || (b' '..=b'~').contains(byte));
            (name, if is_text { String::from_utf8_lossy(value).into_owned() } else { String::new() })
        });
        Self { headers: headers.collect(), body: input.get(end + 2..).unwrap_or_default().to_vec() }
    }

    /// The same body, signed now with an id of Svix.
    #[must_use]
    pub fn signed(&self) -> Self {
        let (id, time) = ("msg_signed".to_owned(), NOW.to_string());
        let signature = signature(&id, &time, &self.body);
        let headers = [("svix-id", id), ("svix-timestamp", time), ("svix-signature", signature)];
        Self { headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(), body: self.body.clone() }
    }

    /// Whether it is signed, by the three headers of one family.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let family = |family: &str| {
            let header = |part: &str| self.header(&format!("{family}-{part}"));
            Some((header("id")?, header("timestamp")?, header("signature")?))
        };
        let Some((id, time, signatures)) = family("svix").or_else(|| family("webhook")) else { return false };
        let is_id =
            (1..=256).contains(&id.len()) && id.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'.');
        let is_now = time
            .parse::<i64>()
            .is_ok_and(|seconds| seconds.to_string() == time && (NOW - 300..=NOW + 60).contains(&seconds));
        let right = signature(id, time, &self.body);
        is_id && is_now && signatures.split(' ').any(|signature| signature == right)
    }

    /// What its body says, if it is an event beyond doubt: the kind of its object, and its id.
    #[must_use]
    pub fn event(&self) -> Option<(String, String)> {
        let json: Json = serde_json::from_slice(&self.body).ok()?;
        let text = |key: &str| match json.only(key) {
            Some(Json::Text(text)) => Some(text.clone()),
            _ => None,
        };
        Some((text("object")?, text("id")?))
    }
}

fn signature(id: &str, time: &str, body: &[u8]) -> String {
    let mut hash = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    hash.update(&[format!("{id}.{time}.").as_bytes(), body].concat());
    format!("v1,{}", STANDARD.encode(hash.finalize().into_bytes()))
}
