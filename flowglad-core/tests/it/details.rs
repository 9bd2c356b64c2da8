//! Customers of whom a session holds the id only: name and email are found when they are needed.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};

use adapter_contract::log::Log;
use flowglad_core::{
    Error, Flowglad, RequestingCustomer,
    action::{Action, RequestHandler},
    adapter::{ActionRequest, Identity},
    customer::Enrolled,
    input::{CustomerDetails, DetailsError},
};
use flowglad_sandbox::Sandbox;
use tokio::sync::Notify;
use wiremock::{MockServer, ResponseTemplate};

use crate::{act_as, ada, answer, client, error_of, parsed};

/// The app's database: counts its reads.
#[derive(Clone, Default)]
struct Database(Arc<AtomicU32>);

impl Database {
    fn reads(&self) -> u32 {
        self.0.load(SeqCst)
    }

    /// A customer whose details are these, or who cannot be found.
    fn customer(&self, details: Result<(&'static str, &'static str), &'static str>) -> RequestingCustomer {
        let reads = Arc::clone(&self.0);
        let find = async move || {
            reads.fetch_add(1, SeqCst);
            details.map(|(name, email)| CustomerDetails::new(name, email))
        };
        RequestingCustomer::with_details("user_42", find).unwrap()
    }
}

async fn sandbox() -> (Sandbox, Flowglad) {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    (sandbox, flowglad)
}

#[tokio::test]
async fn the_app_is_asked_once_when_the_customer_is_created_and_not_for_one_that_exists() {
    let ((_sandbox, flowglad), database) = (sandbox().await, Database::default());
    let customer = database.customer(Ok(("Ada", "ada@example.com")));
    let me = flowglad.customer(&customer);
    me.billing().await.unwrap();
    assert_eq!(database.reads(), 1);
    let record = flowglad.customers().get("user_42").await.unwrap();
    assert_eq!((&*record.name, &*record.email), ("Ada", "ada@example.com"));
    for _ in 0..3 {
        let again = database.customer(Err("is never asked"));
        flowglad.customer(&again).billing().await.unwrap();
        let reply = act_as(&flowglad, Identity::Customer(again), "customers/billing", "{}").await;
        assert_eq!(reply.status, 200);
    }
    assert_eq!(database.reads(), 1);
    me.archive().await.unwrap();
    me.billing().await.unwrap();
    assert_eq!(database.reads(), 1, "what was found is kept with the customer");
}

#[tokio::test]
async fn an_app_that_fails_is_reported_as_such_and_its_reason_is_logged_only() {
    let log = Log::start();
    let ((sandbox, flowglad), database) = (sandbox().await, Database::default());
    let customer = database.customer(Err("password of db is s3cret"));
    sandbox.clear_requests();
    let reply = act_as(&flowglad, Identity::Customer(customer.clone()), "customers/billing", "{}").await;
    assert_eq!(error_of(&reply), (500, "internal_error".into()));
    assert!(!parsed(&reply).to_string().contains("s3cret"));
    assert!(log.text().contains("the app's function for name and email failed"), "{}", log.text());
    let error = flowglad.customer(&customer).billing().await.unwrap_err();
    assert!(matches!(error, Error::Details(DetailsError::Failed(_))), "{error}");
    assert_eq!(database.reads(), 2, "a failure is not kept");
    assert!(sandbox.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn details_are_checked_when_they_are_used() {
    let ((sandbox, flowglad), database) = (sandbox().await, Database::default());
    for email in ["", "ada"] {
        let customer = database.customer(Ok(("Ada", email)));
        let reply = act_as(&flowglad, Identity::Customer(customer), "customers/find-or-create", "{}").await;
        assert_eq!(error_of(&reply), (401, "invalid_customer".into()));
    }
    assert!(sandbox.requests().iter().all(|request| request.method == "GET"));
    assert!(RequestingCustomer::with_details("a/b", async || Ok::<_, Error>(CustomerDetails::new("", ""))).is_err());
}

#[tokio::test]
async fn an_app_that_panics_or_hangs_is_one_failed_call() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42", not_found()).await;
    let panics = RequestingCustomer::with_details("user_42", async || mistake());
    let error = client(&server).customer(&panics.unwrap()).find_or_create().await.unwrap_err();
    assert!(error.to_string().ends_with("failed: it panicked"), "{error}");
    let asked = Arc::new(Notify::new());
    let hangs = RequestingCustomer::with_details("user_42", {
        let asked = Arc::clone(&asked);
        async move || {
            asked.notify_one();
            pending::<Result<CustomerDetails, Error>>().await
        }
    });
    let me = client(&server).customer(&hangs.unwrap());
    let (call, ()) = tokio::join!(me.find_or_create(), async {
        // The request over the network has ended when the time is moved.
        asked.notified().await;
        tokio::time::pause();
    });
    assert!(call.unwrap_err().to_string().ends_with("failed: it took too long"));
}

fn mistake() -> Result<CustomerDetails, Error> {
    panic!("a mistake of the app")
}

fn not_found() -> ResponseTemplate {
    ResponseTemplate::new(404).set_body_json(serde_json::json!({"error": "Customer not found", "code": "NOT_FOUND"}))
}

#[tokio::test]
async fn enrolling_says_what_happened_and_never_fails() {
    let ((sandbox, flowglad), database) = (sandbox().await, Database::default());
    assert!(matches!(flowglad.enroll(&ada()).await, Enrolled::Created));
    assert!(matches!(flowglad.enroll(&ada()).await, Enrolled::Known));
    let unknown = database.customer(Err("the database is away"));
    flowglad.customers().archive("user_42").await.unwrap();
    assert!(matches!(flowglad.enroll(&unknown).await, Enrolled::Failed(Error::Details(_))));
    sandbox.stop().await;
    assert!(matches!(flowglad.without_retries().enroll(&ada()).await, Enrolled::Failed(Error::Transport { .. })));
}

struct Member {
    role: &'static str,
}

#[tokio::test]
async fn the_app_authorizes_by_the_user_who_acts_for_an_organization() {
    let (_sandbox, flowglad) = sandbox().await;
    let handler = RequestHandler::new(flowglad).authorize(async |action: Action, customer: RequestingCustomer| {
        action.is_read() || customer.user::<Member>().is_some_and(|member| member.role == "owner")
    });
    let acme = || RequestingCustomer::new("org_7", "Acme", "billing@acme.example").unwrap();
    let cases = [
        (Identity::Customer(acme().with_user(Member { role: "owner" })), 200),
        (Identity::Customer(acme().with_user(Member { role: "member" })), 403),
        (Identity::Customer(acme().with_user("owner")), 403),
        (Identity::Customer(acme()), 403),
        (Identity::NoOrganization, 403),
    ];
    for (who, status) in cases {
        let shown = format!("{who:?}");
        let request =
            ActionRequest { method: "POST", subroute: "customers/update", content_type: Some("application/json") };
        let body = async { Ok(r#"{"customer":{"name":"Acme Ltd"}}"#.into()) };
        let reply = handler.handle(request, async { Ok::<_, ()>(who.clone()) }, body).await.unwrap();
        assert_eq!(reply.status, status, "{shown}");
        assert_eq!(reply.code.as_deref() == Some("no_organization"), matches!(who, Identity::NoOrganization));
    }
}
