//! Webhooks: deliveries of Flowglad to the app.

use flowglad_core::{
    action::RequestHandler,
    webhook::{VerifiedDelivery, WebhookReceiver, WebhookVerifier},
};
use rocket::{
    Data, Request, Route,
    data::{self, FromData},
    route::{Handler, Outcome},
};

use crate::{
    gate::Refusal,
    headers::HeaderTexts,
    route::{METHODS, into_response, read_body},
};

/// The routes that receive Flowglad's deliveries: each is verified, and handled once.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::{flowglad_core::{Error, Flowglad, webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets}}, webhook};
/// use rocket::{Build, Rocket};
///
/// async fn handle(event: WebhookEvent) -> Result<(), Error> {
///     Ok(println!("{:?} {}", event.object, event.id))
/// }
///
/// fn app(flowglad: &Flowglad) -> Result<Rocket<Build>, Error> {
///     let receiver = WebhookReceiver::new(flowglad, WebhookSecrets::from_env()?, handle);
///     Ok(rocket::build().mount("/webhooks/flowglad", webhook(receiver)))
/// }
/// ```
#[must_use]
pub fn webhook(receiver: WebhookReceiver) -> Vec<Route> {
    let handler = Received(receiver);
    METHODS.map(|method| Route::new(method, "/", handler.clone())).into()
}

#[derive(Clone)]
struct Received(WebhookReceiver);

#[rocket::async_trait]
impl Handler for Received {
    async fn handle<'r>(&self, request: &'r Request<'_>, body: Data<'r>) -> Outcome<'r> {
        let Self(receiver) = self;
        let body = read_body(request, body, receiver.body_limit());
        let answer = receiver.receive(request.method().as_str(), &HeaderTexts(request.headers()), body).await;
        Outcome::Success(into_response(answer))
    }
}

/// A delivery of Flowglad whose signature and time are right, as a data guard, for an app that handles deliveries once by its
/// own means. Needs `.manage(verifier)` with a [`WebhookVerifier`]. Others use [`webhook`].
///
/// For other deliveries it fails with 400, 408 or 413, for the app's own catchers or, with the same JSON as from the route,
/// for [`catchers`](crate::catchers). Take a `Result<VerifiedWebhook, Refusal>` to answer yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::VerifiedWebhook;
///
/// #[rocket::post("/webhooks/flowglad", data = "<webhook>")]
/// fn take(webhook: VerifiedWebhook) {
///     println!("{} has {} bytes", webhook.0.delivery_id(), webhook.0.body().len());
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedWebhook(pub VerifiedDelivery);

#[rocket::async_trait]
impl<'r> FromData<'r> for VerifiedWebhook {
    type Error = Refusal;

    async fn from_data(request: &'r Request<'_>, body: Data<'r>) -> data::Outcome<'r, Self> {
        let taken = async {
            let found = request.rocket().state::<WebhookVerifier>();
            let verifier = RequestHandler::mounted(found, "add `.manage(WebhookVerifier)` to the rocket")?;
            let body = read_body(request, body, verifier.body_limit());
            Ok(Self(verifier.receive(&HeaderTexts(request.headers()), body).await?))
        };
        taken.await.map_or_else(|refusal: Refusal| refusal.fail(request), data::Outcome::Success)
    }
}
