//! The stream that lets open pages know that there is something new.

use std::time::Duration;

use reqwest::{Method, Response};

use crate::{Api, dashboard::page};

async fn next_revision(stream: &mut Response) -> String {
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        text += std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap();
    }
    text.trim().strip_prefix("data:").unwrap().trim().to_owned()
}

async fn open(api: &Api) -> (Response, String) {
    let mut stream = api.outside(Method::GET, "/dashboard/changes").send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let revision = next_revision(&mut stream).await;
    (stream, revision)
}

#[tokio::test]
async fn the_first_revision_is_the_pages_own_and_reading_makes_no_new_one() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let shown = page(&api).await.text;
    assert_eq!(shown, page(&api).await.text);
    let (_, revision) = open(&api).await;
    assert!(shown.contains(&format!("data-revision=\"{revision}\"")), "{revision} is not in {shown}");
}

#[tokio::test]
async fn every_kind_of_change_makes_a_new_revision() {
    let api = Api::start().await;
    let (mut stream, mut before) = open(&api).await;
    let changes: [&dyn Fn(); 6] = [
        &|| api.sandbox.create_customer("u").map(drop).unwrap(),
        &|| api.sandbox.fail_next_payment(),
        &|| api.sandbox.inject_fault(flowglad_sandbox::Fault::status(500)).unwrap(),
        &|| api.sandbox.clear_faults(),
        &|| api.clock.advance(Duration::from_secs(60)),
        &|| api.sandbox.reset(),
    ];
    for change in changes {
        change();
        let revision = next_revision(&mut stream).await;
        assert_ne!(revision, before);
        before = revision;
    }
    api.get("/customers/unknown").await;
    assert_ne!(next_revision(&mut stream).await, before);
}

#[tokio::test]
async fn an_open_dashboard_does_not_keep_the_sandbox_from_stopping() {
    let api = Api::start().await;
    let (mut stream, _) = open(&api).await;
    let stopped = tokio::time::timeout(Duration::from_secs(3), api.sandbox.stop());
    stopped.await.unwrap();
    assert!(!matches!(stream.chunk().await, Ok(Some(_))));
}
