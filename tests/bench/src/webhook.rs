//! Webhooks on one core: verifications beside a bare hash of the same bytes, and the whole way to the handler.

use std::{
    hint::black_box,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use flowglad_axum::flowglad_core::{
    Flowglad,
    adapter::Headers,
    clock::SystemClock,
    webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets},
};
use hmac::{Hmac, Mac as _};
use reqwest::header::{HeaderMap, HeaderValue};
use sha2::Sha256;

use crate::{
    Failure,
    pass_through::{Settings, commit, machine, median},
    say,
    servers::API_KEY,
};

const KEY: &[u8; 24] = b"a key of 24 bytes, yes..";

/// A body of this length, as events with some metadata have it.
const BODY_LENGTH: usize = 1_024;

/// Deliveries of one round on the whole way. Each has an id of its own, so that each is handled.
const RECEIVED: usize = 50_000;

/// How many loops run between two looks at the clock.
const AT_ONCE: u32 = 1_000;

pub(crate) fn run(settings: &Settings) -> Result<(), Failure> {
    say(&format!("{}, commit {}", machine(), commit()));
    say(&format!("\na delivery with a body of 1 KiB on one core, {} rounds, medians\n", settings.rounds));
    say("| what | per second | µs | time / bare hash |");
    say("| --- | --- | --- | --- |");
    let (mut bare, mut verified, mut received) = (Vec::new(), Vec::new(), Vec::new());
    let secrets = secrets()?;
    let delivery = Delivery::new("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // The rounds take turns, so that a machine that slows down slows all of them down.
    for _ in 0..settings.rounds {
        bare.push(microseconds(settings, || delivery.hash())?);
        verified.push(microseconds(settings, || delivery.verify(&secrets))?);
        received.push(runtime.block_on(receive_all(secrets.clone()))?);
    }
    let bare = median(bare.into_iter());
    row("bare HMAC-SHA256, compared in constant time", bare, bare);
    row("`WebhookSecrets::verify`", median(verified.into_iter()), bare);
    row(
        "`WebhookReceiver::receive`: verified, decoded, claimed in memory, handled",
        median(received.into_iter()),
        bare,
    );
    Ok(())
}

fn row(what: &str, microseconds: f64, bare: f64) {
    say(&format!("| {what} | {:.0} | {microseconds:.2} | {:.2} |", 1e6 / microseconds, microseconds / bare));
}

/// The time of one call, in microseconds.
fn microseconds(settings: &Settings, mut call: impl FnMut() -> bool) -> Result<f64, Failure> {
    let (began, mut calls) = (Instant::now(), 0_u32);
    while began.elapsed() < Duration::from_secs(settings.seconds) {
        for _ in 0..AT_ONCE {
            if !black_box(call()) {
                return Err("a delivery is refused".into());
            }
        }
        calls += AT_ONCE;
    }
    Ok(began.elapsed().as_secs_f64() * 1e6 / f64::from(calls))
}

/// The time of one delivery on the whole way, in microseconds.
async fn receive_all(secrets: WebhookSecrets) -> Result<f64, Failure> {
    let flowglad = Flowglad::builder().api_key(API_KEY).base_url("http://127.0.0.1:9").build()?;
    let receiver = WebhookReceiver::new(&flowglad, secrets, async |event: WebhookEvent| {
        black_box(event);
    });
    let deliveries: Vec<_> = (0..RECEIVED).map(|number| Delivery::new(&format!("msg_{number:027}"))).collect();
    let deliveries = deliveries.into_iter().collect::<Result<Vec<_>, _>>()?;
    let began = Instant::now();
    for delivery in &deliveries {
        let body = delivery.body.clone();
        if receiver.receive("POST", delivery, async { Ok(body) }).await.status != 204 {
            return Err("a delivery is not handled".into());
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
    Ok(began.elapsed().as_secs_f64() * 1e6 / RECEIVED as f64)
}

fn secrets() -> Result<WebhookSecrets, Failure> {
    Ok(format!("whsec_{}", STANDARD.encode(KEY)).parse()?)
}

/// A delivery that was signed now.
struct Delivery {
    headers: HeaderMap,
    body: Bytes,
    /// The hash with its key, and what it must be, for the bare hash.
    keyed: Hmac<Sha256>,
    head: String,
    expected: Vec<u8>,
}

impl Headers for Delivery {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Delivery {
    fn new(id: &str) -> Result<Self, Failure> {
        let time = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let event = r#"{"object":"payment","id":"pym_1","customer":{"id":"cust_1","externalId":"user_42"},"note":""#;
        let body = Bytes::from(format!("{event}{}\"}}", "n".repeat(BODY_LENGTH - event.len() - 2)));
        let keyed = Hmac::<Sha256>::new_from_slice(KEY).map_err(|error| error.to_string())?;
        let head = format!("{id}.{time}.");
        let expected = hash(&keyed, &head, &body).finalize().into_bytes().to_vec();
        let signature = format!("v1,{}", STANDARD.encode(&expected));
        let mut headers = HeaderMap::new();
        for (name, value) in [("svix-id", id), ("svix-timestamp", &time.to_string()), ("svix-signature", &signature)] {
            headers.insert(name, HeaderValue::from_str(value)?);
        }
        Ok(Self { headers, body, keyed, head, expected })
    }

    fn hash(&self) -> bool {
        hash(&self.keyed, &self.head, black_box(&self.body)).verify_slice(&self.expected).is_ok()
    }

    fn verify(&self, secrets: &WebhookSecrets) -> bool {
        secrets.verify(self, black_box(&self.body).clone(), &SystemClock).is_ok()
    }
}

fn hash(keyed: &Hmac<Sha256>, head: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut hash = keyed.clone();
    hash.update(head.as_bytes());
    hash.update(body);
    hash
}
