//! Runs the adapter contract against this adapter.

#![expect(clippy::unwrap_used, reason = "test code")]

use adapter_contract::{ME, MOUNT, SESSION_HEADER, Session, session::User};
use axum::{
    Router,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    routing::get,
};
use flowglad_axum::flowglad_core::{InvalidCustomer, RequestingCustomer, action::RequestHandler};
use flowglad_axum::{Customer, Mount, from_extractor};
use tokio::net::TcpListener;

/// The test app's own user.
struct SignedIn(User);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        match Session::of(parts.headers.get(SESSION_HEADER).map(|header| header.to_str().unwrap())) {
            Session::User(user) => Ok(Self(user)),
            Session::Anonymous => Err(StatusCode::UNAUTHORIZED),
            Session::Locked => Err(StatusCode::FORBIDDEN),
            Session::Down => Err(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

impl TryFrom<SignedIn> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(SignedIn(user): SignedIn) -> Result<Self, InvalidCustomer> {
        user.try_into()
    }
}

async fn me(Customer(me): Customer, Customer(again): Customer) -> String {
    assert_eq!(me.requesting_customer(), again.requesting_customer());
    me.requesting_customer().external_id().to_owned()
}

async fn start(handler: RequestHandler) -> String {
    let billing = Mount::new(handler, from_extractor::<SignedIn>());
    let app: Router = Router::new()
        .route("/{*page}", get(|| async { "the app" }))
        .route(ME, get(me))
        .nest_service(MOUNT, billing.service())
        .layer(billing.layer());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    base_url
}

adapter_contract::adapter_contract!(start);
