//! What requests to metered routes cost. Each case counts what reaches Flowglad.

use std::time::Duration;

use flowglad_core::{
    Flowglad,
    action::RequestHandler,
    usage::{Outbox, UsageDelivery},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    App, Reply, SESSION_HEADER, Start,
    app::ADA,
    documents::entitled,
    fleet, gated,
    metered::{COUNTED, DONE, Job, WORK_HEADER},
    samples::assert_recorded,
};

const DOCUMENT: &str = "/customers/user_42/billing";

/// An app with an outbox, from which usage is delivered at once.
pub(super) struct MeteredApp {
    pub(super) app: App,
    pub(super) flowglad: Flowglad,
    delivery: UsageDelivery,
}

impl MeteredApp {
    /// Ada has this much left.
    pub(super) async fn start(start: Start, balance: i64) -> Self {
        let this = Self::start_with(start, Outbox::in_memory()).await;
        this.app.upstream.answer("GET", DOCUMENT, with_balance(ADA, balance)).await;
        let other = with_balance("user_43", balance);
        this.app.upstream.answer("GET", "/customers/user_43/billing", other).await;
        this
    }

    pub(super) async fn start_with(start: Start, outbox: Outbox) -> Self {
        Self::start_set(start, outbox, |handler| handler).await
    }

    pub(super) async fn start_set(
        start: Start,
        outbox: Outbox,
        set: impl FnOnce(RequestHandler) -> RequestHandler,
    ) -> Self {
        let mut made = None;
        let app = App::start_made(start, |base_url| {
            let builder = gated::builder(base_url).cache(fleet::cache());
            let flowglad = builder.usage(fleet::outbox(outbox.collect_for(Duration::ZERO))).build().unwrap();
            made = Some((flowglad.clone(), flowglad.usage().start_delivery().unwrap()));
            set(RequestHandler::new(flowglad).upgrade_url("/pricing"))
        })
        .await;
        app.upstream.answer("POST", "/usage-events/bulk", json!({"usageEvents": []})).await;
        let (flowglad, delivery) = made.unwrap();
        Self { app, flowglad, delivery }
    }

    /// Begins a request of Ada.
    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.app.request_to(Method::POST, path).header(SESSION_HEADER, ADA)
    }

    /// A request of Ada whose handler does this work.
    pub(super) fn doing(&self, path: &str, work: &str) -> RequestBuilder {
        self.post(path).header(WORK_HEADER, work)
    }

    /// Waits until nothing is held, and returns the transaction ids and amounts that have reached Flowglad.
    pub(super) async fn charged(&self) -> Vec<(String, u64)> {
        while self.flowglad.usage().stats().open_holds > 0 {
            tokio::task::yield_now().await;
        }
        let left = self.delivery.flush(Duration::from_secs(60)).await;
        assert_eq!((left.pending, left.dead_letters), (0, 0));
        let bodies = self.app.upstream.bodies().await;
        let events = bodies.iter().filter_map(|body| body["usageEvents"].as_array()).flatten();
        let charged = |event: &Value| {
            let id = event["transactionId"].as_str().unwrap().to_owned();
            (id, event["amount"].as_u64().unwrap())
        };
        events.map(charged).collect()
    }

    /// The amounts that have reached Flowglad, in the order in which they were recorded.
    pub(super) async fn amounts(&self) -> Vec<u64> {
        self.charged().await.into_iter().map(|(_, amount)| amount).collect()
    }
}

/// The billing document of a customer who has this much left on the meter.
fn with_balance(external_id: &str, balance: i64) -> Value {
    let mut document = entitled(external_id);
    for list in ["subscriptions", "currentSubscriptions"] {
        document[list][0]["experimental"]["usageMeterBalances"][0]["availableBalance"] = json!(balance);
    }
    document["currentSubscription"] = document["currentSubscriptions"][0].clone();
    document
}

pub(super) async fn assert_done(request: RequestBuilder) {
    let reply = Reply::to(request).await;
    assert_eq!((reply.status, &*reply.body), (200, DONE.as_bytes()), "{reply}");
}

