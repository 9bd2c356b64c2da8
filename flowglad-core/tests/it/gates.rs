//! Gates: decisions by billing, and what the app's routes answer, over real HTTP.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use flowglad_core::{
    Billing, Flowglad,
    action::{Action, RequestHandler},
    adapter::{ActionRequest, ActionResponse, GatedRequest, Identity},
    billing::{Source, Standing},
    cache::{BillingCache, Subject},
    clock::ManualClock,
    gate::{self, Admission, Entitlement, Gate, NotAdmitted, Reason, Requirement, WhenUnknown},
    model::Timestamp,
};
use serde_json::{Value, json as object};
use wiremock::{MockServer, Request, Respond, ResponseTemplate};

use crate::{
    ada, answer, builder, client,
    documents::{billing, customer, subscription},
    error_of, json, on, parsed,
};

const BILLING: &str = "/customers/user_42/billing";

flowglad_core::feature!(pub ExportCsv = "export_csv");
flowglad_core::plan! {
    /// For teams.
    pub Pro = "pro";
    Enterprise = "enterprise";
}

/// The billing of Ada, with the given changes to her plan.
fn with_plan(change: impl FnOnce(&mut Value)) -> Billing {
    let mut plan = subscription("sub_1", "user_42", &["export_csv"]);
    plan["priceId"] = object!("price_pro");
    plan["isFreePlan"] = object!(false);
    change(&mut plan);
    Billing::from_raw(billing("user_42", &[plan]).to_string()).unwrap()
}

fn without_plan() -> Billing {
    Billing::from_raw(billing("user_42", &[]).to_string()).unwrap()
}

fn is_met(billing: &Billing, requirement: &Requirement) -> bool {
    billing.decide(requirement).is_allowed()
}

#[test]
fn a_plan_meets_what_it_grants() {
    let billing = with_plan(|plan| {
        let seats = object!({"id": "f", "livemode": false, "slug": "pro_seats", "name": "", "type": "resource", "amount": 5, "resourceId": "r"});
        plan["experimental"]["featureItems"].as_array_mut().unwrap().push(seats);
    });
    for met in [
        gate::feature("export_csv"),
        gate::balance("api_calls", 1380),
        gate::balance("unknown", 0),
        gate::paid_plan(),
        gate::plan("pro"),
        gate::seat("pro_seats"),
        ExportCsv::requirement(),
        Pro::requirement(),
        Enterprise::requirement().or(gate::paid_plan()),
        gate::feature("export_csv").and(gate::plan("pro")),
    ] {
        assert!(is_met(&billing, &met), "{met:?}");
        assert!(billing.require(&met).unwrap().is_allowed());
    }
    for unmet in [
        gate::feature("pro_seats"),
        gate::feature("EXPORT_CSV"),
        gate::balance("api_calls", 1381),
        gate::balance("api_calls", u64::MAX),
        gate::balance("unknown", 1),
        gate::plan("pack"),
        gate::plan("unknown"),
        gate::purchased("pack"),
        gate::seat("export_csv"),
        gate::feature("export_csv").and(gate::plan("pack")),
        gate::feature("sso").or(gate::plan("pack")),
    ] {
        assert!(!is_met(&billing, &unmet), "{unmet:?}");
        assert!(billing.require(unmet).is_err());
    }
}

#[test]
fn without_a_plan_nothing_is_met_that_a_plan_grants() {
    let billing = without_plan();
    for unmet in [
        gate::feature("export_csv"),
        gate::balance("api_calls", 1),
        gate::paid_plan(),
        gate::plan("pro"),
        gate::seat("pro_seats"),
    ] {
        assert!(!is_met(&billing, &unmet), "{unmet:?}");
    }
}

#[test]
fn a_free_plan_is_no_paid_plan() {
    assert!(!is_met(&with_plan(|plan| plan["isFreePlan"] = object!(true)), &gate::paid_plan()));
}

#[test]
fn a_plan_of_a_price_that_is_no_longer_sold_is_known_by_its_product() {
    let billing = with_plan(|plan| {
        plan["priceId"] = object!("price_old");
        let price = object!({"id": "price_old", "type": "subscription", "unitPrice": 1000, "productId": "prod_1"});
        let item = object!({"id": "si_1", "unitPrice": 1000, "quantity": 1, "priceId": "price_old", "price": price});
        plan["subscriptionItems"] = object!([item]);
    });
    assert!(is_met(&billing, &gate::plan("pro")));
    assert!(!is_met(&billing, &gate::plan("pack")));
}

