//! The sessions of `tests/auth/sessions.json`, which the packages themselves made and judged.

use std::collections::BTreeMap;

use flowglad_core::auth::{AuthJs, Provider as _, SignedIn};
use futures_util::FutureExt as _;
use serde::Deserialize;

use super::{NOW, Sent, clock, log::Log};

#[derive(Deserialize)]
struct File {
    now: i64,
    reasons: BTreeMap<String, String>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    name: String,
    accepted: bool,
    cookie: OneOrMore,
    #[serde(default)]
    authorization: Vec<String>,
    secrets: Vec<String>,
    cookie_name: Option<String>,
    /// Whether the package takes the user for signed in, and why ours is another verdict.
    theirs: bool,
    why: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Vector {
    fn cookies(&self) -> Vec<&str> {
        match &self.cookie {
            OneOrMore::One(cookie) if cookie.is_empty() => Vec::new(),
            OneOrMore::One(cookie) => vec![cookie],
            OneOrMore::More(cookies) => cookies.iter().map(String::as_str).collect(),
        }
    }

    fn headers(&self) -> Sent {
        let sent = self.cookies().into_iter().fold(Sent::default(), |sent, cookie| sent.and("cookie", cookie));
        self.authorization.iter().fold(sent, |sent, value| sent.and("authorization", value))
    }

    fn provider(&self) -> AuthJs {
        let provider = AuthJs::with_secrets(self.secrets.clone()).unwrap().clock(clock());
        match &self.cookie_name {
            Some(name) => provider.cookie(name).unwrap(),
            None => provider,
        }
    }

    /// Without a wait, since nothing is asked.
    fn signed_in(&self, provider: &AuthJs) -> Option<SignedIn> {
        provider.identify(&self.headers()).now_or_never().unwrap().unwrap()
    }

    /// Texts of the request that may be nowhere else.
    fn secret_texts(&self) -> Vec<&str> {
        let values = self.cookies().into_iter().chain(self.authorization.iter().map(String::as_str));
        let parts = values.flat_map(|value| value.split(['=', ';', ' ', '.']));
        let is_secret = |part: &&str| part.len() > 20;
        parts.filter(is_secret).chain(["user_ada", "ada@example.com"]).collect()
    }
}

fn file() -> File {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/auth/sessions.json");
    let text = std::fs::read_to_string(FILE).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_session_gets_the_verdict_in_the_file() {
    let file = file();
    assert_eq!(file.now, NOW);
    let wrong: Vec<String> = file
        .vectors
        .iter()
        .filter_map(|vector| match vector.signed_in(&vector.provider()) {
            Some(_) if !vector.accepted => Some(format!("{} is accepted", vector.name)),
            None if vector.accepted => Some(format!("{} is refused", vector.name)),
            Some(user) if user.id != "user_ada" => Some(format!("{} is of {}", vector.name, user.id)),
            _ => None,
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_packages_agree_unless_there_is_a_reason() {
    let File { reasons, vectors, .. } = file();
    for vector in &vectors {
        assert_eq!(vector.theirs != vector.accepted, vector.why.is_some(), "{}", vector.name);
        assert!(vector.why.as_ref().is_none_or(|why| reasons.contains_key(why)), "{}", vector.name);
    }
    let accepted = vectors.iter().filter(|vector| vector.accepted).count();
    assert!(accepted >= 20 && vectors.len() - accepted >= 90, "{accepted} of {}", vectors.len());
}

#[test]
fn a_refusal_is_one_warning_without_anything_of_the_session() {
    for vector in file().vectors.iter().filter(|vector| !vector.cookies().is_empty()) {
        let provider = vector.provider();
        let (log, _kept) = Log::keep();
        for _ in 0..3 {
            vector.signed_in(&provider);
        }
        let is_refused = !vector.accepted && vector.name != "other cookies only";
        assert_eq!(log.warnings().len(), usize::from(is_refused), "{}: {}", vector.name, log.text());
        let shown = log.text() + &format!("{provider:?}{:?}", vector.signed_in(&provider)).replace("user_ada", "");
        for text in vector.secret_texts() {
            assert!(!shown.contains(text), "{}: {text} in {shown}", vector.name);
        }
    }
}

#[test]
fn name_email_and_claims_are_those_of_the_token() {
    let user = |name: &str| {
        let vectors = file().vectors;
        let vector = vectors.iter().find(|vector| vector.name == name).unwrap();
        vector.signed_in(&vector.provider()).unwrap()
    };
    for name in ["Auth.js: a sign-in", "NextAuth: a sign-in", "a bearer token"] {
        let user = user(name);
        assert_eq!((user.name.as_deref(), user.email.as_deref()), (Some("Ada Lovelace"), Some("ada@example.com")));
        assert_eq!(user.claims["sub"], "user_ada");
        assert_eq!(user.organization, None);
    }
    let nameless = user("claims: no name and no email");
    assert_eq!((nameless.name, nameless.email), (None, None));
    let long = user("NextAuth: a sign-in with a long token, in parts");
    assert_eq!(long.claims["permissions"].as_array().unwrap().len(), 60);
}

#[test]
fn the_id_may_be_another_claim() {
    let vectors = file().vectors;
    let vector = vectors.iter().find(|vector| vector.name == "Auth.js: a sign-in").unwrap();
    let by_email = vector.signed_in(&vector.provider().id_claim("email"));
    assert_eq!(by_email.unwrap().id, "ada@example.com");
    assert_eq!(vector.signed_in(&vector.provider().id_claim("tenant")), None);
}

#[test]
fn the_organization_may_be_a_claim() {
    let vectors = file().vectors;
    let vector = vectors.iter().find(|vector| vector.name == "Auth.js: a sign-in").unwrap();
    let user = vector.signed_in(&vector.provider().organization_claims("email", "name")).unwrap();
    let organization = user.organization.unwrap();
    assert_eq!((&*organization.id, organization.role.as_deref()), ("ada@example.com", Some("Ada Lovelace")));
    let none = vector.signed_in(&vector.provider().organization_claims("tenant", "name")).unwrap();
    assert_eq!(none.organization, None);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let none: [&str; 0] = [];
    let no_secret = AuthJs::with_secrets(none).unwrap_err();
    assert_eq!(no_secret.to_string(), "flowglad client: AUTH_SECRET is empty");
    assert!(AuthJs::with_secrets(["good", " "]).is_err());
    assert!(AuthJs::with_secrets(["good"]).unwrap().cookie("").is_err());
    for url in
        ["", "app.example.com", "ftp://app.example.com", "https://a:b@app.example.com", "https://app.example.com?a=b"]
    {
        assert!(AuthJs::with_session_endpoint(url).is_err(), "{url}");
    }
}
