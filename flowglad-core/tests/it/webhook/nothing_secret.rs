//! Secrets and signatures are in no log line, no response, and nothing that is printed.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};

use adapter_contract::upstream::on;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowglad_core::{
    Flowglad,
    adapter::{ActionResponse, BodyError},
    cache::StoreError,
    webhook::{
        Claim, Claimed, DeliveryLog, MemoryDeliveryLog, WebhookEvent, WebhookReceiver, WebhookSecret, WebhookSecrets,
        WebhookVerifier,
    },
};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, ready},
};
use tracing::{Event, Metadata, Subscriber, field::Field, span};
use wiremock::{MockServer, ResponseTemplate};

use super::signed::{NOW, Sent, headers, secret, signature, verify_at};

const KEY: &[u8] = b"AAAA is in this key BBBB";
const BODY: &str = r#"{"object":"payment","id":"pym_1","customer":{"id":"cust_1","externalId":"grace@example.com"}}"#;

/// Everything that is logged, also the fields of spans.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn write(&self, field: &Field, value: &dyn Debug) {
        let _ = writeln!(self.0.lock().unwrap(), "{field}={value:?}");
    }
}

impl Subscriber for Log {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        of.target().starts_with("flowglad_core")
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut |field: &Field, value: &dyn Debug| self.write(field, value));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut |field: &Field, value: &dyn Debug| self.write(field, value));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut |field: &Field, value: &dyn Debug| self.write(field, value));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// A log of deliveries that does not work.
struct Broken;

impl DeliveryLog for Broken {
    fn claim<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        ready(Err("the database is away".into())).boxed()
    }

    fn done<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        ready(Ok(())).boxed()
    }

    fn release<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        ready(Ok(())).boxed()
    }
}

/// A delivery of now, and its signature.
fn delivery(key: &[u8], id: &str, body: &str) -> (Sent, String) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().to_string();
    let signature = signature(key, id, &now, body.as_bytes());
    (headers(id, &now, &signature), signature[3..].to_owned())
}

async fn receive(receiver: &WebhookReceiver, sent: &Sent, body: Result<&str, BodyError>) -> ActionResponse {
    let body = body.map(|body| body.to_owned().into());
    receiver.receive("POST", sent, async { body }).await
}

#[tokio::test]
async fn no_secret_no_signature_and_no_body_is_in_any_log_line_or_response() {
    let log = Log::default();
    let _kept = tracing::subscriber::set_default(log.clone());
    let server = MockServer::start().await;
    on("GET", "/payments/pym_1").respond_with(ResponseTemplate::new(404)).mount(&server).await;
    let flowglad = crate::client(&server);
    let secrets = || secret(KEY).parse::<WebhookSecrets>().unwrap();
    let failing = async |event: WebhookEvent| match &*event.id {
        "panics" => panic!("as planned"),
        "fails" => Err("the app's database is away"),
        _ => Ok(()),
    };
    let receiver = WebhookReceiver::new(&flowglad, secrets(), failing);
    let broken = WebhookReceiver::new(&flowglad, secrets(), async |_: WebhookEvent| ()).log(Broken);

    let mut hidden = vec![secret(KEY), STANDARD.encode(KEY), "AAAA is in".to_owned(), "grace@example.com".to_owned()];
    let mut shown = String::new();
    let bodies = [
        BODY.to_owned(),
        r#"{"object":"payment","id":"pym_1"}"#.to_owned(),
        BODY.replace("pym_1", "fails"),
        BODY.replace("pym_1", "panics"),
        BODY.replace(r#""payment""#, r#"["grace@example.com"]"#),
        "grace@example.com".to_owned(),
    ];
    for (number, body) in bodies.iter().enumerate() {
        for key in [KEY, b"another key, not of the app"] {
            let (sent, signature) = delivery(key, &format!("msg_{number}"), body);
            hidden.push(signature);
            for receiver in [&receiver, &receiver, &broken] {
                let _ = writeln!(shown, "{:?}", receive(receiver, &sent, Ok(body)).await);
            }
            let changed = Sent(sent.0.iter().cloned().map(|(name, value)| (name, format!("{value}x"))).collect());
            let _ = writeln!(shown, "{:?}", receive(&receiver, &changed, Ok(body)).await);
            let _ = writeln!(shown, "{:?}", receive(&receiver, &sent, Err(BodyError::Broken)).await);
        }
    }

    let logged = log.0.lock().unwrap().clone();
    for expected in
        ["no signature matches", "it panicked", "the app's database is away", "the log of webhook deliveries"]
    {
        assert!(logged.contains(expected), "{expected}: {logged}");
    }
    for text in &hidden {
        assert!(!logged.contains(text), "{text} is in the log: {logged}");
        assert!(!shown.contains(text), "{text} is in a response: {shown}");
    }
}

#[test]
fn no_secret_no_signature_and_no_body_is_printed_by_debug_or_display() {
    let one: WebhookSecret = secret(KEY).parse().unwrap();
    let secrets = WebhookSecrets::from(one.clone()).and(one.clone());
    let flowglad = Flowglad::builder().api_key("sk_test_webhook").build().unwrap();
    let verifier = WebhookVerifier::new(&flowglad, secrets.clone());
    let receiver = WebhookReceiver::new(&flowglad, secrets.clone(), async |_: WebhookEvent| ());
    let signed = signature(KEY, "msg_1", &NOW.to_string(), BODY.as_bytes());
    let sent = headers("msg_1", &NOW.to_string(), &signed);
    let delivery = verify_at(NOW, &secrets, &sent, BODY).unwrap();
    let refusal = verify_at(NOW, &secrets, &sent, "{}").unwrap_err();
    let cut: &str = &secret(KEY)[..20];
    let invalid = cut.parse::<WebhookSecret>().unwrap_err();
    let printed = format!(
        "{one:?} {secrets:?} {verifier:#?} {receiver:#?} {delivery:#?} {refusal:?} {refusal} {invalid:?} {invalid} {:?}",
        MemoryDeliveryLog::new()
    );
    for hidden in
        [&secret(KEY), &STANDARD.encode(KEY)[..12], "AAAA is in", &signed[3..], "grace@example.com", &cut[6..]]
    {
        assert!(!printed.contains(hidden), "{hidden} is in {printed}");
    }
    // Bytes as numbers would be another way to print a key.
    assert!(!printed.contains("65, 65, 65, 65"), "{printed}");
    assert!(printed.contains("WebhookSecret(…)") && printed.contains("msg_1"), "{printed}");
}
