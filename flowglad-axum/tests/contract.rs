//! Runs the adapter contract against this adapter.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::convert::Infallible;

use adapter_contract::{
    ME, MOUNT, SESSION_HEADER, Session,
    gated::{self, ExportCsv},
    metered::{self, WORK_HEADER},
    session::User,
    sign_in::SignInRoutes,
    webhook::{self, WebhookRoutes},
};
use axum::{
    Extension, Router,
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
    routing::{get, post},
};
use flowglad_axum::flowglad_core::{InvalidCustomer, RequestingCustomer, action::RequestHandler, gate};
use flowglad_axum::{
    CurrentBilling, Customer, Entitled, Mount, Refusal, ReturnedCheckout, UsageCounter, VerifiedWebhook, from_extractor,
};
use futures_util::StreamExt as _;
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
fn gated_routes(billing: &Mount) -> Router {
    let mut routes = Router::new()
        .route(gated::EVERYTHING, get(everything).route_layer(billing.gate(gated::feature())))
        .route(gated::ENTITLED, get(entitled))
        .route(gated::OWN_ANSWER, get(own_answer))
        .route(gated::BILLING, get(self::billing))
        .route(gated::IN_HANDLER, get(in_handler))
        .route(gated::RETURNED, get(returned))
        .route("/{site}/gated-page", get(customer).route_layer(billing.gate(gated::page())))
        .route(gated::PORTAL, billing.portal());
    let nested = Router::new().route(gated::NESTED, get(customer).route_layer(billing.gate(gated::feature())));
    routes = routes.merge(nested.route_layer(billing.gate(gate::paid_plan())));
    for (path, gate) in gated::gates() {
        routes = routes.route(path, get(customer).post(customer).route_layer(billing.gate(gate)));
    }
    routes
}

fn work_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(WORK_HEADER).map(|header| header.to_str().unwrap())
}

async fn work(_: Customer, _: UsageCounter, headers: HeaderMap) -> (StatusCode, &'static str) {
    let status = metered::work(work_of(&headers)).await;
    (StatusCode::from_u16(status).unwrap(), metered::DONE)
}

async fn counted(UsageCounter(counter): UsageCounter) -> &'static str {
    counter.add(7);
    metered::DONE
}

async fn streamed(UsageCounter(counter): UsageCounter, headers: HeaderMap) -> Body {
    Body::from_stream(metered::streamed(work_of(&headers).unwrap(), counter).map(Ok::<_, Infallible>))
}

/// The metered routes, which all test apps have.
fn metered_routes(billing: &Mount) -> Router {
    let mut routes = Router::new().route(metered::COUNTED, post(counted).layer(billing.meter(metered::counted())));
    for (path, meter) in metered::meters() {
        routes = routes.route(path, post(work).route_layer(billing.meter(meter)));
    }
    for (path, meter) in metered::streams() {
        routes = routes.route(path, post(streamed).route_layer(billing.meter(meter)));
    }
    routes
}

async fn start(handler: RequestHandler) -> String {
    let billing = Mount::new(handler, from_extractor::<SignedIn>());
    let app: Router = Router::new()
        .route(ME, get(me))
        .merge(gated_routes(&billing))
        .merge(metered_routes(&billing))
        .fallback(get(|| async { "the app" }))
        .nest_service(MOUNT, billing.service())
        .layer(billing.layer());
    serve(app).await
}

/// An app whose users a provider signs in.
async fn start_sign_in(SignInRoutes { handler, sign_in }: SignInRoutes) -> String {
    let billing = Mount::new(handler, sign_in);
    serve(Router::new().route(ME, get(me)).nest_service(MOUNT, billing.service()).layer(billing.layer())).await
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
    let mut app =
        Router::new().route(webhook::VERIFIED, post(verified)).route(webhook::OWN_ANSWER, post(own_webhook_answer));
    for (path, receiver) in routes.receivers {
        app = app.route(path, flowglad_axum::webhook(receiver));
    }
    if let Some(verifier) = routes.verifier {
        app = app.layer(Extension(verifier));
    }
    serve(app).await
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    base_url
}

adapter_contract::adapter_contract!(start);
adapter_contract::gate_contract!(start);
adapter_contract::meter_contract!(start);
adapter_contract::webhook_contract!(start_webhooks);
adapter_contract::sign_in_contract!(start_sign_in);
adapter_contract::fleet_contract!(start, start_webhooks);
