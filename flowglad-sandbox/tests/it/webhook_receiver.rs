//! An app's server that gets webhook deliveries.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowglad_sandbox::Sandbox;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::{Api, text};

/// An app's server: keeps the requests, and responds as planned, then with 200.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    planned: Arc<Mutex<VecDeque<u16>>>,
    received: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    on_request: Arc<Mutex<Option<OnRequest>>>,
}

type OnRequest = Box<dyn Fn() + Send>;

impl Receiver {
    /// Starts a server. Returns its URL.
    pub(crate) async fn start(planned: &[u16]) -> (Self, String) {
        let receiver = Self::default();
        receiver.plan(planned);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, url)
    }

    /// Plans the next responses.
    pub(crate) fn plan(&self, statuses: &[u16]) {
        self.planned.lock().unwrap().extend(statuses);
    }

    /// Calls a function before each response.
    pub(crate) fn on_request(&self, call: impl Fn() + Send + 'static) {
        *self.on_request.lock().unwrap() = Some(Box::new(call));
    }

    pub(crate) fn received(&self) -> Vec<(HeaderMap, String)> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn objects(&self) -> Vec<String> {
        self.received().iter().map(|(_, body)| text(&parsed(body)["object"])).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> StatusCode {
    receiver.received.lock().unwrap().push((headers, body));
    if let Some(call) = &*receiver.on_request.lock().unwrap() {
        call();
    }
    let planned = receiver.planned.lock().unwrap().pop_front().unwrap_or(200);
    StatusCode::from_u16(planned).unwrap()
}

pub(crate) fn parsed(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

/// A sandbox that retries a delivery so many times, without pauses.
pub(crate) async fn impatient(pauses: usize) -> Api {
    Api::of(Sandbox::builder().webhook_retries(vec![Duration::ZERO; pauses])).await
}

/// Registers a webhook. Returns the response, with the secret.
pub(crate) async fn register(api: &Api, url: &str, filter_types: &[&str]) -> Value {
    let model = api.get("/pricing-models/default").await.ok()["pricingModel"]["id"].clone();
    let webhook = json!({ "name": "App", "url": url, "filterTypes": filter_types, "pricingModelId": model });
    api.post("/webhooks", json!({ "webhook": webhook })).await.ok()
}

/// The signature that belongs to an id, a time and a body.
pub(crate) fn signature(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// Whether the signature of a request belongs to it. `family` is `svix` or `webhook`.
pub(crate) fn verifies(secret: &str, family: &str, (headers, body): &(HeaderMap, String)) -> bool {
    let header = |name: &str| headers[format!("{family}-{name}")].to_str().unwrap();
    signature(secret, header("id"), header("timestamp"), body) == header("signature")
}
