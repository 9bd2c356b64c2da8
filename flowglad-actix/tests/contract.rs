//! Runs the adapter contract against this adapter.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::Ipv4Addr,
};

use actix_web::{
    App, FromRequest, HttpRequest, HttpResponse, HttpServer,
    dev::Payload,
    error::{ErrorForbidden, ErrorServiceUnavailable, ErrorUnauthorized},
    http::StatusCode,
    rt::System,
    web,
};
use adapter_contract::{
    ME, MOUNT, SESSION_HEADER, Session,
    gated::{self, ExportCsv},
    metered::{self, WORK_HEADER},
    session::User,
    sign_in::SignInRoutes,
    webhook::{self, WebhookRoutes},
};
use flowglad_actix::flowglad_core::{InvalidCustomer, RequestingCustomer, action::RequestHandler, gate};
use flowglad_actix::{
    CurrentBilling, Customer, Entitled, Mount, Refusal, ReturnedCheckout, UsageCounter, VerifiedWebhook, from_extractor,
};
use futures_util::StreamExt as _;
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

async fn customer(Customer(me): Customer) -> String {
    gated::customer(&me)
}

async fn billing(CurrentBilling(billing): CurrentBilling) -> String {
    gated::seen(&billing)
}

async fn entitled(entitled: Entitled<ExportCsv>) -> String {
    gated::seen(entitled.billing())
}

async fn everything(
    Customer(me): Customer,
    CurrentBilling(billing): CurrentBilling,
    entitled: Entitled<ExportCsv>,
    CurrentBilling(again): CurrentBilling,
    _: Customer,
    _: Entitled<ExportCsv>,
) -> String {
    gated::all(&me, &[&billing, &again, entitled.billing()])
}

async fn own_answer(entitled: Result<Entitled<ExportCsv>, Refusal>) -> String {
    match entitled {
        Ok(entitled) => gated::seen(entitled.billing()),
        Err(refusal) => gated::own_answer(refusal.status(), refusal.code()),
    }
}

async fn in_handler(CurrentBilling(billing): CurrentBilling) -> Result<String, Refusal> {
    billing.require(gated::many_calls())?;
    Ok(gated::seen(&billing))
}

async fn returned(ReturnedCheckout(checkout): ReturnedCheckout) -> &'static str {
    checkout.state.as_str()
}

/// The gated routes, which all test apps have.
fn gated_routes(app: &mut web::ServiceConfig, billing: &Mount) {
    let nested = web::resource(gated::NESTED).get(customer).wrap(billing.gate(gated::feature()));
    app.service(web::resource(gated::EVERYTHING).get(everything).wrap(billing.gate(gated::feature())))
        .route(gated::ENTITLED, web::get().to(entitled))
        .route(gated::OWN_ANSWER, web::get().to(own_answer))
        .route(gated::BILLING, web::get().to(self::billing))
        .route(gated::IN_HANDLER, web::get().to(in_handler))
        .route(gated::RETURNED, web::get().to(returned))
        .service(web::resource("/{site}/gated-page").get(customer).wrap(billing.gate(gated::page())))
        .route(gated::PORTAL, billing.portal());
    for (path, gate) in gated::gates() {
        app.service(web::resource(path).get(customer).post(customer).wrap(billing.gate(gate)));
    }
    app.service(nested.wrap(billing.gate(gate::paid_plan())));
}

fn work_of(request: &HttpRequest) -> Option<&str> {
    request.headers().get(WORK_HEADER).map(|header| header.to_str().unwrap())
}

async fn work(_: Customer, _: UsageCounter, request: HttpRequest) -> (&'static str, StatusCode) {
    let status = metered::work(work_of(&request)).await;
    (metered::DONE, StatusCode::from_u16(status).unwrap())
}

async fn counted(UsageCounter(counter): UsageCounter) -> &'static str {
    counter.add(7);
    metered::DONE
}

async fn streamed(UsageCounter(counter): UsageCounter, request: HttpRequest) -> HttpResponse {
    let chunks = metered::streamed(work_of(&request).unwrap(), counter);
    HttpResponse::Ok().streaming(chunks.map(Ok::<_, Infallible>))
}

/// The metered routes, which all test apps have.
fn metered_routes(app: &mut web::ServiceConfig, billing: &Mount) {
    app.service(web::resource(metered::COUNTED).post(counted).wrap(billing.meter(metered::counted())));
    for (path, meter) in metered::meters() {
        app.service(web::resource(path).post(work).wrap(billing.meter(meter)));
    }
    for (path, meter) in metered::streams() {
        app.service(web::resource(path).post(streamed).wrap(billing.meter(meter)));
    }
}

async fn start(handler: RequestHandler) -> String {
    let billing = Mount::new(handler, from_extractor::<SignedIn>());
    serve(move |app| {
        app.app_data(billing.clone())
            .service(billing.scope(MOUNT))
            .route(ME, web::get().to(me))
            .configure(|app| gated_routes(app, &billing))
            .configure(|app| metered_routes(app, &billing))
            .route("/{page:.*}", web::get().to(async || "the app"));
    })
    .await
}

/// An app whose users a provider signs in.
async fn start_sign_in(SignInRoutes { handler, sign_in }: SignInRoutes) -> String {
    let billing = Mount::new(handler, sign_in);
    serve(move |app| {
        app.app_data(billing.clone()).service(billing.scope(MOUNT)).route(ME, web::get().to(me));
    })
    .await
}

async fn verified(VerifiedWebhook(delivery): VerifiedWebhook) -> Vec<u8> {
    webhook::seen(&delivery)
}

async fn own_webhook_answer(delivery: Result<VerifiedWebhook, Refusal>) -> Vec<u8> {
    match delivery {
        Ok(VerifiedWebhook(delivery)) => webhook::seen(&delivery),
        Err(refusal) => gated::own_answer(refusal.status(), refusal.code()).into(),
    }
}

/// An app with the webhook routes.
async fn start_webhooks(routes: WebhookRoutes) -> String {
    serve(move |app| {
        app.route(webhook::VERIFIED, web::post().to(verified));
        app.route(webhook::OWN_ANSWER, web::post().to(own_webhook_answer));
        for (path, receiver) in routes.receivers.clone() {
            app.route(path, flowglad_actix::webhook(receiver));
        }
        if let Some(verifier) = routes.verifier.clone() {
            app.app_data(verifier);
        }
    })
    .await
}

/// actix runs on threads of its own, which end with the test's process.
async fn serve(routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> String {
    let (listening, address) = oneshot::channel();
    std::thread::spawn(move || {
        let app = move || App::new().configure(&routes);
        System::new().block_on(async move {
            let server = HttpServer::new(app).workers(1).disable_signals().bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            listening.send(server.addrs()[0]).unwrap();
            server.run().await
        })
    });
    format!("http://{}", address.await.unwrap())
}

adapter_contract::adapter_contract!(start);
adapter_contract::gate_contract!(start);
adapter_contract::meter_contract!(start);
adapter_contract::webhook_contract!(start_webhooks);
adapter_contract::sign_in_contract!(start_sign_in);
