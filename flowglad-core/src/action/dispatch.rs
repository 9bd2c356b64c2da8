//! From a request to a response: route, method, session, body, action, envelope.

use std::{future::Future, num::NonZeroUsize};

use bytes::Bytes;
use tracing::{debug, error};

use super::{Action, body::Body, browser_error::BrowserError};
use crate::{CustomerScope, Error, Flowglad, InvalidCustomer, RawJson, RequestingCustomer};

const DEFAULT_BODY_LIMIT: NonZeroUsize = NonZeroUsize::new(1024 * 1024).expect("not zero");

/// The actions of an app: the client they run on, and what the app decided about them. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Actions {
    flowglad: Flowglad,
    body_limit: NonZeroUsize,
}

impl From<Flowglad> for Actions {
    fn from(flowglad: Flowglad) -> Self {
        Self::new(flowglad)
    }
}

/// What of an HTTP request decides which action it is, as the framework has it.
#[derive(Clone, Copy, Debug)]
pub struct ActionRequest<'a> {
    /// `POST`, `GET`, …
    pub method: &'a str,
    /// The path after the mount point, raw: not percent-decoded, with or without slashes around it.
    pub subroute: &'a str,
    /// The `Content-Type` header, if there is one.
    pub content_type: Option<&'a str>,
}

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionResponse {
    /// The HTTP status.
    pub status: u16,
    /// All headers that the answer needs, names in lower case. The first is the content type.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Bytes,
}

/// Who the app's session says is asking.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Somebody whom Flowglad can bill.
    Customer(RequestingCustomer),
    /// Somebody with a session, but without what a customer needs.
    Invalid(InvalidCustomer),
    /// Nobody is signed in.
    Anonymous,
}

impl From<RequestingCustomer> for Visitor {
    fn from(customer: RequestingCustomer) -> Self {
        Self::Customer(customer)
    }
}

impl<E: Into<InvalidCustomer>> From<Result<RequestingCustomer, E>> for Visitor {
    fn from(customer: Result<RequestingCustomer, E>) -> Self {
        customer.map_or_else(|invalid| Self::Invalid(invalid.into()), Self::Customer)
    }
}

impl<V: Into<Visitor>> From<Option<V>> for Visitor {
    fn from(signed_in: Option<V>) -> Self {
        signed_in.map_or(Self::Anonymous, Into::into)
    }
}

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is longer than [`Actions::body_limit`].
    TooLarge,
    /// The connection ended before the body did.
    Broken,
}

impl Actions {
    /// All actions, with a body limit of 1 MiB.
    #[must_use]
    pub fn new(flowglad: Flowglad) -> Self {
        Self { flowglad, body_limit: DEFAULT_BODY_LIMIT }
    }

