//! The real sign-in providers, with what their own packages made and what an attacker makes of it.

use std::collections::BTreeMap;

use flowglad_core::auth::{KeySet, Provider, SignIn};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use crate::{
    App, ME, MOUNT, Reply,
    documents::{billing, customer},
    log::Log,
    sign_in::{StartSignIn, start_app},
    sign_in_vectors::{Answer, PluginToken, Row, Session, Tokens, clerk},
    upstream::not_found,
};

const ADA: &str = "user_ada";

const PERSON: &str = "clerk: a session";

const IN_ORGANIZATION: &str = "clerk: version 2 with an organization";

async fn app_of(start: StartSignIn, provider: impl Provider) -> App {
    start_app(start, SignIn::new(provider), |handler| handler).await
}

async fn knows(app: &App, id: &str) {
    app.upstream.answer("GET", &format!("/customers/{id}/billing"), billing(id, &[])).await;
}

async fn ask(app: &App, row: &Row) -> Reply {
    Reply::to(row.request(app, Method::POST, &format!("{MOUNT}/customers/billing"))).await
}

async fn visit(app: &App, row: &Row) -> Reply {
    Reply::to(row.request(app, Method::GET, ME)).await
}

fn with_header(name: &str, value: &str) -> Row {
    let headers = vec![(name.to_owned(), value.to_owned())];
    Row { name: value.to_owned(), settings: String::new(), headers, is_accepted: true }
}

