//! The answers of `tests/auth/endpoints.json`, which the session endpoints of the packages gave.

use flowglad_core::auth::{AuthJs, BetterAuth, KeySet, Provider, SignedIn};
use serde::Deserialize;
use serde_json::Value;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use super::{Sent, clock};

#[derive(Deserialize)]
struct Answer {
    provider: String,
    name: String,
    cookie: String,
    body: Value,
}

impl Answer {
    fn path(&self) -> &'static str {
        if self.provider == "authjs" { "/api/auth/session" } else { "/api/auth/get-session" }
    }

    fn provider(&self, base_url: &str) -> Box<dyn Provider> {
        if self.provider == "authjs" {
            Box::new(AuthJs::with_session_endpoint(base_url).unwrap().clock(clock()))
        } else {
            Box::new(BetterAuth::with_session_endpoint(base_url).unwrap().clock(clock()))
        }
    }

    async fn signed_in(&self) -> Option<SignedIn> {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_json(&self.body);
        let request = Mock::given(method("GET")).and(path(self.path())).and(header("cookie", &*self.cookie));
        request.respond_with(answer).expect(1).mount(&server).await;
        let sent = Sent::cookie(format!("theme=dark; {}; other=1", self.cookie)).and("x-forwarded-for", "192.0.2.1");
        let user = self.provider(&server.uri()).identify(&sent).await.unwrap();
        let headers = server.received_requests().await.unwrap().remove(0).headers;
        let mut names: Vec<&str> = headers.keys().map(wiremock::http::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "cookie", "host", "user-agent"], "{}", self.name);
        user
    }
}

fn answers() -> Vec<Answer> {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/auth/endpoints.json");
    let text = std::fs::read_to_string(FILE).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn the_answers_of_the_packages_are_understood() {
    for answer in answers() {
        let user = answer.signed_in().await;
        let expected = answer.body["user"].as_object();
        assert_eq!(user.is_some(), expected.is_some(), "{}", answer.name);
        let (Some(user), Some(expected)) = (user, expected) else { continue };
        assert_eq!(user.id, expected["id"], "{}", answer.name);
        assert_eq!(user.name.as_deref(), Some("Ada Lovelace"), "{}", answer.name);
        assert_eq!(user.email.as_deref(), Some("ada@example.com"), "{}", answer.name);
        let organization = answer.body["session"]["activeOrganizationId"].as_str();
        assert_eq!(user.organization.as_ref().map(|organization| &*organization.id), organization, "{}", answer.name);
        let claims = serde_json::to_string(&user.claims).unwrap();
        let token = answer.body["session"]["token"].as_str();
        assert!(token.is_none_or(|token| !claims.contains(token)), "{}", answer.name);
    }
}

#[test]
fn the_file_has_sessions_and_refusals_of_each_package() {
    let answers = answers();
    for name in ["Auth.js", "NextAuth", "Better Auth"] {
        let of = || answers.iter().filter(|answer| answer.name.starts_with(name));
        assert!(of().any(|answer| answer.body["user"].is_object()), "{name}");
        assert!(of().any(|answer| !answer.body["user"].is_object()), "{name}");
    }
    assert!(answers.iter().any(|answer| answer.body["session"]["activeOrganizationId"].is_string()));
}

/// A token of the JWT plug-in, and the keys that its endpoint has answered.
#[derive(Deserialize)]
struct SignedToken {
    token: String,
    keys: String,
}

#[tokio::test]
async fn a_token_of_the_plug_in_is_checked_by_its_keys() {
    const BASE_URL: &str = "http://127.0.0.1:3000";
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/auth/better-auth-token.json");
    let signed: SignedToken = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let server = MockServer::start().await;
    let keys = ResponseTemplate::new(200).set_body_raw(signed.keys.clone(), "application/json");
    Mock::given(path("/api/auth/jwks")).respond_with(keys).expect(1).mount(&server).await;
    let keys = KeySet::at(&format!("{}/api/auth/jwks", server.uri())).unwrap();
    let provider = BetterAuth::with_key_set(BASE_URL, keys.clone()).unwrap().clock(clock());
    let bearer = |token: &str| Sent::default().and("authorization", format!("Bearer {token}"));
    for _ in 0..2 {
        let user = provider.identify(&bearer(&signed.token)).await.unwrap().unwrap();
        assert_eq!(user.id, user.claims["sub"]);
        assert_eq!((user.name.as_deref(), user.email.as_deref()), (Some("Ada Lovelace"), Some("ada@example.com")));
        assert_eq!(user.organization, None);
    }
    let by_cookie = provider.cookie("token");
    assert!(by_cookie.identify(&Sent::cookie(format!("token={}", signed.token))).await.unwrap().is_some());
    let changed = signed.token.replace('.', ".A");
    assert_eq!(by_cookie.identify(&bearer(&changed)).await.unwrap(), None);
    let later = std::sync::Arc::new(clock());
    let other_app = BetterAuth::with_key_set("http://127.0.0.1:3001", keys.clone()).unwrap().clock(clock());
    assert_eq!(other_app.identify(&bearer(&signed.token)).await.unwrap(), None);
    let expiring = BetterAuth::with_key_set(BASE_URL, keys).unwrap().clock(std::sync::Arc::clone(&later));
    for (wait, is_accepted) in [(904, true), (1, false)] {
        later.advance(std::time::Duration::from_secs(wait));
        assert_eq!(expiring.identify(&bearer(&signed.token)).await.unwrap().is_some(), is_accepted, "{wait}");
    }
}
