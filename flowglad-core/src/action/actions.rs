//! From a request to a response: route, method, session, body, action, envelope.

use std::{future::Future, num::NonZeroUsize};

use bytes::Bytes;
use tracing::error;

use super::{
    Action, ActionRequest, ActionResponse, BodyError, Visitor,
    authorization::{Authorization, Authorize},
    browser_error::BrowserError,
    caught::caught,
    dispatch::run_for_customer,
    pricing_models,
    request::parse_body,
};
use crate::{Flowglad, RawJson, RequestingCustomer};

const DEFAULT_BODY_LIMIT: NonZeroUsize = NonZeroUsize::new(1024 * 1024).expect("not zero");

/// The actions of an app: the client they run on, and what the app decided about them. Cloning is cheap.
///
/// ```
/// use flowglad_core::{Flowglad, RequestingCustomer, action::{Action, Actions}};
///
/// # fn run(flowglad: Flowglad) {
/// let actions = Actions::new(flowglad)
///     // Usage is recorded by this app's server code only.
///     .without([Action::UsageEventsCreate])
///     // Team members see everything; owners change things.
///     .authorize(async |action: Action, customer: RequestingCustomer| {
///         action.is_read() || is_owner(customer.external_id()).await
///     });
/// # }
/// # async fn is_owner(_: &str) -> bool { true }
/// ```
#[derive(Clone, Debug)]
pub struct Actions {
    flowglad: Flowglad,
    body_limit: NonZeroUsize,
    open: Vec<Action>,
    authorize: Option<Authorize>,
}

impl From<Flowglad> for Actions {
    fn from(flowglad: Flowglad) -> Self {
        Self::new(flowglad)
    }
}

impl Actions {
    /// All actions, with a body limit of 1 MiB.
    #[must_use]
    pub fn new(flowglad: Flowglad) -> Self {
        Self { flowglad, body_limit: DEFAULT_BODY_LIMIT, open: Action::ALL.to_vec(), authorize: None }
    }

    /// Sets the longest body that is taken, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: NonZeroUsize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Keeps these actions and switches the others off; a browser cannot tell them from unknown ones.
    #[must_use]
    pub fn only(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        let kept: Vec<Action> = actions.into_iter().collect();
        self.open.retain(|action| kept.contains(action));
        self
    }

    /// Switches these actions off; a browser cannot tell them from unknown ones.
    #[must_use]
    pub fn without(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        let closed: Vec<Action> = actions.into_iter().collect();
        self.open.retain(|action| !closed.contains(action));
        self
    }

    /// Asks the app before every action of somebody who is signed in, and before the body is read. The last function
    /// given counts.
    #[must_use]
    pub fn authorize<Ask, Answer>(mut self, ask: Ask) -> Self
    where
        Ask: Fn(Action, RequestingCustomer) -> Answer + Send + Sync + 'static,
        Answer: Future<Output: Into<Authorization>> + Send + 'static,
    {
        self.authorize = Some(Authorize::new(ask));
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
        let action = match self.requested(request) {
            Ok(action) => action,
            Err(refusal) => return Ok(refusal.into_response()),
        };
        let result = match caught(visitor).await {
            Ok(visitor) => self.run_action(action, visitor?, request.content_type, body).await,
            Err(_) => Err(BrowserError::internal()),
        };
        Ok(match result {
            Ok(data) => ActionResponse::success(&data),
            Err(refusal) => refusal.into_response(),
        })
    }

    fn requested(&self, request: ActionRequest<'_>) -> Result<Action, BrowserError> {
        let action = Action::of_subroute(request.subroute).filter(|action| self.open.contains(action));
        let action = action.ok_or_else(BrowserError::unknown_action)?;
        if request.method == "POST" { Ok(action) } else { Err(BrowserError::method_not_allowed()) }
    }

    async fn run_action(
        &self,
        action: Action,
        visitor: Visitor,
        content_type: Option<&str>,
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<RawJson, BrowserError> {
        let customer = customer_for(action, visitor)?;
        if let Some(customer) = &customer {
            self.ask_the_app(action, customer).await?;
        }
        let body = parse_body(content_type, body.await)?;
        let result = match &customer {
            Some(customer) => run_for_customer(action, self.flowglad.customer(customer).within_one_call(), &body).await,
            None => pricing_models::default(&self.flowglad, &body).await,
        };
        result.map_err(|failure| failure.into_browser_error(action))
    }

    async fn ask_the_app(&self, action: Action, customer: &RequestingCustomer) -> Result<(), BrowserError> {
        let Some(authorize) = &self.authorize else { return Ok(()) };
        match caught(authorize.ask(action, customer)).await {
            Ok(Authorization::Allowed) => Ok(()),
            Ok(Authorization::Denied) => Err(BrowserError::not_authorized()),
            Ok(Authorization::Failed(cause)) => {
                error!(%action, cause, "cannot find out whether the customer may do this");
                Err(BrowserError::internal())
            }
            Err(_) => Err(BrowserError::internal()),
        }
    }
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
