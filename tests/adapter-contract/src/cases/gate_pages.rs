//! Gates of pages: redirects to the app's own pages, and back.

use percent_encoding::percent_decode_str;
use reqwest::{Method, Url};

use crate::{
    App, Reply, SESSION_HEADER, Session, Start,
    app::ADA,
    documents::{entitled, free},
    gated::EVERYTHING,
    raw_connection::RawConnection,
};

const DOCUMENT: &str = "/customers/user_42/billing";
const PAGE: &str = "/gates/page";

async fn visit(app: &App, method: Method, session: Option<&str>, path: &str) -> Reply {
    let request = app.request_to(method, path);
    Reply::to(match session {
        Some(session) => request.header(SESSION_HEADER, session),
        None => request,
    })
    .await
}

fn location(reply: &Reply) -> &str {
    assert_eq!(reply.status, 303, "{reply}");
    let location = reply.headers.iter().find(|(name, _)| *name == "location");
    &location.unwrap_or_else(|| panic!("no location: {reply}")).1
}

/// A page redirects a customer without the feature to the prices and an anonymous caller to the sign-in, with the way
/// back. Other methods get the JSON of all refusals.
pub async fn a_page_redirects_and_knows_the_way_back(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, free(ADA)).await;
    for method in [Method::GET, Method::HEAD] {
        let reply = visit(&app, method.clone(), Some(ADA), "/gates/page?a=1&b=x%20y").await;
        assert_eq!(location(&reply), "/pricing?returnTo=%2Fgates%2Fpage%3Fa%3D1%26b%3Dx%2520y");
        let reply = visit(&app, method.clone(), None, PAGE).await;
        assert_eq!(location(&reply), "/sign-in?returnTo=%2Fgates%2Fpage");
        let reply = visit(&app, method, Some(ADA), "/gates/plans-page").await;
        assert_eq!(location(&reply), "/pricing?plan=pro&returnTo=%2Fgates%2Fplans-page");
    }
    let posted = visit(&app, Method::POST, Some(ADA), PAGE).await;
    assert_eq!(posted.refusal(), (403, "feature_required".into()));
    assert_eq!(visit(&app, Method::POST, None, PAGE).await.refusal(), (401, "unauthorized".into()));
    // A session that Flowglad cannot bill would come back from the sign-in as it is, for ever.
    let unbillable = visit(&app, Method::GET, Some("no-email"), PAGE).await;
    assert_eq!(unbillable.refusal(), (401, "invalid_customer".into()));
}

/// A page whose customer is entitled is not redirected.
pub async fn a_page_is_shown_to_entitled_customers(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    let reply = visit(&app, Method::GET, Some(ADA), "/gates/page?a=1").await;
    assert_eq!((reply.status, &*reply.body), (200, ADA.as_bytes()));
}

/// Whatever the path and query are, the way back is a path of the app itself.
pub async fn the_way_back_never_leaves_the_site(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, free(ADA)).await;
    let targets = [
        "/gates/page?returnTo=//evil.example",
        "/gates/page?returnTo=https://evil.example",
        "/gates/page?//evil.example/..//",
        "/gates/page?\\evil.example",
        "/gates/page?%5c%5cevil.example",
        "/gates/page?a=%0d%0aLocation:%20https://evil.example",
        "/gates/page?a=1&returnTo=%2f%2fevil.example#x",
        "http://evil.example/gates/page",
        "http://evil.example/gates/page?@evil.example",
        "//evil.example/gated-page",
        "/%2fevil.example/gated-page",
        "/%2Fevil.example/gated-page?a=1",
        "/%5cevil.example/gated-page",
        "/\\evil.example/gated-page",
        "/%09%2fevil.example/gated-page",
        "http://app.example//evil.example/gated-page",
    ];
    let site = Url::parse("https://app.example/pricing").unwrap();
    for target in targets {
        for session in [Some(ADA), None] {
            let reply = raw_get(&app, target, session).await;
            let Some(location) = location_of(&reply) else {
                // A framework may refuse the request itself, or find that it is for another route.
                let is_elsewhere = reply.starts_with("HTTP/1.1 4") || reply.ends_with("the app");
                assert!(is_elsewhere, "{target}: {reply}");
                continue;
            };
            assert!(reply.starts_with("HTTP/1.1 303"), "{target}: {reply}");
            let whole = site.join(location).unwrap();
            assert_eq!(whole.origin(), site.origin(), "{target}: {location}");
            let queries: Vec<_> = whole.query_pairs().filter(|(name, _)| name == "returnTo").collect();
            let [(_, back)] = &queries[..] else { panic!("{target}: {location}") };
            let decoded = percent_decode_str(back).decode_utf8_lossy();
            for back in [&**back, &*decoded] {
                assert!(back.starts_with("/gates/page") || back == "/", "{target}: {back}");
                assert_eq!(site.join(back).unwrap().origin(), site.origin(), "{target}: {back}");
            }
        }
    }
}

/// Sends a request line as it is, which no browser library would.
async fn raw_get(app: &App, target: &str, session: Option<&str>) -> String {
    let session = session.map(|session| format!("{SESSION_HEADER}: {session}\r\n")).unwrap_or_default();
    let request = format!("GET {target} HTTP/1.1\r\nhost: app.example\r\n{session}connection: close\r\n\r\n");
    RawConnection::with_request(app, &request).await.rest().await
}

fn location_of(response: &str) -> Option<&str> {
    let head = response.split("\r\n\r\n").next()?;
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, value)| value)
}

/// The session is looked up once for a request, and billing is read once, however many gates and extractors ask.
pub async fn a_gate_and_all_extractors_share_one_look_up_and_one_read(start: Start) {
    let app = App::start(start).await;
    let user = "counted_by_gates";
    app.upstream.answer("GET", &format!("/customers/{user}/billing"), entitled(user)).await;
    for requests in 1..=2 {
        let reply = visit(&app, Method::GET, Some(user), EVERYTHING).await;
        assert_eq!((reply.status, &*reply.body), (200, format!("{user} live").as_bytes()), "{reply}");
        assert_eq!(Session::lookups(user), requests);
        assert_eq!(app.upstream.requests().await.len(), requests);
    }
}
