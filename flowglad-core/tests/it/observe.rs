//! What a client counts and reports about its requests.

use std::sync::{Arc, Mutex};

use flowglad_core::observe::{FailureKind, Observer, Retry, RetryOutcome};
use wiremock::{MockServer, ResponseTemplate};

use crate::{ada, answer, builder};

#[derive(Default)]
struct Retries(Mutex<Vec<(&'static str, FailureKind, RetryOutcome)>>);

impl Observer for Retries {
    fn retry(&self, event: &Retry) {
        self.0.lock().unwrap().push((event.operation, event.failure, event.outcome));
    }
}

#[tokio::test]
async fn retries_are_counted_until_the_budget_refuses_them() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42/billing", ResponseTemplate::new(502)).await;
    let retries = Arc::new(Retries::default());
    let flowglad = builder(&server.uri()).observer(Arc::clone(&retries)).build().unwrap();
    let me = flowglad.customer(&ada());
    // Two retries each; the budget is a hundred.
    for _ in 0..50 {
        me.billing().await.unwrap_err();
    }
    assert_eq!(flowglad.snapshot().requests.retries, 100);
    assert_eq!(flowglad.snapshot().requests.retries_over_budget, 0);
    me.billing().await.unwrap_err();
    assert_eq!(flowglad.clone().snapshot().requests.retries_over_budget, 1);
    let heard = retries.0.lock().unwrap();
    assert_eq!(heard.len(), 101);
    assert_eq!(heard[0], ("customers.billing", FailureKind::ServerError, RetryOutcome::Planned));
    assert_eq!(heard[100], ("customers.billing", FailureKind::ServerError, RetryOutcome::OverBudget));
}

#[tokio::test]
async fn kinds_of_failures_are_distinguished() {
    let server = MockServer::start().await;
    let limited = ResponseTemplate::new(429);
    answer(&server, "GET", "/customers/user_42/billing", limited).await;
    let retries = Arc::new(Retries::default());
    let observed = |url: &str| builder(url).max_retries(1).observer(Arc::clone(&retries)).build().unwrap();
    observed(&server.uri()).customer(&ada()).billing().await.unwrap_err();
    // A port that was free a moment ago.
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    observed(&format!("http://{closed}")).customer(&ada()).billing().await.unwrap_err();
    let kinds: Vec<_> = retries.0.lock().unwrap().iter().map(|retry| retry.1).collect();
    assert_eq!(kinds, [FailureKind::RateLimited, FailureKind::Unreachable]);
}
