//! An app with billing, a gate and a webhook, and a test in which a month passes and a payment fails.
use std::error::Error;

use axum::{Router, extract::FromRequestParts, http::StatusCode, http::request::Parts, routing::get};
use flowglad_axum::{Mount, from_extractor, webhook};
use flowglad_core::webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets};
use flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer, billing::Standing, gate::feature};
use tokio::net::TcpListener;

struct User(String); // who is signed in: a header stands for your session here

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let name = parts.headers.get("x-user").and_then(|name| name.to_str().ok());
        name.map(|name| Self(name.to_owned())).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;
    fn try_from(User(name): User) -> Result<Self, InvalidCustomer> {
        Self::new(&name, &name, format!("{name}@example.com"))
    }
}

fn app(flowglad: Flowglad, secrets: WebhookSecrets) -> Router {
    let receiver = WebhookReceiver::new(&flowglad, secrets, async |event: WebhookEvent| eprintln!("{event:?}"));
    let mount = Mount::new(flowglad, from_extractor::<User>());
    let gate = mount.gate(feature("export_csv").counting(Standing::paid_up()));
    let export = Router::new().route("/export.csv", get(async || "month,calls\n")).route_layer(gate);
    export.nest_service("/api/flowglad", mount.service()).route("/webhooks/flowglad", webhook(receiver))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = app(Flowglad::from_env()?, WebhookSecrets::from_env()?);
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}

#[cfg(test)]
#[tokio::test]
async fn a_month_passes_and_then_a_payment_fails() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (url, sandbox) = (format!("http://{}", listener.local_addr()?), flowglad_sandbox::Sandbox::start().await?);
    let secret = sandbox.send_webhooks_to(&format!("{url}/webhooks/flowglad"))?;
    tokio::spawn(axum::serve(listener, app(sandbox.flowglad().build()?, secret.parse()?)).into_future());
    let export = || reqwest::Client::new().get(format!("{url}/export.csv")).header("x-user", "ada").send();
    sandbox.subscribe("ada", "pro_monthly")?;
    assert_eq!(export().await?.status(), StatusCode::OK);
    sandbox.advance_to_next_renewal("ada")?;
    assert_eq!((export().await?.status(), sandbox.balance("ada", "api_calls")?), (StatusCode::OK, 1000));
    sandbox.fail_payments(4);
    sandbox.advance_to_next_renewal("ada")?;
    assert_eq!(export().await?.status(), StatusCode::PAYMENT_REQUIRED); // with a link to the plans
    assert_eq!(sandbox.advance_through_dunning("ada")?, 3);
    sandbox.wait_for_webhooks().await;
    assert!(sandbox.webhook_deliveries().iter().all(|delivery| delivery.attempts[0].status == Some(204)));
    Ok(())
}
