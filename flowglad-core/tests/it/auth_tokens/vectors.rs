//! The tokens and cookies of `tests/auth/tokens.json`, which `jose` and `@supabase/ssr` have made and `jose` has judged.

use flowglad_core::auth::{Clerk, Jwt, KeySet, Organization, Provider, SignedIn, Supabase, TokenSecret};
use futures_util::FutureExt as _;
use serde::Deserialize;
use serde_json::Value;

use crate::auth_sessions::{NOW, Sent, clock, log::Log};

#[derive(Deserialize)]
struct File {
    now: i64,
    secret: String,
    #[serde(rename = "keySet")]
    key_set: Value,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    provider: String,
    name: String,
    headers: Vec<(String, String)>,
    /// How the reason begins. Empty if there is nothing to refuse.
    refused: Option<String>,
    jose: Option<bool>,
}

impl File {
    fn read() -> Self {
        const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/auth/tokens.json");
        let text = std::fs::read_to_string(FILE).unwrap_or_else(|error| panic!("{FILE}: {error}"));
        serde_json::from_str(&text).unwrap()
    }

    fn provider(&self, name: &str) -> Box<dyn Provider> {
        let keys = KeySet::from_json(&self.key_set.to_string()).unwrap();
        let secret = TokenSecret::new(&self.secret).unwrap();
        let clerk = || Clerk::new("https://clerk.example.com/", ["https://app.example.com"]).unwrap();
        let supabase = || Supabase::new("https://abcdefgh.supabase.co/").unwrap().clock(clock());
        let issuer = "https://idp.example.com/";
        let for_api = |jwt: Jwt| jwt.clock(clock()).audience("https://api.example.com");
        match name {
            "clerk" => Box::new(clerk().key_set(keys).clock(clock())),
            "supabase" => Box::new(supabase().key_set(keys)),
            "supabaseSecret" => Box::new(supabase().secret(secret)),
            "jwt" => Box::new(for_api(Jwt::new(issuer, keys).unwrap())),
            "jwtSecret" => Box::new(for_api(Jwt::new(issuer, secret).unwrap())),
            "jwtAny" => Box::new(Jwt::new(issuer, keys).unwrap().clock(clock())),
            other => panic!("no provider {other}"),
        }
    }

    fn signed_in(&self, name: &str) -> SignedIn {
        let vector = self.vectors.iter().find(|vector| vector.name == name).unwrap();
        vector.ask(&*self.provider(&vector.provider)).unwrap()
    }
}

impl Vector {
    fn headers(&self) -> Sent {
        self.headers.iter().fold(Sent::default(), |sent, (name, value)| match &**name {
            "authorization" => sent.and("authorization", value),
            "cookie" => sent.and("cookie", value),
            other => panic!("no header {other}"),
        })
    }

    /// Without a wait, since no key is fetched.
    fn ask(&self, provider: &dyn Provider) -> Option<SignedIn> {
        provider.identify(&self.headers()).now_or_never().unwrap().unwrap()
    }

    /// Texts of the request that may be nowhere else.
    fn secret_texts(&self) -> impl Iterator<Item = &str> {
        let parts = self.headers.iter().flat_map(|(_, value)| value.split(['=', ';', ' ', '.', ',']));
        parts.filter(|part| part.len() > 14 && !part.starts_with("sb-")).chain(["user_ada", "ada@example.com"])
    }
}

