//! What an error says of its cause, and proxies.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use flowglad_core::{Error, Flowglad};
use tokio::net::{TcpListener, TcpSocket};
use wiremock::{MockServer, ResponseTemplate};

use crate::{KEY, ada, answer, builder, client};

async fn report_of(flowglad: &Flowglad, secrets: &[&str]) -> String {
    let error = flowglad.customer(&ada()).billing().await.unwrap_err();
    let report = error.report();
    assert!(report.starts_with(&format!("{error}: ")), "{report}");
    for secret in secrets.iter().chain(&[KEY, "user_42", "http://", "/api/v1"]) {
        assert!(!report.contains(secret), "{report}");
    }
    report
}

#[tokio::test]
async fn a_report_names_the_cause_that_a_person_can_act_on() {
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = closed.local_addr().unwrap();
    let refused = builder(&format!("http://{address}")).max_retries(0).build().unwrap();
    let report = report_of(&refused, &[&address.to_string()]).await;
    assert!(report.contains("Connection refused"), "{report}");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let late = builder(&format!("http://{address}")).timeout(Duration::from_millis(100)).build().unwrap();
    let report = report_of(&late, &[&address.to_string()]).await;
    assert!(report.contains("the time limit of the call is over"), "{report}");

    let without_tls = MockServer::start().await;
    let address = without_tls.address().to_string();
    let no_tls = builder(&format!("https://{address}")).max_retries(0).build().unwrap();
    let report = report_of(&no_tls, &[&address]).await;
    assert!(report.contains("received corrupt message"), "{report}");
}

#[tokio::test]
async fn a_report_of_a_refusal_is_the_refusal() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42/billing", ResponseTemplate::new(401)).await;
    let error = client(&server).customer(&ada()).billing().await.unwrap_err();
    assert_eq!(error.report(), error.to_string());
}

#[tokio::test]
async fn a_hostile_retry_after_is_cut_to_an_hour() {
    let server = MockServer::start().await;
    let never = ResponseTemplate::new(429).insert_header("retry-after", "99999999999");
    answer(&server, "GET", "/customers/user_42/billing", never).await;
    let error = client(&server).customer(&ada()).billing().await.unwrap_err();
    let hour = Duration::from_secs(3600);
    assert!(matches!(error, Error::Api { retry_after: Some(wait), .. } if wait == hour), "{error:?}");
}

const UPSTREAM: &str = "FLOWGLAD_TEST_UPSTREAM";

/// Runs itself once more with a proxy in the environment, because the environment of this process cannot be changed.
#[tokio::test]
async fn requests_to_this_machine_use_no_proxy() {
    if let Ok(upstream) = std::env::var(UPSTREAM) {
        builder(&upstream).build().unwrap().default_pricing_model().await.unwrap_err();
        return;
    }
    let (server, proxy) = (MockServer::start().await, MockServer::start().await);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "reports::requests_to_this_machine_use_no_proxy"]).stdout(Stdio::null());
    child.env(UPSTREAM, server.uri());
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        child.env(name, proxy.uri());
    }
    let ended = tokio::task::spawn_blocking(move || child.status().unwrap()).await.unwrap();
    assert!(ended.success());
    assert_eq!(proxy.received_requests().await.unwrap().len(), 0);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}
