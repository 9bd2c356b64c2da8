//! Paths and methods.

use flowglad_core::action::Action;
use reqwest::Method;

use crate::{App, MOUNT, Reply, SESSION_HEADER, Start, app::ADA, samples::script};

const METHODS: [Method; 7] =
    [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::HEAD, Method::TRACE];

/// Unknown routes are unknown actions, for every method and every caller.
pub async fn unknown_routes_are_unknown_actions(start: Start) {
    let app = App::start(start).await;
    for path in ["nonsense", "customers", "Customers/billing", "customers/billing/x", "customers/billing.json"] {
        assert_eq!(app.ask(path, "{}").await.refusal(), (404, "unknown_action".into()), "{path}");
        assert_eq!(app.ask_as(None, path, "{}").await.refusal(), (404, "unknown_action".into()), "{path}");
        let get = Reply::to(app.request(Method::GET, path)).await;
        assert_eq!(get.refusal(), (404, "unknown_action".into()), "{path}");
    }
    let mount_point = Reply::to(app.request_to(Method::POST, MOUNT)).await;
    assert_eq!(mount_point.refusal(), (404, "unknown_action".into()));
    assert!(app.upstream.requests().await.is_empty());
}

/// Empty segments of the path are ignored.
pub async fn empty_segments_are_ignored(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    for path in ["customers/billing/", "customers//billing", "/customers/billing", "//customers///billing//"] {
        assert_eq!(app.ask(path, "").await.status, 200, "{path}");
    }
}

/// The path is not decoded: an encoded slash or letter makes another, unknown action.
pub async fn the_path_is_not_decoded(start: Start) {
    let app = App::start(start).await;
    for path in [
        "customers%2Fbilling",
        "customers%2fbilling",
        "%63ustomers/billing",
        "customers/billin%67",
        "customerDetails%00",
    ] {
        assert_eq!(app.ask(path, "").await.refusal(), (404, "unknown_action".into()), "{path}");
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// Every action accepts only POST, and returns `Allow: POST` for other methods.
pub async fn every_action_accepts_only_post(start: Start) {
    let app = App::start(start).await;
    for action in Action::ALL {
        for method in &METHODS {
            let request = app.request(method.clone(), action.key()).header(SESSION_HEADER, ADA);
            let reply = Reply::to(request).await;
            assert_eq!(reply.status, 405, "{method} {action}");
            assert!(reply.headers.contains(&("allow", "POST".to_owned())), "{method} {action}: {reply}");
            if *method == Method::HEAD {
                assert!(reply.body.is_empty());
            } else {
                assert_eq!(reply.refusal().1, "method_not_allowed");
            }
        }
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// The mount point itself is an unknown action, with and without slashes at its end.
pub async fn the_mount_point_itself_is_an_unknown_action(start: Start) {
    let app = App::start(start).await;
    for slashes in ["", "/", "//"] {
        for method in [Method::POST, Method::PUT] {
            let reply = Reply::to(app.request_to(method, &format!("{MOUNT}{slashes}"))).await;
            assert_eq!(reply.refusal(), (404, "unknown_action".into()), "{slashes:?}");
        }
    }
}

/// Other routes of the app are unaffected, including a wildcard route beside the mount point.
pub async fn other_routes_of_the_app_are_unaffected(start: Start) {
    let app = App::start(start).await;
    let page = Reply::to(app.request_to(Method::GET, "/some/page")).await;
    assert_eq!((page.status, &page.body[..]), (200, b"the app".as_slice()));
}