/// A server that answers so at this path, and with a 404 elsewhere.
async fn server(path: &str, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(matchers::method("GET")).and(matchers::path(path)).respond_with(answer).mount(&server).await;
    server
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// The user of each good row is the customer, and the sender of each bad one is anonymous: nothing is sent to Flowglad, and
/// nothing of any row is logged.
async fn each_gets_its_verdict(start: StartSignIn, rows: &[Row], provider: impl Fn(&Row) -> SignIn) {
    let log = Log::start();
    let (mut apps, mut wrong) = (BTreeMap::new(), Vec::new());
    for row in rows {
        if !apps.contains_key(&row.settings) {
            let app = start_app(start, provider(row), |handler| handler).await;
            knows(&app, ADA).await;
            apps.insert(row.settings.clone(), app);
        }
        let app = &apps[&row.settings];
        let before = app.upstream.requests().await.len();
        let (action, page) = (ask(app, row).await, visit(app, row).await);
        let is_right = if row.is_accepted {
            action.status == 200 && page.body == ADA
        } else {
            let anonymous = |reply: &Reply| reply.status == 401 && reply.refusal().1 == "unauthorized";
            anonymous(&action) && anonymous(&page) && app.upstream.requests().await.len() == before
        };
        if !is_right {
            wrong.push(format!("{}: {action}, {page}", row.name));
        }
    }
    let log = log.text();
    let logged = rows.iter().filter(|row| row.secret_texts().any(|text| log.contains(text)));
    wrong.extend(logged.map(|row| format!("{}: a part of it was logged", row.name)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    nothing_of_them_went_to_flowglad(rows, apps.values()).await;
}

async fn nothing_of_them_went_to_flowglad(rows: &[Row], apps: impl Iterator<Item = &App>) {
    for app in apps {
        let sent = format!("{:?}", app.upstream.received().await);
        let leaked = rows.iter().find(|row| row.secret_texts().any(|text| sent.contains(text)));
        assert!(leaked.is_none(), "{leaked:?}");
    }
}

/// Clerk, Supabase and an app's own issuer.
pub async fn each_signed_token_gets_its_verdict(start: StartSignIn) {
    let tokens = Tokens::read();
    let keys = KeySet::from_json(&tokens.key_set.to_string()).unwrap();
    let provider = |row: &Row| SignIn::new(tokens.provider(&row.settings, keys.clone()));
    each_gets_its_verdict(start, &tokens.rows(), provider).await;
}

/// Auth.js v5 and `NextAuth` v4.
pub async fn each_encrypted_session_gets_its_verdict(start: StartSignIn) {
    let sessions = Session::all();
    let provider = |row: &Row| {
        let session = sessions.iter().find(|session| session.row().settings == row.settings).unwrap();
        SignIn::new(session.provider())
    };
    let rows: Vec<Row> = sessions.iter().map(Session::row).collect();
    each_gets_its_verdict(start, &rows, provider).await;
}

/// Auth.js, `NextAuth` and Better Auth, whose own apps say who is signed in.
pub async fn the_session_endpoint_says_who_is_signed_in(start: StartSignIn) {
    let log = Log::start();
    for answer in Answer::all() {
        let endpoint = server(answer.path(), ResponseTemplate::new(200).set_body_json(&answer.body)).await;
        let app = app_of(start, answer.provider(&endpoint.uri())).await;
        let row = with_header("cookie", &answer.cookie);
        if let Some(id) = answer.body["user"]["id"].as_str() {
            knows(&app, id).await;
            assert_eq!(visit(&app, &row).await.body, id, "{}", answer.name);
            assert_eq!(ask(&app, &row).await.status, 200, "{}", answer.name);
        } else {
            assert_eq!(ask(&app, &row).await.refusal(), (401, "unauthorized".into()), "{}", answer.name);
            assert!(app.upstream.requests().await.is_empty(), "{}", answer.name);
        }
        assert!(row.secret_texts().all(|text| !log.text().contains(text)), "{}", answer.name);
        nothing_of_them_went_to_flowglad(&[row], [&app].into_iter()).await;
    }
}

/// Better Auth's plug-in for tokens.
pub async fn a_token_of_better_auth_is_checked_by_its_keys(start: StartSignIn) {
    let signed = PluginToken::read();
    let keys = server("/keys", ResponseTemplate::new(200).set_body_raw(signed.keys, "application/json")).await;
    let provider = PluginToken::provider(KeySet::at(&format!("{}/keys", keys.uri())).unwrap());
    let app = app_of(start, provider).await;
    let good = with_header("authorization", &format!("Bearer {}", signed.token));
    let id = visit(&app, &good).await;
    assert_eq!(id.status, 200, "{id}");
    knows(&app, std::str::from_utf8(&id.body).unwrap()).await;
    assert_eq!(ask(&app, &good).await.status, 200);
    let changed = with_header("authorization", &format!("Bearer {}", signed.token.replace('.', ".A")));
    assert_eq!(ask(&app, &changed).await.refusal(), (401, "unauthorized".into()));
    assert_eq!(requests(&keys).await, 1);
}

/// A cookie of another part of the site may be any text, before the session or behind it.
pub async fn another_cookie_that_is_not_ascii_signs_nobody_out(start: StartSignIn) {
    let tokens = Tokens::read();
    let app = app_of(start, clerk().key_set(KeySet::from_json(&tokens.key_set.to_string()).unwrap())).await;
    let row = tokens.row("clerk: the cookie");
    for cookie in [format!("city=Zürich; {}", row.headers[0].1), format!("{}; city=東京", row.headers[0].1)] {
        assert_eq!(visit(&app, &with_header("cookie", &cookie)).await.body, ADA);
    }
}

/// Keys are fetched once, however many requests there are.
pub async fn the_keys_of_a_provider_are_fetched_once(start: StartSignIn) {
    let tokens = Tokens::read();
    let server = server("/keys", ResponseTemplate::new(200).set_body_json(&tokens.key_set)).await;
    let keys = KeySet::at(&format!("{}/keys", server.uri())).unwrap();
    for name in [PERSON, "supabase: a session, ES256", "jwt: EdDSA"] {
        let row = tokens.row(name);
        let app = app_of(start, tokens.provider(&row.settings, keys.clone())).await;
        knows(&app, ADA).await;
        for _ in 0..10 {
            assert_eq!(ask(&app, &row).await.status, 200, "{name}");
        }
    }
    assert_eq!(requests(&server).await, 1);
}

/// Without an answer of its servers no user is signed in and none is signed out, whatever the request has. A request
/// without a session is anonymous all the same.
pub async fn a_provider_whose_servers_are_down_is_unavailable(start: StartSignIn) {
    let log = Log::start();
    let down = MockServer::start().await;
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(503)).mount(&down).await;
    let keys = || KeySet::at(&format!("{}/keys", down.uri())).unwrap();
    let (tokens, plugin) = (Tokens::read(), PluginToken::read());
    let mut all: Vec<(SignIn, Row)> = Vec::new();
    for name in [PERSON, "supabase: a session, ES256", "ssr: base64url in chunks", "jwt: RS256"] {
        let row = tokens.row(name);
        all.push((SignIn::new(tokens.provider(&row.settings, keys())), row));
    }
    for name in ["Auth.js", "NextAuth", "Better Auth"] {
        let answer = Answer::named(name);
        all.push((SignIn::new(answer.provider(&down.uri())), with_header("cookie", &answer.cookie)));
    }
    let token = with_header("authorization", &format!("Bearer {}", plugin.token));
    all.push((SignIn::new(PluginToken::provider(keys())), token));
    for (sign_in, row) in all {
        let app = start_app(start, sign_in, |handler| handler).await;
        for reply in [ask(&app, &row).await, visit(&app, &row).await] {
            assert_eq!(reply.refusal(), (503, "sign_in_unavailable".into()), "{}", row.name);
            let (_, wait) = reply.headers.iter().find(|(name, _)| *name == "retry-after").unwrap();
            assert!((1..=60).contains(&wait.parse::<u64>().unwrap()), "{}: {wait}", row.name);
        }
        let anonymous = Row { headers: Vec::new(), ..row.clone() };
        assert_eq!(ask(&app, &anonymous).await.refusal(), (401, "unauthorized".into()), "{}", row.name);
        assert!(app.upstream.requests().await.is_empty(), "{}", row.name);
        assert!(row.secret_texts().all(|text| !log.text().contains(text)), "{}", row.name);
    }
}

/// The organization that the token or the session names is the customer, and the user of the others is refused.
pub async fn the_active_organization_of_a_real_session_is_the_customer(start: StartSignIn) {
    let tokens = Tokens::read();
    let clerk = || clerk().key_set(KeySet::from_json(&tokens.key_set.to_string()).unwrap());
    let app = start_app(start, SignIn::new(clerk()).organizations(), |handler| handler).await;
    knows(&app, "org_engines").await;
    for name in [IN_ORGANIZATION, "clerk: version 1 with an organization"] {
        assert_eq!(ask(&app, &tokens.row(name)).await.status, 200, "{name}");
    }
    assert_eq!(ask(&app, &tokens.row(PERSON)).await.refusal(), (403, "no_organization".into()));
    let answer = Answer::named("Better Auth, in an organization");
    let endpoint = server(answer.path(), ResponseTemplate::new(200).set_body_json(&answer.body)).await;
    let sign_in = SignIn::new(answer.provider(&endpoint.uri())).organizations();
    let app = start_app(start, sign_in, |handler| handler).await;
    let id = answer.body["session"]["activeOrganizationId"].as_str().unwrap();
    assert_eq!(visit(&app, &with_header("cookie", &answer.cookie)).await.body, id);
}

/// A new customer has name and email of the token, or of Clerk's users where its token has none.
pub async fn a_new_customer_has_the_details_of_the_provider(start: StartSignIn) {
    let tokens = Tokens::read();
    let keys = || KeySet::from_json(&tokens.key_set.to_string()).unwrap();
    let user = json!({
        "id": ADA, "first_name": "Ada", "last_name": "Lovelace", "primary_email_address_id": "idn_1",
        "email_addresses": [{"id": "idn_1", "email_address": "ada@example.com"}],
    });
    let users = server("/v1/users/user_ada", ResponseTemplate::new(200).set_body_json(user)).await;
    let clerk = clerk().key_set(keys()).secret_key("sk_test_clerk").unwrap().api_url(&users.uri()).unwrap();
    for (sign_in, name) in [
        (SignIn::new(clerk), PERSON),
        (SignIn::new(tokens.provider("supabase", keys())), "supabase: a session, ES256"),
        (SignIn::new(tokens.provider("jwt", keys())), "jwt: RS256"),
    ] {
        let app = start_app(start, sign_in, |handler| handler).await;
        app.upstream.answer_once("GET", "/customers/user_ada/billing", not_found()).await;
        app.upstream.answer_once("POST", "/customers", json!({"data": {"customer": customer(ADA)}})).await;
        knows(&app, ADA).await;
        assert_eq!(ask(&app, &tokens.row(name)).await.status, 200, "{name}");
        let new = json!({"customer": {"email": "ada@example.com", "name": "Ada Lovelace", "externalId": ADA}});
        let bodies: Vec<Value> = app.upstream.bodies().await;
        assert!(bodies.contains(&new), "{name}: {bodies:?}");
    }
    assert_eq!(requests(&users).await, 1);
}
