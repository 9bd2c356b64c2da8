//! Webhooks: deliveries of Flowglad to the app.

use std::pin::Pin;

use actix_web::{
    FromRequest, HttpRequest, Route, dev,
    web::{self, Payload},
};
use flowglad_core::{
    action::RequestHandler,
    adapter::{ActionResponse, read_body},
    webhook::{VerifiedDelivery, WebhookReceiver, WebhookVerifier},
};

use crate::{
    gate::Refusal,
    headers::HeaderTexts,
    route::{into_response, keep_request_body},
};

/// The route that receives Flowglad's deliveries: each is verified, and handled once.
///
/// # Examples
/// ```no_run
/// use actix_web::web::ServiceConfig;
/// use flowglad_actix::{flowglad_core::{Error, Flowglad, webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets}}, webhook};
///
/// async fn handle(event: WebhookEvent) -> Result<(), Error> {
///     Ok(println!("{:?} {}", event.object, event.id))
/// }
///
/// // Made once, and cloned into each of the server's workers.
/// fn receiver(flowglad: &Flowglad) -> Result<WebhookReceiver, Error> {
///     Ok(WebhookReceiver::new(flowglad, WebhookSecrets::from_env()?, handle))
/// }
///
/// fn routes(app: &mut ServiceConfig, receiver: &WebhookReceiver) {
///     app.route("/webhooks/flowglad", webhook(receiver.clone()));
/// }
/// ```
#[must_use]
pub fn webhook(receiver: WebhookReceiver) -> Route {
    web::route().to(move |request: HttpRequest, mut body: Payload| {
        let receiver = receiver.clone();
        async move {
            let (method, headers) = (request.method().as_str(), HeaderTexts(request.headers()));
            let read = read_body(&mut body, receiver.body_limit());
            let answer = receiver.receive(method, &headers, read).await;
            keep_request_body(into_response(answer), body)
        }
    })
}

/// A delivery of Flowglad whose signature and time are right, as an extractor, for an app that handles deliveries once by
/// its own means. Needs `.app_data(verifier)` with a [`WebhookVerifier`]. Others use [`webhook`].
///
/// Other deliveries get the same response as from the route; take a `Result<VerifiedWebhook, Refusal>` to answer yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_actix::VerifiedWebhook;
///
/// async fn take(VerifiedWebhook(delivery): VerifiedWebhook) -> String {
///     format!("{} has {} bytes", delivery.delivery_id(), delivery.body().len())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedWebhook(pub VerifiedDelivery);

impl FromRequest for VerifiedWebhook {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, body: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let body = Payload::from_request(&request, body).into_inner();
        Box::pin(async move {
            let mut body = body.map_err(Refusal::of_app)?;
            let found = request.app_data::<WebhookVerifier>();
            let verifier = RequestHandler::mounted(found, "add `.app_data(WebhookVerifier)` to the app")?;
            let read = read_body(&mut body, verifier.body_limit());
            let delivery = verifier.receive(&HeaderTexts(request.headers()), read).await;
            let refuse = |answer: ActionResponse| {
                Refusal::of_core(keep_request_body(into_response(answer.clone()), body), answer.into())
            };
            delivery.map(Self).map_err(refuse)
        })
    }
}