/// Each route costs what its meter says: a fixed amount, or by the request, the response, its bytes, or a count.
pub async fn each_route_costs_what_its_meter_says(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    for path in ["/metered/one", "/metered/three", "/metered/free"] {
        assert_done(this.post(path)).await;
    }
    assert_done(this.post("/metered/of-request").header("x-units", "20")).await;
    assert_done(this.post("/metered/of-request").header("x-units", "0")).await;
    for path in ["/metered/of-response", "/metered/bytes", COUNTED, "/metered/overdraft"] {
        assert_done(this.post(path)).await;
    }
    assert_eq!(this.amounts().await, [1, 3, 20, 4, 2, 7, 1_000_000]);
}

/// Work that fails or panics costs nothing, and its part of the balance is free again.
pub async fn work_that_fails_or_panics_costs_nothing(start: Start) {
    let this = MeteredApp::start(start, 3).await;
    for status in [500, 404, 302, 400] {
        let reply = Reply::to(this.doing("/metered/three", &status.to_string())).await;
        assert_eq!(reply.status, status, "{reply}");
    }
    // Some frameworks answer with a 500, and others end the connection.
    let panicked = this.doing("/metered/three", "panic").send().await;
    assert!(panicked.is_err() || panicked.unwrap().status() == 500);
    // So does a function of the meter.
    let panicked = Reply::to(this.post("/metered/of-request").header("x-units", "many")).await;
    assert_eq!(panicked.refusal(), (500, "internal_error".into()), "{panicked}");
    assert_eq!(this.amounts().await, [0; 0]);
    assert_done(this.post("/metered/three")).await;
    assert_eq!(this.amounts().await, [3]);
}

/// The app decides which statuses are charged.
pub async fn the_app_decides_which_statuses_are_charged(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    for status in [200, 404, 500] {
        let reply = Reply::to(this.doing("/metered/failures", &status.to_string())).await;
        assert_eq!(reply.status, status, "{reply}");
    }
    assert_eq!(this.amounts().await, [3]);
    assert_eq!(this.flowglad.usage().stats().recorded, 1);
}

/// Of two requests at once that need the last of a balance, one is refused, and nothing is recorded for it.
pub async fn of_two_requests_at_once_only_one_gets_the_last_credit(start: Start) {
    let this = MeteredApp::start(start, 4).await;
    let job = format!("last-credit {}", this.app.address());
    let first = tokio::spawn(this.doing("/metered/three", &job).send());
    Job::named(&job).begun().await;
    let second = Reply::to(this.post("/metered/three")).await;
    assert_recorded("meter_refusal_insufficient_balance", &second.to_string());
    let upgrade = Reply::to(this.post("/metered/upgrade")).await;
    assert_eq!(upgrade.json()["error"]["json"]["upgradeUrl"], "/credits", "{upgrade}");
    Job::named(&job).end();
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(this.amounts().await, [3]);
    assert_eq!(Reply::to(this.post("/metered/three")).await.status, 402);
    assert_done(this.post("/metered/one")).await;
    assert_eq!(this.amounts().await, [3, 1]);
}

/// Usage of a meter without credits is paid afterwards and not refused, unless the route is for credits only.
pub async fn usage_that_is_paid_afterwards_is_not_refused(start: Start) {
    let this = MeteredApp::start(start, 1).await;
    assert_done(this.post("/metered/paid-afterwards")).await;
    assert_done(this.post("/metered/overdraft")).await;
    let refused = Reply::to(this.post("/metered/credits-only")).await;
    assert_eq!(refused.refusal(), (402, "insufficient_balance".into()), "{refused}");
    assert_eq!(this.amounts().await, [1, 1_000_000]);
}

/// A client that leaves before the work is done pays nothing. If the framework lets the handler finish its work, that is
/// charged.
pub async fn a_client_that_leaves_before_the_work_is_done_pays_nothing(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    let name = format!("left {}", this.app.address());
    let job = Job::named(&name);
    let browsing = tokio::spawn(this.doing("/metered/three", &name).send());
    job.begun().await;
    browsing.abort();
    let _ = browsing.await;
    // Until then the app has seen the end of the other connection.
    for _ in 0..5 {
        assert_eq!(this.app.visit(None, "/elsewhere").await.status, 200);
    }
    job.end();
    let times = job.succeeded().await;
    assert_eq!(this.amounts().await, vec![3; times]);
}