#[test]
fn a_refusal_of_two_is_that_of_the_first() {
    let reason = |requirement: Requirement| without_plan().require(requirement).unwrap_err().reason().clone();
    let (export, pro) = (gate::feature("export_csv"), gate::plan("pro"));
    assert!(matches!(reason(export.clone().or(pro.clone())), Reason::NoFeature { .. }));
    assert!(matches!(reason(pro.clone().or(export.clone())), Reason::OtherPlan { .. }));
    assert!(matches!(reason(pro.and(export)), Reason::OtherPlan { .. }));
}

#[test]
fn who_counts_is_asked_of_parts_that_do_not_say_it_but_not_of_purchases() {
    let mut document = billing("user_42", &[subscription("sub_1", "user_42", &["export_csv"])]);
    document["currentSubscriptions"][0]["status"] = object!("paused");
    document["currentSubscriptions"][0]["subscriptionItems"] = object!([{"id": "i", "unitPrice": 1, "quantity": 1}]);
    document["purchases"] =
        object!([{"id": "p", "customerId": "cust_user_42", "priceId": "price_pack", "status": "paid"}]);
    let billing = Billing::from_raw(document.to_string()).unwrap();
    let (export, pack) = (gate::feature("export_csv"), gate::purchased("pack"));
    let paid_up = Standing::paid_up();
    assert!(is_met(&billing, &export));
    assert!(!is_met(&billing, &export.clone().counting(paid_up)));
    assert!(!is_met(&billing, &export.clone().and(pack.clone()).counting(paid_up)));
    assert!(is_met(&billing, &export.clone().counting(Standing::any()).and(pack.clone()).counting(paid_up)));
    assert!(is_met(&billing, &pack.counting(paid_up)));
    assert!(matches!(billing.require(export.counting(paid_up)).unwrap_err().reason(), Reason::NotEntitled(_)));
}

/// Answers with the billing of Ada, who has paid or not, or fails.
#[derive(Clone, Default)]
struct Api {
    has_paid: Arc<AtomicBool>,
    is_down: Arc<AtomicBool>,
    reads: Arc<AtomicUsize>,
}

impl Respond for Api {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.is_down.load(Ordering::SeqCst) {
            return ResponseTemplate::new(503).insert_header("retry-after", "7");
        }
        let features: &[&str] = if self.has_paid.load(Ordering::SeqCst) { &["export_csv"] } else { &[] };
        json(billing("user_42", &[subscription("sub_1", "user_42", features)]))
    }
}

/// An app whose client has a cache, and the API behind it.
struct App {
    api: Api,
    clock: Arc<ManualClock>,
    flowglad: Flowglad,
    handler: RequestHandler,
    _server: MockServer,
}

impl App {
    async fn start() -> Self {
        let (api, server) = (Api::default(), MockServer::start().await);
        on("GET", BILLING).respond_with(api.clone()).mount(&server).await;
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_767_268_800_000)));
        let client = builder(&server.uri()).cache(BillingCache::new()).clock(Arc::clone(&clock)).max_retries(0);
        let flowglad = client.build().unwrap();
        let handler = RequestHandler::new(flowglad.clone()).upgrade_url("/plans");
        Self { api, clock, flowglad, handler, _server: server }
    }

    fn reads(&self) -> usize {
        self.api.reads.load(Ordering::SeqCst)
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    async fn ask(&self, gate: &Gate) -> Result<Admission, ActionResponse> {
        ask(&self.handler, Identity::Customer(ada()), gate, "GET").await
    }
}

async fn ask(handler: &RequestHandler, who: Identity, gate: &Gate, method: &str) -> Result<Admission, ActionResponse> {
    let request = GatedRequest { method, path_and_query: "/reports?a=1", known: None };
    handler.admit(async { Ok::<_, ()>(who) }, gate, request).await.unwrap()
}

fn location(response: &ActionResponse) -> (u16, &str) {
    let location = response.headers.iter().find(|(name, _)| *name == "location").unwrap();
    (response.status, &location.1)
}

fn export() -> Gate {
    gate::feature("export_csv").into()
}

#[tokio::test]
async fn a_customer_who_paid_elsewhere_gets_in_although_memory_says_no() {
    let app = App::start().await;
    assert_eq!(error_of(&app.ask(&export()).await.unwrap_err()), (403, "feature_required".into()));
    app.api.has_paid.store(true, Ordering::SeqCst);
    assert_eq!(app.ask(&export()).await.unwrap_err().status, 403, "it was just read");
    app.advance(2);
    let granted = app.ask(&export()).await.unwrap().granted.unwrap();
    assert_eq!((granted.decision().source(), app.reads()), (Source::Live, 2));
    app.advance(5);
    let granted = app.ask(&export()).await.unwrap().granted.unwrap();
    let decision = granted.decision();
    assert_eq!((decision.source(), decision.age(), app.reads()), (Source::Cache, Duration::from_secs(5), 2));
    assert!(granted.check_feature_access("export_csv"));
}

