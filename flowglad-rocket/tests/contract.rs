//! Runs the adapter contract against this adapter.

#![expect(clippy::unwrap_used, reason = "test code")]
#![expect(clippy::needless_pass_by_value, reason = "handlers take their guards by value")]

use std::{convert::Infallible, net::Ipv4Addr, sync::Mutex};

use adapter_contract::{
    MOUNT, SESSION_HEADER, Session,
    gated::{self, ExportCsv},
    metered::{self, WORK_HEADER},
    session::User,
    sign_in::SignInRoutes,
    webhook::{self, WebhookRoutes},
};
use bytes::Bytes;
use flowglad_rocket::flowglad_core::{InvalidCustomer, RequestingCustomer, action::RequestHandler, gate};
use flowglad_rocket::{
    CurrentBilling, Customer, Entitled, Mount, Refusal, ReturnedCheckout, UsageCounter, VerifiedWebhook, catchers,
    from_guard,
};
use futures_util::Stream;
use rocket::{
    Build, Config, Request, Rocket,
    config::{LogLevel, Shutdown},
    fairing::AdHoc,
    http::Status,
    request::{FromRequest, Outcome},
    response::stream::ByteStream,
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

#[rocket::get("/")]
fn customer(me: Customer) -> String {
    gated::customer(&me.0)
}

#[rocket::post("/")]
fn customer_by_post(me: Customer) -> String {
    gated::customer(&me.0)
}

#[rocket::get("/")]
fn billing(billing: CurrentBilling) -> String {
    gated::seen(&billing.0)
}

#[rocket::get("/")]
fn entitled(entitled: Entitled<ExportCsv>) -> String {
    gated::seen(entitled.billing())
}

#[rocket::get("/")]
fn everything(
    me: Customer,
    billing: CurrentBilling,
    entitled: Entitled<ExportCsv>,
    again: CurrentBilling,
    _second: Customer,
    _third: Entitled<ExportCsv>,
) -> String {
    gated::all(&me.0, &[&billing.0, &again.0, entitled.billing()])
}

#[rocket::get("/")]
fn own_answer(entitled: Result<Entitled<ExportCsv>, Refusal>) -> String {
    match entitled {
        Ok(entitled) => gated::seen(entitled.billing()),
        Err(refusal) => gated::own_answer(refusal.status(), refusal.code()),
    }
}

#[rocket::get("/")]
fn in_handler(billing: CurrentBilling) -> Result<String, Refusal> {
    billing.0.require(gated::many_calls())?;
    Ok(gated::seen(&billing.0))
}

#[rocket::get("/")]
fn returned(checkout: ReturnedCheckout) -> &'static str {
    checkout.0.state.as_str()
}

#[rocket::get("/<_>/gated-page")]
fn gated_page(me: Customer) -> String {
    gated::customer(&me.0)
}

/// The gated routes, which all test apps have.
fn gated_routes(rocket: Rocket<Build>, mount: &Mount) -> Rocket<Build> {
    let nested = mount.gate(gated::feature()).routes(rocket::routes![customer]);
    let rocket = rocket
        .mount(gated::EVERYTHING, mount.gate(gated::feature()).routes(rocket::routes![everything]))
        .mount(gated::ENTITLED, rocket::routes![entitled])
        .mount(gated::OWN_ANSWER, rocket::routes![own_answer])
        .mount(gated::BILLING, rocket::routes![billing])
        .mount(gated::IN_HANDLER, rocket::routes![in_handler])
        .mount(gated::RETURNED, rocket::routes![returned])
        .mount("/", mount.gate(gated::page()).routes(rocket::routes![gated_page]))
        .mount(gated::PORTAL, mount.portal())
        .mount(gated::NESTED, mount.gate(gate::paid_plan()).routes(nested));
    gated::gates().into_iter().fold(rocket, |rocket, (path, gate)| {
        rocket.mount(path, mount.gate(gate).routes(rocket::routes![customer, customer_by_post]))
    })
}

/// What the handler of a metered route is to do.
struct Work(Option<String>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Work {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self(request.headers().get_one(WORK_HEADER).map(str::to_owned)))
    }
}

