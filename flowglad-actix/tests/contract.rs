//! Runs the adapter contract against this adapter.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::{
    future::{Ready, ready},
    net::Ipv4Addr,
};

use actix_web::{
    App, FromRequest, HttpRequest, HttpServer,
    dev::Payload,
    error::{ErrorForbidden, ErrorServiceUnavailable, ErrorUnauthorized},
    rt::System,
    web,
};
use adapter_contract::{ME, MOUNT, SESSION_HEADER, Session, session::User};
use flowglad_actix::flowglad_core::{InvalidCustomer, RequestingCustomer, action::RequestHandler};
use flowglad_actix::{Customer, Mount, from_extractor};
use tokio::sync::oneshot;

/// The test app's own user.
struct SignedIn(User);

impl FromRequest for SignedIn {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(SESSION_HEADER).map(|header| header.to_str().unwrap());
        ready(match Session::of(header) {
            Session::User(user) => Ok(Self(user)),
            Session::Anonymous => Err(ErrorUnauthorized("sign in")),
            Session::Locked => Err(ErrorForbidden("locked")),
            Session::Down => Err(ErrorServiceUnavailable("no sessions")),
        })
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

/// actix runs on threads of its own, which end with the test's process.
async fn start(handler: RequestHandler) -> String {
    let billing = Mount::new(handler, from_extractor::<SignedIn>());
    let (listening, address) = oneshot::channel();
    std::thread::spawn(move || {
        let app = move || {
            App::new()
                .app_data(billing.clone())
                .service(billing.scope(MOUNT))
                .route(ME, web::get().to(me))
                .route("/{page:.*}", web::get().to(async || "the app"))
        };
        System::new().block_on(async move {
            let server = HttpServer::new(app).workers(1).disable_signals().bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            listening.send(server.addrs()[0]).unwrap();
            server.run().await
        })
    });
    format!("http://{}", address.await.unwrap())
}

adapter_contract::adapter_contract!(start);