#[tokio::test]
async fn an_outage_leaves_known_customers_in_and_refuses_by_what_was_known() {
    let app = App::start().await;
    app.api.has_paid.store(true, Ordering::SeqCst);
    app.ask(&export()).await.unwrap();
    app.api.is_down.store(true, Ordering::SeqCst);
    app.advance(600);
    let granted = app.ask(&export()).await.unwrap().granted.unwrap();
    assert_eq!(granted.decision().source(), Source::Stale);
    let refused = app.ask(&gate::feature("sso").into()).await.unwrap_err();
    assert_eq!(error_of(&refused), (403, "feature_required".into()));
    let snapshot = app.flowglad.snapshot().gates;
    assert_eq!((snapshot.allowed, snapshot.refused), (2, 1));
}

#[tokio::test]
async fn when_nothing_is_known_a_gate_is_closed_or_open() {
    let app = App::start().await;
    app.api.is_down.store(true, Ordering::SeqCst);
    let response = app.ask(&export().redirect_to("/pricing").sign_in_at("/login")).await.unwrap_err();
    assert_eq!(error_of(&response), (503, "entitlements_unavailable".into()));
    assert!(response.headers.contains(&("retry-after", "7".into())), "{response:?}");
    let admission = app.ask(&export().when_unknown(WhenUnknown::Allow)).await.unwrap();
    assert!(admission.granted.is_none());
    assert_eq!(admission.customer.requesting_customer(), &ada());
    let snapshot = app.flowglad.snapshot().gates;
    assert_eq!((snapshot.unavailable, snapshot.open_without_billing), (1, 1));
}

#[tokio::test]
async fn billing_that_the_request_has_already_is_not_read_again() {
    let app = App::start().await;
    app.api.has_paid.store(true, Ordering::SeqCst);
    let known = app.ask(&export()).await.unwrap().granted.unwrap().billing().clone();
    app.flowglad.invalidate(Subject::Everyone).await;
    let identity = || async { Ok::<_, ()>(Identity::Customer(ada())) };
    let request = GatedRequest { method: "GET", path_and_query: "/", known: Some(known.clone()) };
    app.handler.admit(identity(), &export(), request).await.unwrap().unwrap();
    app.handler.current_billing(identity(), Some(known.clone())).await.unwrap().unwrap();
    app.handler
        .entitled(identity(), Pro::requirement().or(ExportCsv::requirement()), Some(known))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(app.reads(), 1);
    app.handler.current_billing(identity(), None).await.unwrap().unwrap();
    assert_eq!(app.reads(), 2);
}

#[tokio::test]
async fn server_code_requires_as_a_gate_does() {
    let app = App::start().await;
    let me = app.flowglad.customer(&ada());
    assert!(matches!(me.require(gate::feature("export_csv")).await, Err(NotAdmitted::Refused(_))));
    app.api.has_paid.store(true, Ordering::SeqCst);
    app.advance(2);
    assert!(me.require(gate::feature("export_csv")).await.is_ok());
    app.api.is_down.store(true, Ordering::SeqCst);
    app.flowglad.invalidate(Subject::Everyone).await;
    let unavailable = me.require(gate::feature("export_csv")).await.unwrap_err();
    assert_eq!(error_of(&unavailable.into()), (503, "entitlements_unavailable".into()));
}

