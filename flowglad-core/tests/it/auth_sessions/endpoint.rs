//! Session endpoints that answer well, wrongly, late or not at all.

use std::{sync::Arc, time::Duration};

use flowglad_core::{
    auth::{AuthJs, BetterAuth, Provider, SignedIn, Unavailable},
    clock::ManualClock,
};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::Notify,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::{NOW, Sent, clock, log::Log};

const COOKIE: &str = "authjs.session-token=SECRET-OF-THE-SESSION";

/// An app with Auth.js whose endpoint answers so.
async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn session() -> ResponseTemplate {
    let user = json!({ "id": "user_ada", "name": "Ada Lovelace", "email": "ada@example.com" });
    ResponseTemplate::new(200).set_body_json(json!({ "user": user, "expires": "2026-01-31T12:00:00.000Z" }))
}

fn auth_js(base_url: &str) -> AuthJs {
    AuthJs::with_session_endpoint(base_url).unwrap().clock(clock())
}

async fn ask(provider: &impl Provider, cookie: &str) -> Result<Option<SignedIn>, Unavailable> {
    provider.identify(&Sent::cookie(cookie)).await
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn without_the_session_cookie_nothing_is_asked() {
    let server = answering(session()).await;
    let (auth_js, better_auth) = (auth_js(&server.uri()), BetterAuth::with_session_endpoint(&server.uri()).unwrap());
    for sent in [
        Sent::default(),
        Sent::cookie(""),
        Sent::cookie("theme=dark; authjs.session-token="),
        Sent::cookie("authjs.csrf-token=abc; xauthjs.session-token=1; authjs.session-token2=1"),
        Sent::cookie("authjs.session-token=a; authjs.session-token=b").and("x", "y"),
        Sent::cookie("better-auth.session_token=a")
            .and("cookie", "better-auth.session_token=a; authjs.session-token.1=a"),
        Sent::cookie(COOKIE).and("authorization", "Bearer abc"),
        Sent::cookie("better-auth.session_token=a").and("authorization", "bearer abc"),
        Sent::cookie(format!("{COOKIE}{}", "x".repeat(40_000))),
    ] {
        if !sent.0.iter().any(|(_, value)| value == "better-auth.session_token=a") {
            assert_eq!(auth_js.identify(&sent).await.unwrap(), None, "{sent:?}");
        }
        if !sent.0.iter().any(|(_, value)| value.starts_with(COOKIE)) || sent.0.len() > 1 {
            assert_eq!(better_auth.identify(&sent).await.unwrap(), None, "{sent:?}");
        }
    }
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn signed_out_is_an_answer() {
    for answer in [
        ResponseTemplate::new(200).set_body_raw("null", "application/json"),
        ResponseTemplate::new(200).set_body_raw("{}", "application/json"),
        ResponseTemplate::new(200).set_body_raw(" null\n", "text/plain"),
        ResponseTemplate::new(401),
        ResponseTemplate::new(401).set_body_json(json!({ "user": { "id": "user_eve" } })),
    ] {
        let server = answering(answer).await;
        assert_eq!(ask(&auth_js(&server.uri()), COOKIE).await, Ok(None));
        assert_eq!(requests(&server).await, 1);
    }
}

#[tokio::test]
async fn an_outage_is_no_sign_out() {
    let too_much = format!(r#"{{"user":{{"id":"user_ada"}},"x":"{}"}}"#, "x".repeat(300_000));
    let user = json!({ "user": { "id": "user_ada" } });
    let answers = [400, 403, 404, 408, 429, 500, 502, 503, 504, 201, 204, 206]
        .map(|status| ResponseTemplate::new(status).set_body_json(&user))
        .into_iter()
        .chain(
            [
                "",
                "[]",
                "\"user_ada\"",
                "true",
                "<html>",
                "{\"user\":",
                r#"{"user":null}"#,
                r#"{"error":"no"}"#,
                &too_much,
            ]
            .map(|body| ResponseTemplate::new(200).set_body_raw(body, "application/json")),
        )
        .chain([
            ResponseTemplate::new(200).set_body_raw(r#"{"user":{"id":"a"},"user":{"id":"b"}}"#, "application/json"),
            ResponseTemplate::new(200).set_body_raw(r#"{"user":{"id":"a","id":"b"}}"#, "application/json"),
            ResponseTemplate::new(200).set_body_raw(r#"[{"user":{"id":"a"}}]"#, "application/json"),
        ]);
    for answer in answers {
        let shown = format!("{answer:?}").chars().take(300).collect::<String>();
        let server = answering(answer).await;
        let provider = auth_js(&server.uri());
        let (log, _kept) = Log::keep();
        for _ in 0..2 {
            let unavailable = ask(&provider, COOKIE).await.expect_err(&shown);
            assert!(!unavailable.to_string().contains("SECRET"), "{unavailable}");
            assert_eq!(unavailable.into_response().status, 503);
        }
        assert_eq!(requests(&server).await, 2, "a failure is not kept: {shown}");
        assert!(!log.text().contains("SECRET"), "{}", log.text());
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = answering(session()).await;
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = ResponseTemplate::new(status).insert_header("location", format!("{}/session", other.uri()));
        let server = answering(elsewhere).await;
        assert!(ask(&auth_js(&server.uri()), COOKIE).await.is_err(), "{status}");
        assert_eq!((requests(&server).await, requests(&other).await), (1, 0), "{status}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_outage() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(ask(&auth_js(&format!("http://{address}")), COOKIE).await.is_err());
}

/// A server that reads a request, writes this, and keeps the connection open.
async fn hanging(written: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.read(&mut [0; 4096]).await;
            let _ = connection.write_all(written.as_bytes()).await;
            open.push(connection);
        }
    });
    format!("http://{address}")
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_an_outage_after_5_seconds() {
    for written in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"user\":{"] {
        let base_url = hanging(written).await;
        let before = tokio::time::Instant::now();
        let unavailable = ask(&auth_js(&base_url), COOKIE).await.unwrap_err();
        assert_eq!(unavailable.to_string(), "sign-in is unavailable: there was no complete answer within 5 seconds");
        assert_eq!(before.elapsed().as_secs(), 5, "{written:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_an_outage() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.read(&mut [0; 4096]).await;
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nnull").await;
        }
    });
    assert!(ask(&auth_js(&base_url), COOKIE).await.is_err());
}

#[tokio::test]
async fn an_answer_is_used_for_5_seconds_by_that_cookie_only() {
    let server = answering(session()).await;
    let clock = Arc::new(clock());
    let provider = AuthJs::with_session_endpoint(&server.uri()).unwrap().clock(Arc::clone(&clock));
    for (wait, cookie, asked) in [
        (0, COOKIE, 1),
        (0, COOKIE, 1),
        (4999, COOKIE, 1),
        (0, "authjs.session-token=other", 2),
        (0, "__Secure-authjs.session-token=SECRET-OF-THE-SESSION", 3),
        (1, COOKIE, 4),
        (0, COOKIE, 4),
    ] {
        clock.advance(Duration::from_millis(wait));
        assert!(ask(&provider, cookie).await.unwrap().is_some());
        assert_eq!(requests(&server).await, asked);
    }
}

#[tokio::test]
async fn how_long_an_answer_is_used_can_be_set_also_to_not_at_all() {
    let server = answering(ResponseTemplate::new(401)).await;
    for (time, asked) in [(Duration::ZERO, 3), (Duration::from_secs(60), 4)] {
        let provider = auth_js(&server.uri()).cache_for(time);
        for _ in 0..3 {
            assert_eq!(ask(&provider, COOKIE).await, Ok(None));
        }
        assert_eq!(requests(&server).await, asked);
    }
}

#[tokio::test]
async fn a_session_that_ends_is_not_used_longer() {
    let ends = ResponseTemplate::new(200)
        .set_body_json(json!({ "user": { "id": "user_ada" }, "expires": "2026-01-01T12:00:02.000Z" }));
    let server = answering(ends).await;
    let clock = Arc::new(clock());
    let provider = AuthJs::with_session_endpoint(&server.uri()).unwrap().clock(Arc::clone(&clock));
    assert!(ask(&provider, COOKIE).await.unwrap().is_some());
    clock.advance(Duration::from_secs(2));
    let (log, _kept) = Log::keep();
    assert_eq!(ask(&provider, COOKIE).await, Ok(None));
    assert_eq!(requests(&server).await, 2);
    assert!(log.warnings()[0].contains("the session has expired"), "{}", log.text());
}

#[tokio::test]
async fn a_hundred_callers_with_one_cookie_are_one_request() {
    let server = answering(session().set_delay(Duration::from_millis(100))).await;
    let provider = auth_js(&server.uri());
    let users = join_all((0..100).map(|_| ask(&provider, COOKIE))).await;
    assert!(users.iter().all(|user| user.as_ref().unwrap().as_ref().unwrap().id == "user_ada"));
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_stop_the_request_for_the_others() {
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let (has_asked, may_go) = (Arc::clone(&asked), Arc::clone(&go));
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 4096]).await.unwrap();
        has_asked.notify_one();
        may_go.notified().await;
        let body = r#"{"user":{"id":"user_ada"}}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        connection.write_all(head.as_bytes()).await.unwrap();
    });
    let provider = Arc::new(auth_js(&base_url));
    let first = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { ask(&*provider, COOKIE).await }
    });
    asked.notified().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    go.notify_one();
    assert_eq!(ask(&*provider, COOKIE).await.unwrap().unwrap().id, "user_ada");
}

