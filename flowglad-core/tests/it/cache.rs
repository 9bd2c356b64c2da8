//! Billing in memory and shared reads, over real HTTP: how many requests Flowglad gets, and what the callers get.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use adapter_contract::gate::Gate;
use flowglad_core::{
    CustomerScope, Flowglad, RequestingCustomer,
    action::RequestHandler,
    adapter::{ActionRequest, Identity},
    api::CancellationTiming,
    billing::{Freshness, Source},
    cache::{BillingCache, Subject},
    clock::ManualClock,
    model::Timestamp,
};
use futures_util::future::join_all;
use wiremock::{MockServer, Request, Respond, ResponseTemplate};

use crate::{
    act, ada, answer, builder,
    documents::{billing, subscription},
    json, on, seen,
};

const BILLING: &str = "/customers/user_42/billing";

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::from_millis(1_767_268_800_000)))
}

fn cached(base_url: &str, clock: &Arc<ManualClock>) -> Flowglad {
    builder(base_url).cache(BillingCache::new()).clock(Arc::clone(clock)).max_retries(0).build().unwrap()
}

/// Answers with the billing of a customer who has a feature or not, or fails.
#[derive(Clone, Default)]
pub(crate) struct Api {
    pub(crate) has_paid: Arc<AtomicBool>,
    pub(crate) is_down: Arc<AtomicBool>,
    reads: Arc<AtomicUsize>,
    delay_ms: Arc<AtomicU64>,
}

impl Respond for Api {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.is_down.load(Ordering::SeqCst) {
            return ResponseTemplate::new(503);
        }
        let customer = request.url.path_segments().unwrap().nth(3).unwrap().to_owned();
        let features: &[&str] = if self.has_paid.load(Ordering::SeqCst) { &["export_csv"] } else { &[] };
        let delay = Duration::from_millis(self.delay_ms.load(Ordering::SeqCst));
        json(billing(&customer, &[subscription("sub_1", &customer, features)])).set_delay(delay)
    }
}

impl Api {
    pub(crate) async fn start(&self) -> MockServer {
        let server = MockServer::start().await;
        let any_customer = wiremock::matchers::path_regex("^/api/v1/customers/[^/]+/billing$");
        wiremock::Mock::given(any_customer).respond_with(self.clone()).mount(&server).await;
        server
    }