#[tokio::test]
async fn every_refusal_names_what_is_required() {
    let server = MockServer::start().await;
    let mut document = billing("user_42", &[subscription("sub_1", "user_42", &["export_csv"])]);
    document["currentSubscriptions"][0]["isFreePlan"] = object!(true);
    answer(&server, "GET", BILLING, json(document)).await;
    let handler = RequestHandler::new(client(&server));
    let export = || gate::feature("export_csv");
    let mut table = Vec::new();
    for requirement in [
        gate::feature("sso"),
        gate::plan("enterprise"),
        gate::seat("seats"),
        gate::balance("api_calls", 2000),
        gate::paid_plan(),
        gate::purchased("pack"),
        export().counting(Standing::any().paid_plan_only()),
    ] {
        let response = ask(&handler, Identity::Customer(ada()), &requirement.into(), "GET").await.unwrap_err();
        assert_eq!(response.code.as_deref(), parsed(&response)["error"]["code"].as_str());
        table.push(format!("{} {}", response.status, parsed(&response)["error"]));
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn a_plan_that_does_not_count_is_refused_with_its_status() {
    let server = MockServer::start().await;
    let mut plan = subscription("sub_1", "user_42", &["export_csv"]);
    plan["status"] = object!("past_due");
    plan["subscriptionItems"] = object!([{"id": "si_1", "unitPrice": 2000, "quantity": 1}]);
    answer(&server, "GET", BILLING, json(billing("user_42", &[plan]))).await;
    let handler = RequestHandler::new(client(&server));
    let me = || Identity::Customer(ada());
    assert!(ask(&handler, me(), &export(), "GET").await.is_ok());
    let strict = handler.standing(Standing::paid_up());
    let response = ask(&strict, me(), &export(), "GET").await.unwrap_err();
    assert_eq!(error_of(&response), (402, "subscription_required".into()));
    assert_eq!(parsed(&response)["error"]["json"]["status"], "past_due");
    let generous = gate::feature("export_csv").counting(Standing::any());
    assert!(ask(&strict, me(), &generous.into(), "GET").await.is_ok());
}

#[tokio::test]
async fn pages_redirect_with_the_path_to_return_to_and_programs_get_json() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let handler = RequestHandler::new(client(&server)).upgrade_url("/plans");
    let gate = export().redirect_to("/pricing?from=app#pro").sign_in_at("/");
    let me = || Identity::Customer(ada());

    let response = ask(&handler, me(), &gate, "GET").await.unwrap_err();
    assert_eq!(location(&response), (303, "/pricing?from=app&returnTo=%2Freports%3Fa%3D1#pro"));
    assert_eq!((response.body.len(), response.code.as_deref()), (0, Some("feature_required")));
    let response = ask(&handler, Identity::Anonymous, &gate, "HEAD").await.unwrap_err();
    assert_eq!(location(&response), (303, "/?returnTo=%2Freports%3Fa%3D1"));
    assert_eq!(response.code.as_deref(), Some("unauthorized"));

    let response = ask(&handler, me(), &gate, "POST").await.unwrap_err();
    assert_eq!(error_of(&response), (403, "feature_required".into()));
    assert_eq!(parsed(&response)["error"]["json"]["upgradeUrl"], "/plans");
    let own = gate.clone().upgrade_url("https://app.example.com/pro");
    let response = ask(&handler, me(), &own, "POST").await.unwrap_err();
    assert_eq!(parsed(&response)["error"]["json"]["upgradeUrl"], "https://app.example.com/pro");
    let scope = handler.customer(async { Ok::<_, Infallible>(me()) }).await.unwrap().unwrap();
    let response = ActionResponse::from(scope.require(gate.requirement()).await.unwrap_err());
    assert_eq!(parsed(&response)["error"]["json"]["upgradeUrl"], "/plans", "in a handler too");
    assert_eq!(ask(&handler, Identity::Anonymous, &gate, "POST").await.unwrap_err().status, 401);
    let invalid = || Identity::from(Some(flowglad_core::RequestingCustomer::new("", "", "x@example.com")));
    let response = ask(&handler, invalid(), &gate, "GET").await.unwrap_err();
    assert_eq!(error_of(&response), (401, "invalid_customer".into()), "to sign in again would not help");
}

#[tokio::test]
async fn a_slug_that_no_product_knows_is_logged_once_for_each_client() {
    let mut log = adapter_contract::log::Log::start();
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let handler = RequestHandler::new(client(&server));
    for _ in 0..3 {
        let gate = gate::feature("export_cvs").into();
        ask(&handler, Identity::Customer(ada()), &gate, "GET").await.unwrap_err();
    }
    log.line_with(&["unknown_slug", "export_cvs"]).await;
    let lines = log.text().lines().filter(|line| line.contains("unknown_slug") && line.contains("export_cvs")).count();
    assert_eq!(lines, 1);
}

#[tokio::test]
async fn the_app_hears_which_action_changed_something_and_may_panic() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    answer(&server, "PUT", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let list = Arc::clone(&heard);
    let handler = RequestHandler::new(client(&server)).on_change(
        async move |customer: flowglad_core::RequestingCustomer, action: Action| {
            list.lock().unwrap().push(format!("{action} {}", customer.external_id()));
            panic!("the app's own code panics, as this test wants it to");
        },
    );
    let act = async |action: &str, body: &'static str| {
        let request = ActionRequest { method: "POST", subroute: action, content_type: Some("application/json") };
        let identity = async { Ok::<_, ()>(Identity::Customer(ada())) };
        handler.handle(request, identity, async { Ok(body.into()) }).await.unwrap().status
    };
    assert_eq!(act("customers/update", r#"{"customer":{"name":"Ada L."}}"#).await, 200);
    assert_eq!(act("customers/find-or-create", "").await, 200);
    assert_eq!(act("subscriptions/create", "").await, 501);
    assert_eq!(*heard.lock().unwrap(), ["customers/update user_42"]);
}