#[tokio::test]
async fn a_user_without_an_id_is_refused_with_the_way_out_in_the_log() {
    for id in [json!(null), json!(""), json!(7), json!({ "a": 1 })] {
        let user = json!({ "user": { "id": id, "name": "Ada Lovelace", "email": "ada@example.com" } });
        let server = answering(ResponseTemplate::new(200).set_body_json(user)).await;
        let (log, _kept) = Log::keep();
        let provider = auth_js(&server.uri());
        assert_eq!(ask(&provider, COOKIE).await, Ok(None));
        assert_eq!(ask(&provider, COOKIE).await, Ok(None));
        assert_eq!(log.warnings().len(), 1);
        assert!(log.text().contains("add one in the session callback"), "{}", log.text());
        assert!(!log.text().contains("ada@"), "{}", log.text());
        let by_email = auth_js(&server.uri()).id_claim("email");
        assert_eq!(ask(&by_email, COOKIE).await.unwrap().unwrap().id, "ada@example.com");
    }
}

#[tokio::test]
async fn the_organization_is_what_the_app_has_added_to_the_user() {
    for (added, organization) in [
        (json!({ "org": "org_1", "orgRole": "owner" }), Some(("org_1", Some("owner")))),
        (json!({ "org": "org_1" }), Some(("org_1", None))),
        (json!({ "org": "", "orgRole": "owner" }), None),
        (json!({ "org": 7 }), None),
        (json!({}), None),
    ] {
        let mut user = json!({ "id": "user_ada" });
        user.as_object_mut().unwrap().extend(added.as_object().unwrap().clone());
        let server = answering(ResponseTemplate::new(200).set_body_json(json!({ "user": user, "org": "other" }))).await;
        let provider = auth_js(&server.uri());
        assert_eq!(ask(&provider, COOKIE).await.unwrap().unwrap().organization, None);
        let user = ask(&provider.organization_claims("org", "orgRole"), COOKIE).await.unwrap().unwrap();
        let found = user.organization.as_ref().map(|found| (&*found.id, found.role.as_deref()));
        assert_eq!(found, organization, "{added}");
    }
}