#[rocket::post("/")]
async fn work(_me: Customer, _counter: UsageCounter, work: Work) -> (Status, &'static str) {
    (Status::new(metered::work(work.0.as_deref()).await), metered::DONE)
}

#[rocket::post("/")]
fn counted(counter: UsageCounter) -> &'static str {
    counter.0.add(7);
    metered::DONE
}

#[rocket::post("/")]
fn streamed(counter: UsageCounter, work: Work) -> ByteStream<impl Stream<Item = Bytes>> {
    ByteStream(metered::streamed(&work.0.unwrap(), counter.0))
}

/// The metered routes, which all test apps have.
fn metered_routes(mut rocket: Rocket<Build>, mount: &Mount) -> Rocket<Build> {
    rocket = rocket.mount(metered::COUNTED, mount.meter(metered::counted()).routes(rocket::routes![counted]));
    for (path, meter) in metered::meters() {
        rocket = rocket.mount(path, mount.meter(meter).routes(rocket::routes![work]));
    }
    for (path, meter) in metered::streams() {
        rocket = rocket.mount(path, mount.meter(meter).routes(rocket::routes![streamed]));
    }
    rocket
}

#[rocket::get("/<_..>", rank = 20)]
fn page() -> &'static str {
    "the app"
}

async fn start(handler: RequestHandler) -> String {
    let billing = Mount::new(handler, from_guard::<SignedIn>());
    let rocket = metered_routes(gated_routes(rocket(), &billing), &billing)
        .mount(MOUNT, billing.routes())
        .manage(billing)
        .register("/", catchers())
        .mount("/", rocket::routes![me, page]);
    serve(rocket).await
}

/// An app whose users a provider signs in.
async fn start_sign_in(SignInRoutes { handler, sign_in }: SignInRoutes) -> String {
    let billing = Mount::new(handler, sign_in);
    let rocket = rocket().mount(MOUNT, billing.routes()).manage(billing).register("/", catchers());
    serve(rocket.mount("/", rocket::routes![me])).await
}

#[rocket::post("/", data = "<webhook>")]
fn verified(webhook: VerifiedWebhook) -> Vec<u8> {
    webhook::seen(&webhook.0)
}

#[rocket::post("/", data = "<webhook>")]
fn own_webhook_answer(webhook: Result<VerifiedWebhook, Refusal>) -> Vec<u8> {
    match webhook {
        Ok(VerifiedWebhook(delivery)) => webhook::seen(&delivery),
        Err(refusal) => gated::own_answer(refusal.status(), refusal.code()).into(),
    }
}

/// An app with the webhook routes.
async fn start_webhooks(routes: WebhookRoutes) -> String {
    let mut rocket = rocket()
        .mount(webhook::VERIFIED, rocket::routes![verified])
        .mount(webhook::OWN_ANSWER, rocket::routes![own_webhook_answer])
        .register("/", catchers());
    for (path, receiver) in routes.receivers {
        rocket = rocket.mount(path, flowglad_rocket::webhook(receiver));
    }
    if let Some(verifier) = routes.verifier {
        rocket = rocket.manage(verifier);
    }
    serve(rocket).await
}

fn rocket() -> Rocket<Build> {
    let shutdown = Shutdown { ctrlc: false, signals: [].into(), ..Shutdown::default() };
    let address = Ipv4Addr::LOCALHOST.into();
    rocket::custom(Config { port: 0, address, log_level: LogLevel::Off, shutdown, ..Config::default() })
}

async fn serve(rocket: Rocket<Build>) -> String {
    let (listening, port) = oneshot::channel();
    let listening = Mutex::new(Some(listening));
    let report_port = AdHoc::on_liftoff("report the port", move |rocket| {
        let listening = listening.lock().unwrap().take().unwrap();
        listening.send(rocket.config().port).unwrap();
        Box::pin(async {})
    });
    tokio::spawn(rocket.attach(report_port).launch());
    format!("http://127.0.0.1:{}", port.await.unwrap())
}

adapter_contract::adapter_contract!(start);
adapter_contract::gate_contract!(start);
adapter_contract::meter_contract!(start);
adapter_contract::webhook_contract!(start_webhooks);
adapter_contract::sign_in_contract!(start_sign_in);