    /// How long an answer takes from now on, which is true when the request comes.
    pub(crate) fn delay(&self, time: Duration) {
        self.delay_ms.store(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

pub(crate) async fn may_export(me: &CustomerScope, freshness: Freshness) -> (bool, Source) {
    let billing = me.billing_with(freshness).await.unwrap();
    (billing.check_feature_access("export_csv"), billing.source())
}

#[tokio::test]
async fn a_hundred_questions_in_ten_seconds_cost_two_reads_at_most() {
    let (api, clock) = (Api::default(), clock());
    let server = api.start().await;
    let me = cached(&server.uri(), &clock).customer(&ada());
    for _ in 0..100 {
        me.billing().await.unwrap();
        clock.advance(Duration::from_millis(100));
    }
    assert!(api.reads() <= 2, "{} reads", api.reads());
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_first_questions_at_once_cost_one_read() {
    let api = Api::default();
    let server = api.start().await;
    let flowglad = cached(&server.uri(), &clock());
    let questions = (0..50).map(|_| {
        let me = flowglad.customer(&ada());
        tokio::spawn(async move { me.billing_with(Freshness::CachedOrStale).await.map(|billing| billing.source()) })
    });
    for answer in join_all(questions).await {
        assert!(matches!(answer.unwrap().unwrap(), Source::Live | Source::Cache));
    }
    assert_eq!(api.reads(), 1);
}

#[tokio::test]
async fn ten_hooks_of_a_page_that_ask_together_cost_one_read_also_without_a_cache() {
    let api = Api::default();
    let server = api.start().await;
    let flowglad = builder(&server.uri()).gather_reads(Duration::from_millis(50)).build().unwrap();
    let actions = [
        ("customers/billing", ""),
        ("customers/billing", ""),
        ("subscriptions/list", "{}"),
        ("features/access", "{}"),
        ("payment-methods/list", "{}"),
        ("invoices/list", "{}"),
        ("purchases/list", "{}"),
        ("pricing-models/retrieve", "{}"),
        ("subscriptions/list", r#"{"includeHistorical":true}"#),
        ("invoices/list", r#"{"limit":1}"#),
    ];
    let answers = join_all(actions.map(|(action, body)| act(&flowglad, action, body))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(api.reads(), 1);
}

#[tokio::test]
async fn who_asks_while_a_read_runs_gets_one_that_began_later() {
    let upstream = adapter_contract::Upstream::start().await;
    upstream.answer_once("GET", BILLING, billing("user_42", &[])).await;
    upstream.answer("GET", BILLING, billing("user_42", &[subscription("sub_1", "user_42", &["export_csv"])])).await;
    let mut gate = Gate::before(&upstream).await;
    let me = builder(&gate.base_url).build().unwrap().customer(&ada());
    let first = tokio::spawn({
        let me = me.clone();
        async move { may_export(&me, Freshness::Live).await.0 }
    });
    gate.arrivals(1).await;
    let later = join_all((0..5).map(|_| {
        let me = me.clone();
        async move { may_export(&me, Freshness::Live).await.0 }
    }));
    let (first, later, ()) = tokio::join!(first, later, async { gate.open() });
    assert!(!first.unwrap());
    assert_eq!(later, [true; 5]);
    assert_eq!(upstream.requests().await.len(), 2, "one for the first, and one for all who came later");
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_end_the_read_of_the_others() {
    let upstream = adapter_contract::Upstream::start().await;
    upstream.answer("GET", BILLING, billing("user_42", &[])).await;
    let mut gate = Gate::before(&upstream).await;
    let me = cached(&gate.base_url, &clock()).customer(&ada());
    let leaves = tokio::spawn({
        let me = me.clone();
        async move { me.billing().await.map(|_| ()) }
    });
    gate.arrivals(1).await;
    let stays = tokio::spawn({
        let me = me.clone();
        async move { me.billing().await.map(|_| ()) }
    });
    leaves.abort();
    assert!(leaves.await.unwrap_err().is_cancelled());
    gate.open();
    stays.await.unwrap().unwrap();
    assert_eq!(upstream.requests().await.len(), 1);
}

#[tokio::test]
async fn after_a_change_through_the_client_the_next_answer_is_new() {
    let (api, clock) = (Api::default(), clock());
    let server = api.start().await;
    answer(&server, "GET", "/subscriptions/sub_1", json(serde_json::json!({"subscription": paid()}))).await;
    answer(
        &server,
        "GET",
        "/customers/user_42",
        json(serde_json::json!({"customer": crate::documents::customer("user_42")})),
    )
    .await;
    answer(&server, "POST", "/subscriptions/sub_1/cancel", json(serde_json::json!({"subscription": paid()}))).await;
    let flowglad = cached(&server.uri(), &clock);
    let me = flowglad.customer(&ada());
    assert_eq!(may_export(&me, Freshness::Cached).await, (false, Source::Live));
    api.has_paid.store(true, Ordering::SeqCst);
    assert_eq!(may_export(&me, Freshness::Cached).await, (false, Source::Cache));
    let subscription = "sub_1".parse().unwrap();
    me.cancel_subscription(&subscription, CancellationTiming::Immediately).await.unwrap();
    assert_eq!(may_export(&me, Freshness::Cached).await, (true, Source::Live));

    // The same by the plain operation, which names the subscription only.
    api.has_paid.store(false, Ordering::SeqCst);
    assert_eq!(may_export(&me, Freshness::Cached).await, (true, Source::Cache));
    flowglad.subscriptions().cancel(&subscription, CancellationTiming::Immediately).await.unwrap();
    assert_eq!(may_export(&me, Freshness::Cached).await, (false, Source::Live));

    // And for what a webhook reports.
    for subject in [
        Subject::Customer("user_42"),
        Subject::CustomerId("cust_user_42"),
        Subject::Subscription("sub_1"),
        Subject::Everyone,
    ] {
        let before = api.reads();
        flowglad.invalidate(Subject::Customer("user_43")).await;
        flowglad.invalidate(Subject::Subscription("sub_43")).await;
        assert_eq!(may_export(&me, Freshness::Cached).await.1, Source::Cache);
        flowglad.invalidate(subject).await;
        assert_eq!(may_export(&me, Freshness::Cached).await.1, Source::Live);
        assert_eq!(api.reads(), before + 1, "{subject:?}");
    }
}

fn paid() -> serde_json::Value {
    let mut paid = subscription("sub_1", "user_42", &["export_csv"]);
    paid["renews"] = true.into();
    paid
}

#[tokio::test]
async fn a_client_with_other_limits_reads_for_itself() {
    let (api, clock) = (Api::default(), clock());
    let server = api.start().await;
    let flowglad = cached(&server.uri(), &clock);
    flowglad.customer(&ada()).billing().await.unwrap();
    for other in [
        flowglad.with_timeout(Duration::from_secs(3)),
        flowglad.without_retries().with_timeout(Duration::from_secs(9)),
        flowglad.with_header("x-tenant", "north").unwrap(),
    ] {
        let before = api.reads();
        assert_eq!(other.customer(&ada()).billing().await.unwrap().source(), Source::Live);
        assert_eq!(api.reads(), before + 1);
    }
    assert_eq!(flowglad.customer(&ada()).billing().await.unwrap().source(), Source::Cache);
}

#[tokio::test]
async fn an_outage_of_ten_minutes_is_survived_by_who_is_known_and_ends_without_a_burst() {
    let (api, clock) = (Api::default(), clock());
    let server = api.start().await;
    let flowglad = cached(&server.uri(), &clock);
    let known: Vec<CustomerScope> = (0..50).map(|number| flowglad.customer(&customer(number))).collect();
    for me in &known {
        me.billing().await.unwrap();
    }
    api.is_down.store(true, Ordering::SeqCst);
    let before = api.reads();
    for _ in 0..60 {
        clock.advance(Duration::from_secs(10));
        for me in &known {
            let billing = me.billing_with(Freshness::CachedOrStale).await.unwrap();
            assert_ne!(billing.source(), Source::Live);
        }
    }
    let asked = api.reads() - before;
    assert!(asked < 50 * 60 / 2, "{asked} reads for 3000 questions");
    let me = &known[0];
    assert_eq!(me.billing_with(Freshness::CachedOrStale).await.unwrap().source(), Source::Stale);
    me.billing_with(Freshness::Cached).await.unwrap_err();
    let newcomer = flowglad.customer(&customer(99));
    newcomer.billing_with(Freshness::CachedOrStale).await.unwrap_err();

    api.is_down.store(false, Ordering::SeqCst);
    let before = api.reads();
    for me in &known {
        // No caller waits: each is answered with what is known, and read again in the background when its turn comes.
        me.billing_with(Freshness::CachedOrStale).await.unwrap();
    }
    assert!(api.reads() - before <= 16, "{} at once", api.reads() - before);
    let mut rounds = 0;
    loop {
        let mut fresh = 0;
        for me in &known {
            let billing = me.billing_with(Freshness::CachedOrStale).await.unwrap();
            fresh += usize::from(billing.source() == Source::Cache);
        }
        if fresh == known.len() {
            break;
        }
        rounds += 1;
        assert!(rounds < 2000, "only {fresh} are fresh");
        clock.advance(Duration::from_millis(500));
        tokio::task::yield_now().await;
    }
    newcomer.billing_with(Freshness::CachedOrStale).await.unwrap();
}

pub(crate) fn customer(number: usize) -> RequestingCustomer {
    RequestingCustomer::new(format!("user_{number}"), "Ada", "ada@example.com").unwrap()
}

#[tokio::test]
async fn what_is_known_is_not_waited_for_when_flowglad_hangs() {
    let (api, clock) = (Api::default(), clock());
    let server = api.start().await;
    let me = cached(&server.uri(), &clock).customer(&ada());
    me.billing().await.unwrap();
    on("GET", BILLING)
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(60)))
        .with_priority(1)
        .mount(&server)
        .await;
    clock.advance(Duration::from_secs(120));
    let asked = std::time::Instant::now();
    assert_eq!(may_export(&me, Freshness::CachedOrStale).await.1, Source::Stale);
    assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());

    // Who asks later, while that read still runs, does not wait at all.
    clock.advance(Duration::from_secs(1));
    for _ in 0..20 {
        assert_eq!(may_export(&me, Freshness::CachedOrStale).await.1, Source::Stale);
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());
}

#[tokio::test]
async fn a_customer_who_is_gone_is_not_created_in_the_background() {
    let (api, clock) = (Api::default(), clock());
    let server = api.start().await;
    let me = cached(&server.uri(), &clock).customer(&ada());
    me.billing().await.unwrap();
    on("GET", BILLING).respond_with(adapter_contract::upstream::not_found()).with_priority(1).mount(&server).await;
    clock.advance(Duration::from_secs(20));
    assert_eq!(may_export(&me, Freshness::Cached).await.1, Source::Cache);
    while seen(&server).await.len() < 2 {
        tokio::task::yield_now().await;
    }
    assert!(seen(&server).await.iter().all(|request| request.starts_with("GET")), "{:?}", seen(&server).await);
}

#[tokio::test]
async fn an_app_may_let_browsers_have_billing_of_some_age() {
    let (api, clock) = (Api::default(), clock());
    let server = api.start().await;
    let flowglad = cached(&server.uri(), &clock);
    let handler = RequestHandler::new(flowglad.clone()).allow_browser_age(Duration::from_secs(3));
    let ask = async |handler: &RequestHandler| {
        let request = ActionRequest { method: "POST", subroute: "customers/billing", content_type: None };
        let identity = async { Ok::<_, ()>(Identity::Customer(ada())) };
        handler.handle(request, identity, async { Ok(bytes::Bytes::new()) }).await.unwrap().status
    };
    for (wait, reads) in [(0, 1), (1, 1), (2, 1), (1, 2)] {
        clock.advance(Duration::from_secs(wait));
        assert_eq!((ask(&handler).await, api.reads()), (200, reads));
    }
    assert_eq!((ask(&RequestHandler::new(flowglad)).await, api.reads()), (200, 3), "live by default");
}

#[tokio::test]
async fn the_memory_stays_within_its_bytes_and_forgets_the_longest_unused_first() {
    const MAX: usize = 2 << 20;
    let (api, clock) = (Api::default(), clock());
    let server = api.start().await;
    let cache = BillingCache::new().max_bytes(MAX);
    let flowglad = builder(&server.uri()).cache(cache).clock(Arc::clone(&clock)).build().unwrap();
    let ask = async |number: usize| flowglad.customer(&customer(number)).billing().await.unwrap().source();
    let mut filled = 0;
    while flowglad.snapshot().cache.evictions == 0 {
        ask(filled).await;
        filled += 1;
        let snapshot = flowglad.snapshot().cache;
        assert!(snapshot.bytes <= MAX as u64 && snapshot.bytes > 0, "{snapshot:?}");
    }
    // The first was forgotten for the last. The second is used now, so the third is next.
    assert_eq!(ask(1).await, Source::Cache);
    ask(filled).await;
    assert_eq!(ask(1).await, Source::Cache);
    assert_eq!(ask(2).await, Source::Live);
    assert!(flowglad.snapshot().cache.bytes <= MAX as u64);
    flowglad.invalidate(Subject::Everyone).await;
    assert_eq!((flowglad.snapshot().cache.entries, flowglad.snapshot().cache.bytes), (0, 0));
}