    /// Sets the longest body that is taken, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: NonZeroUsize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The longest body that an adapter should read, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.body_limit.get()
    }

    /// Runs the action that a request asks for. Every outcome is a response, but for one: an error of `visitor` is
    /// given back as it is, so that an app's session layer that broke down can answer for itself.
    ///
    /// `visitor` and `body` are polled only when they are needed.
    ///
    /// # Errors
    /// Only what `visitor` gives.
    ///
    /// # Examples
    /// See the [module](crate::action).
    pub async fn run<E>(
        &self,
        request: ActionRequest<'_>,
        visitor: impl Future<Output = Result<Visitor, E>>,
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<ActionResponse, E> {
        let action = match requested_action(request) {
            Ok(action) => action,
            Err(refusal) => return Ok(refusal.into_response()),
        };
        let visitor = visitor.await?;
        let result = self.run_action(action, visitor, request.content_type, body).await;
        Ok(match result {
            Ok(data) => ActionResponse::success(&data),
            Err(refusal) => refusal.into_response(),
        })
    }

    async fn run_action(
        &self,
        action: Action,
        visitor: Visitor,
        content_type: Option<&str>,
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<RawJson, BrowserError> {
        let customer = customer_for(action, visitor)?;
        let body = parse_body(content_type, body.await)?;
        let result = match &customer {
            Some(customer) => run_for_customer(action, self.flowglad.customer(customer), &body).await,
            None => super::pricing_models::default(&self.flowglad, &body).await,
        };
        result.map_err(|failure| failure.into_browser_error(action))
    }
}

/// Why an action gave no data: the body was wrong, or the work failed.
pub(super) enum Failure {
    Refused(BrowserError),
    Failed(Error),
}

impl From<BrowserError> for Failure {
    fn from(refusal: BrowserError) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Failure {
    /// The browser is told what it may know, the operator the rest.
    fn into_browser_error(self, action: Action) -> BrowserError {
        let failed = match self {
            Self::Refused(refusal) => return refusal,
            Self::Failed(failed) => failed,
        };
        let shown = BrowserError::from(&failed);
        let cause = std::error::Error::source(&failed).map(tracing::field::display);
        if shown.status() >= 500 {
            error!(%action, request_id = failed.request_id(), cause, "{failed}");
        } else {
            debug!(%action, request_id = failed.request_id(), "{failed}");
        }
        shown
    }
}

fn requested_action(request: ActionRequest<'_>) -> Result<Action, BrowserError> {
    let action = Action::of_subroute(request.subroute).ok_or_else(BrowserError::unknown_action)?;
    if request.method == "POST" { Ok(action) } else { Err(BrowserError::method_not_allowed()) }
}

/// `None` means that the action is asked for by a stranger who may.
fn customer_for(action: Action, visitor: Visitor) -> Result<Option<RequestingCustomer>, BrowserError> {
    match visitor {
        Visitor::Customer(customer) => Ok(Some(customer)),
        Visitor::Invalid(reason) => Err(BrowserError::invalid_customer(&reason)),
        Visitor::Anonymous if action.is_public() => Ok(None),
        Visitor::Anonymous => Err(BrowserError::unauthorized()),
    }
}

fn parse_body(content_type: Option<&str>, body: Result<Bytes, BodyError>) -> Result<Body, BrowserError> {
    let is_empty = body.as_ref().is_ok_and(Bytes::is_empty);
    if !is_empty && !content_type.is_some_and(is_json) {
        return Err(BrowserError::unsupported_media_type());
    }
    match body {
        Ok(bytes) => Body::parse(&bytes),
        Err(BodyError::TooLarge) => Err(BrowserError::payload_too_large()),
        Err(BodyError::Broken) => Err(BrowserError::unreadable_body()),
    }
}

/// `application/json` or `application/…+json`, without a charset or with UTF-8. Refusing the rest also keeps forms of
/// other sites out, which a browser sends without asking.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media_type = parts.next().unwrap_or_default();
    let is_json = media_type.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"));
    is_json && parts.filter_map(|part| charset(&part)).all(|charset| matches!(&*charset, "utf-8" | "utf8"))
}

fn charset(parameter: &str) -> Option<String> {
    Some(parameter.strip_prefix("charset=")?.trim_matches('"').to_owned())
}

async fn run_for_customer(action: Action, customer: CustomerScope<'_>, body: &Body) -> Result<RawJson, Failure> {
    use super::{checkout, customers, lists, pricing_models, subscriptions, usage};
    match action {
        Action::CustomersBilling => customers::billing(customer).await,
        Action::CustomersFindOrCreate => customers::find_or_create(customer).await,
        Action::CustomerDetails => customers::details(customer, body).await,
        Action::CheckoutSessionsCreate => checkout::create(customer, body).await,
        Action::CheckoutSessionsCreateAddPaymentMethod => checkout::create_add_payment_method(customer, body).await,
        Action::CheckoutSessionsCreateActivateSubscription => {
            checkout::create_activate_subscription(customer, body).await
        }
        Action::SubscriptionsList => subscriptions::list(customer, body).await,
        Action::SubscriptionsCancel => subscriptions::cancel(customer, body).await,
        Action::SubscriptionsUncancel => subscriptions::uncancel(customer, body).await,
        Action::UsageEventsCreate => usage::create_event(customer, body).await,
        Action::UsageMetersBalances => usage::balances(customer, body).await,
        Action::FeaturesAccess => lists::features(customer, body).await,
        Action::PaymentMethodsList => lists::payment_methods(customer, body).await,
        Action::InvoicesList => lists::invoices(customer, body).await,
        Action::PurchasesList => lists::purchases(customer, body).await,
        Action::PricingModelsRetrieve => pricing_models::of_customer(customer, body).await,
        Action::CustomersUpdate
        | Action::SubscriptionsAdjust
        | Action::SubscriptionsCreate
        | Action::ResourcesUsages
        | Action::ResourcesUsagesRetrieve
        | Action::ResourcesClaim
        | Action::ResourcesRelease
        | Action::ResourcesClaims => Err(BrowserError::not_implemented(action).into()),
    }
}

impl ActionResponse {
    pub(super) fn json(status: u16, body: Bytes) -> Self {
        Self { status, headers: vec![("content-type", "application/json".to_owned())], body }
    }

    /// The data byte for byte inside the envelope.
    fn success(data: &RawJson) -> Self {
        Self::json(200, RawJson::object(&[("data", data)]).bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_content_types_in_any_dress_and_nothing_else() {
        for json in [
            "application/json",
            "Application/JSON; Charset=UTF-8",
            "application/problem+json",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is_json(json), "{json}");
        }
        for other in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json; charset=latin1",
            "json",
            "text/json",
        ] {
            assert!(!is_json(other), "{other}");
        }
    }
}
