//! From a request to a response: route, method, session, body, action, envelope.

use std::{future::Future, num::NonZeroUsize, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::time::timeout;
use tracing::error;

use crate::{
    action::{
        action_key::Action,
        authorization::{Authorization, Authorize},
        body::{Body, parse_body},
        dispatch::run_for_customer,
        on_change::OnChange,
        pricing_models, started_write,
        usage::UsageWay,
    },
    adapter::{
        browser_error::BrowserError,
        identity::Identity,
        request::{ActionRequest, BodyError},
        response::ActionResponse,
    },
    billing::Standing,
    client::json::RawJson,
    customer::CustomerScope,
    error::printable,
    flowglad::Flowglad,
    input::RequestingCustomer,
};

const DEFAULT_BODY_LIMIT: NonZeroUsize = NonZeroUsize::new(64 * 1024).expect("not zero");
const DEFAULT_BODY_TIME_LIMIT: Duration = Duration::from_secs(10);

/// Answers the requests of the React hooks: the client to call, and what the app decided about the actions. Cloning is
/// cheap.
///
/// ```
/// use flowglad_core::{Flowglad, RequestingCustomer, action::{Action, RequestHandler}};
///
/// # fn run(flowglad: Flowglad) {
/// let handler = RequestHandler::new(flowglad)
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
pub struct RequestHandler(Arc<Settings>);

/// In one allocation, since frameworks and gates clone them for each request.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) flowglad: Flowglad,
    body_limit: NonZeroUsize,
    body_time_limit: Duration,
    open: Box<[Action]>,
    authorize: Option<Authorize>,
    on_change: Option<OnChange>,
    pub(super) usage_way: UsageWay,
    browser_age: Option<Duration>,
    /// What gates say of the plans, if they do not say it themselves.
    pub(super) upgrade_url: Option<Arc<str>>,
    pub(super) standing: Standing,
}

impl From<Flowglad> for RequestHandler {
    fn from(flowglad: Flowglad) -> Self {
        Self::new(flowglad)
    }
}

impl RequestHandler {
    /// All actions. A body may have 64 KiB, and 10 seconds to arrive.
    #[must_use]
    pub fn new(flowglad: Flowglad) -> Self {
        Self(Arc::new(Settings {
            flowglad,
            body_limit: DEFAULT_BODY_LIMIT,
            body_time_limit: DEFAULT_BODY_TIME_LIMIT,
            open: Action::ALL.into(),
            authorize: None,
            on_change: None,
            usage_way: UsageWay::default(),
            browser_age: None,
            upgrade_url: None,
            standing: Standing::default(),
        }))
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0
    }

