//! Configures and starts a sandbox.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::{mpsc::unbounded_channel, watch},
};

use crate::{
    clock::Clock,
    error::StartError,
    http::router::router,
    ids::Ids,
    keys::DEFAULT_API_KEY,
    operations::webhooks,
    pricing_model::PricingModel,
    refusal::ErrorMode,
    request_log::{OnRequest, SeenRequest},
    sandbox::Sandbox,
    snapshot::Snapshot,
    state::{
        OnNotice, SandboxState, Settings, Watch,
        start::{GivenWebhook, GivenWebhooks, Start},
    },
    webhooks::{
        delivery_worker::{DeliveryPolicy, DeliveryWorker, FindWebhook},
        outbox::Outbox,
        signature,
    },
};

/// Configures a sandbox before it is started.
///
/// # Examples
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
/// use flowglad_sandbox::{Clock, Ids, Sandbox};
///
/// let clock = Clock::manual(1_767_225_600_000);
/// let sandbox =
///     Sandbox::builder().api_key("sk_test_mine").clock(clock.clone()).ids(Ids::from_seed(1)).start().await?;
/// assert_eq!(sandbox.api_key(), "sk_test_mine");
/// # Ok(()) }
/// ```
#[derive(Default)]
#[must_use = "a sandbox runs only after start()"]
pub struct SandboxBuilder {
    host: Option<IpAddr>,
    port: u16,
    api_key: Option<String>,
    pricing_model: PricingModel,
    clock: Clock,
    ids: Ids,
    errors: ErrorMode,
    orderly: bool,
    key_stays: bool,
    control_api: Option<bool>,
    delivery_policy: DeliveryPolicy,
    webhooks: GivenWebhooks,
    snapshot: Option<Snapshot>,
    on_request: Option<OnRequest>,
    on_notice: Option<OnNotice>,
}

impl SandboxBuilder {
    /// Sets the address to listen on, instead of 127.0.0.1. If other computers can reach it, the control API and the
    /// dashboard are closed unless [`SandboxBuilder::control_api`] opens them.
    pub fn host(mut self, host: IpAddr) -> Self {
        self.host = Some(host);
        self
    }

    /// Sets the port to listen on. The default, 0, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the API key, instead of [`DEFAULT_API_KEY`].
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets the pricing model at the start, instead of [`PricingModel::starter_saas`].
    pub fn pricing_model(mut self, pricing_model: PricingModel) -> Self {
        self.pricing_model = pricing_model;
        self
    }

    /// Sets the clock, instead of [`Clock::system`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the source of ids, instead of [`Ids::random`].
    pub fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Sets the statuses of refusals by billing rules, instead of [`ErrorMode::Upstream`].
    pub fn errors(mut self, errors: ErrorMode) -> Self {
        self.errors = errors;
        self
    }

    /// Lets requests that run at the same time see each other's effects, one after the other. By default they race as on
    /// the real API: see [`Race`](crate::Race), and [`Sandbox::race_next`] for races that do not depend on luck.
    ///
    /// # Examples
    /// ```
    /// # async fn run() -> Result<(), flowglad_sandbox::StartError> {
    /// let sandbox = flowglad_sandbox::Sandbox::builder().orderly().start().await?;
    /// # Ok(()) }
    /// ```
    pub fn orderly(mut self) -> Self {
        self.orderly = true;
        self
    }

    /// Keeps the API key with the pricing model of the start, as on the real platform. By default it follows the model
    /// that was set up last, so that a test can set up its own.
    pub fn key_stays(mut self) -> Self {
        self.key_stays = true;
        self
    }

    /// Opens or closes the control API under `/_sandbox` and the dashboard. By default they are open if the sandbox
    /// listens on a loopback address.
    pub fn control_api(mut self, open: bool) -> Self {
        self.control_api = Some(open);
        self
    }

