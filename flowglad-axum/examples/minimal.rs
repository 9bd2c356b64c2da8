//! The smallest axum app with Flowglad billing, on a sandbox of its own. `cargo run -p flowglad-axum --example minimal`, then:
//! `curl -X POST -H 'x-user: ada' http://127.0.0.1:3000/api/flowglad/customers/billing`

use axum::{Router, extract::FromRequestParts, http::StatusCode, http::request::Parts};
use flowglad_axum::{Mount, from_extractor};
use flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer};
use flowglad_sandbox::Sandbox;

/// The signed-in user. A header stands for the session here; anyone can forge it, so a real app reads its session.
struct User(String);

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

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?; // or `Flowglad::from_env()?` for a real account
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    let billing = Mount::new(flowglad, from_extractor::<User>());
    let app = Router::new().nest_service("/api/flowglad", billing.service());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}
