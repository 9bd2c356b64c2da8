//! Webhooks: deliveries of Flowglad to the app.

use axum::{
    extract::{FromRequest, Request},
    routing::{MethodRouter, any},
};
use flowglad_core::{
    action::RequestHandler,
    adapter::read_body,
    webhook::{VerifiedDelivery, WebhookReceiver, WebhookVerifier},
};

use crate::{gate::Refusal, headers::HeaderTexts, route::into_response};

/// The route that receives Flowglad's deliveries: each is verified, and handled once.
///
/// # Examples
/// ```no_run
/// use axum::Router;
/// use flowglad_axum::{flowglad_core::{Error, Flowglad, webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets}}, webhook};
///
/// async fn handle(event: WebhookEvent) -> Result<(), Error> {
///     Ok(println!("{:?} {}", event.object, event.id))
/// }
///
/// fn app(flowglad: &Flowglad) -> Result<Router, Error> {
///     let receiver = WebhookReceiver::new(flowglad, WebhookSecrets::from_env()?, handle);
///     Ok(Router::new().route("/webhooks/flowglad", webhook(receiver)))
/// }
/// ```
pub fn webhook<S: Clone + Send + Sync + 'static>(receiver: WebhookReceiver) -> MethodRouter<S> {
    any(move |request: Request| {
        let receiver = receiver.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = read_body(body.into_data_stream(), receiver.body_limit());
            into_response(receiver.receive(parts.method.as_str(), &HeaderTexts(&parts.headers), body).await)
        }
    })
}

/// A delivery of Flowglad whose signature and time are right, as an extractor, for an app that handles deliveries once by
/// its own means. Needs `.layer(Extension(verifier))` with a [`WebhookVerifier`]. Others use [`webhook`].
///
/// Other deliveries get the same response as from the route; take a `Result<VerifiedWebhook, Refusal>` to answer yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_axum::VerifiedWebhook;
///
/// async fn take(VerifiedWebhook(delivery): VerifiedWebhook) {
///     println!("{} has {} bytes", delivery.delivery_id(), delivery.body().len());
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedWebhook(pub VerifiedDelivery);

impl<S: Sync> FromRequest<S> for VerifiedWebhook {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let found = parts.extensions.get::<WebhookVerifier>();
        let verifier = RequestHandler::mounted(found, "add the layer `Extension(WebhookVerifier)` to the router")?;
        let body = read_body(body.into_data_stream(), verifier.body_limit());
        Ok(Self(verifier.receive(&HeaderTexts(&parts.headers), body).await?))
    }
}
