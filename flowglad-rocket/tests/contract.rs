//! Runs the adapter contract against this adapter.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::{net::Ipv4Addr, sync::Mutex};

use adapter_contract::{MOUNT, SESSION_HEADER, Session, session::User};
use flowglad_rocket::flowglad_core::{InvalidCustomer, RequestingCustomer, action::RequestHandler};
use flowglad_rocket::{Customer, Mount, catchers, from_guard};
use rocket::{
    Config, Request,
    config::{LogLevel, Shutdown},
    fairing::AdHoc,
    http::Status,
    request::{FromRequest, Outcome},
};
use tokio::sync::oneshot;

/// The test app's own user.
struct SignedIn(User);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for SignedIn {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Session::of(request.headers().get_one(SESSION_HEADER)) {
            Session::User(user) => Outcome::Success(Self(user)),
            Session::Anonymous => Outcome::Forward(Status::Unauthorized),
            Session::Locked => Outcome::Error((Status::Forbidden, ())),
            Session::Down => Outcome::Error((Status::ServiceUnavailable, ())),
        }
    }
}

impl TryFrom<SignedIn> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(SignedIn(user): SignedIn) -> Result<Self, InvalidCustomer> {
        user.try_into()
    }
}

#[rocket::get("/me")]
fn me(me: Customer, again: Customer) -> String {
    let (Customer(me), Customer(again)) = (me, again);
    assert_eq!(me.requesting_customer(), again.requesting_customer());
    me.requesting_customer().external_id().to_owned()
}

#[rocket::get("/<_..>", rank = 20)]
fn page() -> &'static str {
    "the app"
}

async fn start(handler: RequestHandler) -> String {
    let shutdown = Shutdown { ctrlc: false, signals: [].into(), ..Shutdown::default() };
    let config = Config {
        port: 0,
        address: Ipv4Addr::LOCALHOST.into(),
        log_level: LogLevel::Off,
        shutdown,
        ..Config::default()
    };
    let billing = Mount::new(handler, from_guard::<SignedIn>());
    let (listening, port) = oneshot::channel();
    let listening = Mutex::new(Some(listening));
    let report_port = AdHoc::on_liftoff("report the port", move |rocket| {
        let listening = listening.lock().unwrap().take().unwrap();
        listening.send(rocket.config().port).unwrap();
        Box::pin(async {})
    });
    let rocket = rocket::custom(config)
        .mount(MOUNT, billing.routes())
        .manage(billing)
        .register("/", catchers())
        .mount("/", rocket::routes![me, page])
        .attach(report_port);
    tokio::spawn(rocket.launch());
    format!("http://127.0.0.1:{}", port.await.unwrap())
}

adapter_contract::adapter_contract!(start);