#[tokio::test]
async fn the_path_of_the_sign_in_is_kept() {
    for (base, path) in [
        ("", "/api/auth/session"),
        ("/", "/api/auth/session"),
        ("/auth", "/auth/session"),
        ("/app/api/auth/", "/app/api/auth/session"),
    ] {
        let server = answering(session()).await;
        assert!(ask(&auth_js(&format!("{}{base}", server.uri())), COOKIE).await.unwrap().is_some());
        assert_eq!(server.received_requests().await.unwrap()[0].url.path(), path);
    }
    let server = answering(session()).await;
    let better_auth = BetterAuth::with_session_endpoint(&server.uri()).unwrap().cookie("shop.session_token");
    assert!(ask(&better_auth, "shop.session_token=a%2Fb%3D.c; better-auth.session_token=x").await.unwrap().is_some());
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!((request.url.path(), request.url.query()), ("/api/auth/get-session", Some("disableRefresh=true")));
    assert_eq!(request.headers["cookie"], "shop.session_token=a%2Fb%3D.c");
}

#[tokio::test]
async fn the_memory_is_bounded() {
    let big = json!({ "user": { "id": "user_ada" }, "x": "x".repeat(200_000) });
    let server = answering(ResponseTemplate::new(200).set_body_json(big)).await;
    let clock = ManualClock::at(flowglad_core::model::Timestamp::from_millis(NOW * 1000));
    let provider = AuthJs::with_session_endpoint(&server.uri()).unwrap().clock(clock);
    for number in 0..60 {
        assert!(ask(&provider, &format!("authjs.session-token={number}")).await.unwrap().is_some());
    }
    // 8 MiB hold about 40 of them: the last are there, the first are not.
    for (number, asked) in [(59, 60), (40, 60), (0, 61)] {
        assert!(ask(&provider, &format!("authjs.session-token={number}")).await.unwrap().is_some());
        assert_eq!(requests(&server).await, asked, "{number}");
    }
}