    /// Sets the pauses before the retries of a webhook delivery, instead of 1, 5, 30, 120 and 300 seconds. After the
    /// last retry the delivery is given up.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
    /// use std::time::Duration;
    /// use flowglad_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().webhook_retries([Duration::ZERO; 3]).start().await?;
    /// // ... let the app register its webhook and do something, then:
    /// sandbox.wait_for_webhooks().await;
    /// assert!(sandbox.webhook_deliveries().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn webhook_retries(mut self, pauses: impl IntoIterator<Item = Duration>) -> Self {
        self.delivery_policy.retries = pauses.into_iter().collect();
        self
    }

    /// Delivers to webhooks on other computers too. By default a sandbox delivers to this computer only.
    pub fn deliver_webhooks_anywhere(mut self) -> Self {
        self.delivery_policy.anywhere = true;
        self
    }

    /// Registers a webhook for all events, which also a reset keeps. Deliveries are signed with this secret, which is
    /// `whsec_` and base64.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
    /// let sandbox = flowglad_sandbox::Sandbox::builder()
    ///     .webhook("http://127.0.0.1:3000/webhooks/flowglad", "whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5")
    ///     .start()
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn webhook(mut self, url: impl Into<String>, secret: impl Into<String>) -> Self {
        self.webhooks.at_start.push(GivenWebhook { url: url.into(), secret: secret.into() });
        self
    }

    /// Keeps the webhooks that the app registers also over a reset, with their secrets, for an app that registers its own
    /// address when it starts. From then on they get the events of every pricing model.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = flowglad_sandbox::Sandbox::builder().keep_webhooks().start().await?;
    /// sandbox.send_webhooks_to("http://127.0.0.1:3000/webhooks/flowglad")?;
    /// sandbox.reset();
    /// sandbox.create_customer("user_42")?;
    /// assert!(!sandbox.webhook_deliveries().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn keep_webhooks(mut self) -> Self {
        self.webhooks.keeps_registered = true;
        self
    }

    /// Starts with the state of an earlier sandbox, its time included. A reset leads to the pricing model of this one, and to
    /// the time of its clock.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use flowglad_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::start().await?;
    /// sandbox.subscribe("user_42", "pro_monthly")?;
    /// let state = sandbox.stop_with_snapshot().await;
    ///
    /// let next = Sandbox::builder().snapshot(state).start().await?;
    /// assert_eq!(next.balance("user_42", "api_calls")?, 1000);
    /// # Ok(()) }
    /// ```
    pub fn snapshot(mut self, snapshot: Snapshot) -> Self {
        self.snapshot = Some(snapshot);
        self
    }

    /// Calls a function with each API request, when it has its response.
    ///
    /// # Examples
    /// ```
    /// # async fn run() -> Result<(), flowglad_sandbox::StartError> {
    /// let sandbox = flowglad_sandbox::Sandbox::builder()
    ///     .on_request(|request| eprintln!("{} {} {:?}", request.method, request.path, request.status))
    ///     .start()
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn on_request(mut self, call: impl Fn(&SeenRequest) + Send + Sync + 'static) -> Self {
        self.on_request = Some(Box::new(call));
        self
    }

    /// Calls a function with each notice: a sentence about something that works as on the real platform, and is seldom
    /// meant, such as two webhooks with one address; and about webhooks of the state that the sandbox starts with.
    pub fn on_notice(mut self, call: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.on_notice = Some(Box::new(call));
        self
    }

    /// Starts the sandbox. It needs a Tokio runtime with IO, and stops with it.
    ///
    /// # Errors
    /// [`StartError`] if the port is taken, the key cannot be sent in a header, a webhook has a wrong address or secret, or the
    /// snapshot cannot be restored.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let api_key = self.api_key.unwrap_or_else(|| DEFAULT_API_KEY.to_owned());
        if api_key.is_empty() || !api_key.chars().all(|c| c.is_ascii_graphic()) {
            return Err(StartError::ApiKey);
        }
        self.webhooks.at_start.iter().try_for_each(check_webhook)?;
        let wanted = SocketAddr::from((self.host.unwrap_or(Ipv4Addr::LOCALHOST.into()), self.port));
        let bind_error = |source| StartError::Bind { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let (queue, queued) = unbounded_channel();
        let outbox = Outbox { log: Arc::default(), faults: Arc::default(), message_ids: self.ids.messages(), queue };
        let (log, faults) = (Arc::clone(&outbox.log), Arc::clone(&outbox.faults));
        let settings = Settings {
            base_url: format!("http://{}", reachable(address)),
            api_key,
            errors: self.errors,
            orderly: self.orderly,
            on_loopback: address.ip().is_loopback(),
            control_api_is_open: self.control_api.unwrap_or(address.ip().is_loopback()),
        };
        let clock = self.clock.clone();
        let start = Start::new(self.pricing_model, self.clock, self.ids, self.key_stays, self.webhooks);
        let watch = Watch {
            on_request: self.on_request.unwrap_or_else(|| Box::new(|_| {})),
            on_notice: self.on_notice.unwrap_or_else(|| Box::new(|_| {})),
        };
        let state = Arc::new(SandboxState::new(settings, start, outbox, watch));
        if let Some(snapshot) = &self.snapshot {
            state.start_from(snapshot).map_err(|source| StartError::Snapshot { source })?;
        }
        let (running, stopped) = watch::channel(());
        let worker = DeliveryWorker::new(log, faults, find_webhook(&state), self.delivery_policy, clock);
        tokio::spawn({
            let stopped = stopped.clone();
            async move {
                tokio::select! { () = worker.run(queued) => {}, () = dropped(stopped) => {} }
            }
        });
        let app = router(Arc::clone(&state), stopped.clone());
        let server = tokio::spawn(async move {
            // The server retries failed accepts by itself and never returns an error.
            let _ = axum::serve(listener, app).with_graceful_shutdown(dropped(stopped)).await;
        });
        Ok(Sandbox::new(state, running, server))
    }
}

impl Sandbox {
    /// Starts a sandbox with the starter pricing model on a free port.
    ///
    /// # Errors
    /// [`StartError::Bind`] if there is no free port.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Returns the settings of a sandbox, to be changed before it is started.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }
}

impl fmt::Debug for SandboxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBuilder").field("port", &self.port).finish_non_exhaustive()
    }
}

fn check_webhook(webhook: &GivenWebhook) -> Result<(), StartError> {
    webhooks::check_address(&webhook.url).map_err(|reason| StartError::Webhook { reason })?;
    if signature::is_secret(&webhook.secret) {
        Ok(())
    } else {
        Err(StartError::Webhook { reason: "the secret must be `whsec_` and base64".to_owned() })
    }
}

fn find_webhook(state: &Arc<SandboxState>) -> FindWebhook {
    let state = Arc::clone(state);
    Box::new(move |id| state.store().tables.webhooks.find(id).cloned())
}

/// Waits until the sender is dropped.
async fn dropped(mut running: watch::Receiver<()>) {
    while running.changed().await.is_ok() {}
}

/// The address by which this computer reaches a server that listens on `address`, which can be unspecified.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}