    pub(super) fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.0)
    }

    /// Sets the longest body that is taken, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: NonZeroUsize) -> Self {
        self.settings_mut().body_limit = bytes;
        self
    }

    /// Sets how long a body may take to arrive. A later one is answered with a 408.
    #[must_use]
    pub fn with_body_time_limit(mut self, limit: Duration) -> Self {
        self.settings_mut().body_time_limit = limit;
        self
    }

    /// Lets the actions that only read billing answer from the client's cache, if what it knows is at most this old. By
    /// default they read from Flowglad, so that a page shows what is true. Without a cache this changes nothing.
    #[must_use]
    pub fn allow_browser_age(mut self, age: Duration) -> Self {
        self.settings_mut().browser_age = Some(age);
        self
    }

    /// Keeps these actions and switches the others off; a browser cannot tell them from unknown ones.
    #[must_use]
    pub fn only(self, actions: impl IntoIterator<Item = Action>) -> Self {
        let actions: Vec<Action> = actions.into_iter().collect();
        self.keep(|action| actions.contains(action))
    }

    /// Switches these actions off; a browser cannot tell them from unknown ones.
    #[must_use]
    pub fn without(self, actions: impl IntoIterator<Item = Action>) -> Self {
        let actions: Vec<Action> = actions.into_iter().collect();
        self.keep(|action| !actions.contains(action))
    }

    fn keep(mut self, is_kept: impl Fn(&Action) -> bool) -> Self {
        self.settings_mut().open = self.0.open.iter().copied().filter(is_kept).collect();
        self
    }

    /// Asks the app before every action of a signed-in user, and before the body is read. The last function
    /// given counts. A closure that captures something, such as a pool, is `async move`, and what it captures is `Clone`:
    /// each request has a clone of its own.
    #[must_use]
    pub fn authorize<F, Fut>(mut self, ask: F) -> Self
    where
        F: Clone + FnOnce(Action, RequestingCustomer) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Into<Authorization>> + Send + 'static,
    {
        self.settings_mut().authorize = Some(Authorize::new(ask));
        self
    }

    /// Calls the app after each action that changed something for a customer, and before the browser gets the response: for
    /// example to drop what the app itself keeps of the customer's plan. It is called also if the browser has left
    /// meanwhile. The last function given counts. A closure that captures something is `async move`, and what it captures is
    /// `Clone`.
    ///
    /// A checkout is an action too: it is called when the checkout begins. What the customer does on Flowglad's own pages
    /// is not seen.
    ///
    /// ```
    /// use flowglad_core::{Flowglad, RequestingCustomer, action::{Action, RequestHandler}};
    ///
    /// # fn run(flowglad: Flowglad) {
    /// let handler = RequestHandler::new(flowglad).on_change(async |customer: RequestingCustomer, action: Action| {
    ///     println!("{action} of {}", customer.external_id());
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn on_change<F, Fut>(mut self, report: F) -> Self
    where
        F: Clone + FnOnce(RequestingCustomer, Action) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.settings_mut().on_change = Some(OnChange::new(report));
        self
    }

    /// The longest body that an adapter should read, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.0.body_limit.get()
    }

    /// Runs the action that a request asks for. Always returns a response, except that an error from `identity` is passed
    /// through, so that a session layer that broke down can answer for itself.
    ///
    /// `identity` and `body` are polled only when they are needed.
    ///
    /// # Errors
    /// Only the error of `identity`.
    ///
    /// # Examples
    /// See the [module](crate::action).
    pub async fn handle<E>(
        &self,
        request: ActionRequest<'_>,
        identity: impl Future<Output = Result<Identity, E>>,
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<ActionResponse, E> {
        let action = match self.requested_action(request) {
            Ok(action) => action,
            Err(refusal) => return Ok(refusal.into_response()),
        };
        let result = match catch_panic(identity).await? {
            Ok(identity) => self.run_action(action, identity, request.content_type, body).await,
            Err(error) => Err(error),
        };
        Ok(match result {
            Ok(data) => ActionResponse::success(&data),
            Err(refusal) => refusal.into_response(),
        })
    }

    /// The scope of the signed-in customer, for an adapter's extractor or request guard, or the response to a caller who is
    /// not one.
    ///
    /// # Errors
    /// Only the error of `identity`.
    pub async fn customer<E>(
        &self,
        identity: impl Future<Output = Result<Identity, E>>,
    ) -> Result<Result<CustomerScope, ActionResponse>, E> {
        let customer = catch_panic(identity).await?.and_then(signed_in);
        Ok(match customer {
            Ok(customer) => Ok(self.scope_of(&customer)),
            Err(error) => Err(error.into_response()),
        })
    }

    /// The scope of a customer, whose refusals name the app's plans.
    pub(super) fn scope_of(&self, customer: &RequestingCustomer) -> CustomerScope {
        self.0.flowglad.customer(customer).with_upgrade_url(self.0.upgrade_url.clone())
    }

    /// Returns what an extractor or request guard has found in the request, or the response where it is not there, which is a
    /// mistake in the app's setup. `remedy` goes to the log.
    ///
    /// # Errors
    /// If there is nothing: the response.
    pub fn mounted<M>(found: Option<M>, remedy: &str) -> Result<M, ActionResponse> {
        found.ok_or_else(|| {
            error!("Flowglad is not known to this request: {remedy}");
            BrowserError::internal().into_response()
        })
    }

    fn requested_action(&self, request: ActionRequest<'_>) -> Result<Action, BrowserError> {
        let action = Action::from_subroute(request.subroute).filter(|action| self.0.open.contains(action));
        let action = action.ok_or_else(BrowserError::unknown_action)?;
        if request.method == "POST" { Ok(action) } else { Err(BrowserError::method_not_allowed()) }
    }

    async fn run_action(
        &self,
        action: Action,
        identity: Identity,
        content_type: Option<&str>,
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<RawJson, BrowserError> {
        let customer = customer_for(action, identity)?;
        if let Some(customer) = &customer {
            self.ask_the_app(action, customer).await?;
        }
        let body = self.read_body(content_type, body).await?;
        let result = match &customer {
            Some(customer) => {
                let customer = self.0.flowglad.customer(customer).with_shared_deadline();
                if !action.is_read() {
                    return started_write::finish(action, customer, body, self.0.on_change.clone(), self.0.usage_way)
                        .await;
                }
                run_for_customer(action, customer.for_browser(self.0.browser_age), body, self.0.usage_way).await
            }
            None => pricing_models::default(&self.0.flowglad, body).await,
        };
        result.map_err(|failure| failure.into_browser_error(action))
    }

    async fn read_body(
        &self,
        content_type: Option<&str>,
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<Body, BrowserError> {
        let body = timeout(self.0.body_time_limit, body).await.map_err(|_| BrowserError::request_timeout())?;
        parse_body(content_type, body)
    }

    async fn ask_the_app(&self, action: Action, customer: &RequestingCustomer) -> Result<(), BrowserError> {
        let Some(authorize) = &self.0.authorize else { return Ok(()) };
        match AssertUnwindSafe(authorize.ask(action, customer)).catch_unwind().await {
            Ok(Authorization::Allowed) => Ok(()),
            Ok(Authorization::Denied) => Err(BrowserError::not_authorized()),
            Ok(Authorization::Failed(cause)) => {
                error!(%action, cause = printable(&cause.to_string()), "cannot find out whether the customer may do this");
                Err(BrowserError::internal())
            }
            Err(_) => Err(BrowserError::internal()),
        }
    }
}

/// `None`: an anonymous caller, and the action is public.
fn customer_for(action: Action, identity: Identity) -> Result<Option<RequestingCustomer>, BrowserError> {
    match identity {
        Identity::Anonymous if action.is_public() => Ok(None),
        identity => signed_in(identity).map(Some),
    }
}

pub(super) fn signed_in(identity: Identity) -> Result<RequestingCustomer, BrowserError> {
    match identity {
        Identity::Customer(customer) => Ok(customer),
        Identity::Invalid(reason) => Err(BrowserError::invalid_customer(&reason)),
        Identity::NoOrganization => Err(BrowserError::no_organization()),
        Identity::Anonymous => Err(BrowserError::unauthorized()),
    }
}

/// A panic in the app's own code is one failed request.
pub(super) async fn catch_panic<E>(
    identity: impl Future<Output = Result<Identity, E>>,
) -> Result<Result<Identity, BrowserError>, E> {
    match AssertUnwindSafe(identity).catch_unwind().await {
        Ok(identity) => identity.map(Ok),
        Err(_) => Ok(Err(BrowserError::internal())),
    }
}