#[test]
fn every_token_gets_the_verdict_in_the_file_for_the_reason_in_the_file() {
    let file = File::read();
    assert_eq!(file.now, NOW);
    let mut wrong = Vec::new();
    for vector in &file.vectors {
        let provider = file.provider(&vector.provider);
        let (log, _kept) = Log::keep();
        let users: Vec<_> = (0..3).map(|_| vector.ask(&*provider)).collect();
        let (warnings, text) = (log.warnings(), log.text());
        let verdict = match &vector.refused {
            None => users.iter().all(|user| user.as_ref().is_some_and(|user| user.id == "user_ada")) && text.is_empty(),
            Some(reason) if reason.is_empty() => users.iter().all(Option::is_none) && text.is_empty(),
            Some(reason) => {
                let is_said_once = warnings.len() == 1 && warnings[0].contains(&format!("was refused: {reason}"));
                users.iter().all(Option::is_none) && is_said_once && text.lines().count() == 3
            }
        };
        let shown = format!("{text}{users:?}").replace("id: \"user_ada\"", "");
        let leaked = vector.secret_texts().find(|part| shown.contains(part));
        if !verdict || leaked.is_some() {
            wrong.push(format!("{}: {users:?}, {text}, shown: {leaked:?}", vector.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_accepted_that_jose_refuses() {
    let file = File::read();
    for vector in &file.vectors {
        assert!(vector.refused.is_some() || vector.jose != Some(false), "{}", vector.name);
    }
    let refused = file.vectors.iter().filter(|vector| vector.refused.is_some()).count();
    assert!(refused >= 120 && file.vectors.len() - refused >= 30, "{refused} of {}", file.vectors.len());
}

#[test]
fn a_token_with_one_character_changed_is_refused() {
    let file = File::read();
    for name in ["jwt: RS256", "jwt: ES256", "jwt: EdDSA", "jwt: HS256"] {
        let vector = file.vectors.iter().find(|vector| vector.name == name).unwrap();
        let (provider, token) = (file.provider(&vector.provider), &vector.headers[0].1);
        for place in "Bearer ".len()..token.len() {
            let mut changed = token.clone();
            let other = if &token[place..=place] == "A" { "B" } else { "A" };
            changed.replace_range(place..=place, other);
            let headers = Sent::default().and("authorization", changed);
            assert_eq!(provider.identify(&headers).now_or_never().unwrap(), Ok(None), "{name} at {place}");
        }
    }
}

#[test]
fn name_email_organization_and_claims_are_those_of_the_token() {
    let file = File::read();
    for name in ["jwt: RS256", "supabase: a session, ES256", "clerk: name and email as claims of the app"] {
        let user = file.signed_in(name);
        assert_eq!(
            (user.name.as_deref(), user.email.as_deref()),
            (Some("Ada Lovelace"), Some("ada@example.com")),
            "{name}"
        );
        assert_eq!((&user.claims["sub"], user.organization), (&Value::from("user_ada"), None), "{name}");
    }
    let bare = file.signed_in("clerk: a session");
    assert_eq!((bare.name, bare.email), (None, None));
    for (name, role) in [("version 2", "admin"), ("version 1", "org:admin")] {
        let user = file.signed_in(&format!("clerk: {name} with an organization"));
        let mut engines = Organization::new("org_engines");
        (engines.role, engines.slug) = (Some(role.to_owned()), Some("engines".to_owned()));
        assert_eq!(user.organization, Some(engines));
    }
}

#[test]
fn claims_may_have_other_names() {
    let file = File::read();
    let keys = KeySet::from_json(&file.key_set.to_string()).unwrap();
    let jwt = Jwt::new("https://idp.example.com/", keys).unwrap().audience("https://api.example.com").clock(clock());
    let jwt = jwt.id_claim("email").email_claim("sub").name_claim("aud").organization_claims("iss", "name");
    let vector = file.vectors.iter().find(|vector| vector.name == "jwt: RS256").unwrap();
    let user = vector.ask(&jwt).unwrap();
    assert_eq!((&*user.id, user.email.as_deref()), ("ada@example.com", Some("user_ada")));
    assert_eq!(user.name.as_deref(), Some("https://api.example.com"));
    let organization = user.organization.unwrap();
    assert_eq!((&*organization.id, organization.role.as_deref()), ("https://idp.example.com/", Some("Ada Lovelace")));
}

#[test]
fn settings_that_cannot_work_are_refused_without_being_shown() {
    let none: [&str; 0] = [];
    let issuer = "https://clerk.example.com";
    let problems = [
        (Clerk::new("", ["https://a.example"]).map(drop), "Clerk issuer is not an address such as https://example.com"),
        (Clerk::new("ftp://a.example", ["https://a.example"]).map(drop), "Clerk issuer must begin with https://"),
        (Clerk::new("https://me:pass@a.example", ["https://a"]).map(drop), "Clerk issuer must not contain a user name"),
        (Clerk::new(issuer, none).map(drop), "Clerk authorized parties are empty"),
        (Clerk::new(issuer, [""]).map(drop), "Clerk authorized parties are empty"),
        (Clerk::new(issuer, ["https://a"]).unwrap().secret_key(" ").map(drop), "Clerk secret key is empty"),
        (Clerk::new(issuer, ["https://a"]).unwrap().api_url("x").map(drop), "Clerk API address is not an address"),
        (Supabase::new("abcdefgh.supabase.co").map(drop), "Supabase address is not an address"),
        (Supabase::new("https://a.example?b").map(drop), "Supabase address must not have a query"),
        (TokenSecret::new("").map(drop), "token secret is empty"),
        (TokenSecret::new("short").map(drop), "token secret is too short"),
        (Jwt::new("", TokenSecret::new(&"s".repeat(32)).unwrap()).map(drop), "issuer is empty"),
        (KeySet::at("jwks.json").map(drop), "key set address is not an address"),
        (KeySet::from_json("{}").map(drop), "key set has no public key"),
        (KeySet::from_json(r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#).map(drop), "key set has no public key"),
    ];
    for (result, problem) in problems {
        let error = result.unwrap_err().to_string();
        assert!(error.starts_with(&format!("flowglad client: {problem}")), "{error}");
    }
    let jwt = Jwt::new("https://idp.example.com/", TokenSecret::new(&"s".repeat(32)).unwrap()).unwrap();
    assert!(!format!("{jwt:?}").contains("sss"), "{jwt:?}");
}
