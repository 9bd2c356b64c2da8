//! Requests of signed-in users and of attackers, from the files in `tests/auth`, which the providers' own packages made.

use std::sync::Arc;

use flowglad_core::{
    auth::{AuthJs, BetterAuth, Clerk, Jwt, KeySet, Provider, Supabase, TokenSecret},
    clock::ManualClock,
    model::Timestamp,
};
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::App;

/// When the requests are sent, in seconds since 1970.
const NOW: i64 = 1_767_268_800;

/// A clock that shows the time of the files.
#[must_use]
pub fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_millis(NOW * 1000))
}

/// A request, and whether it is that of a signed-in user.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the request is an example of.
    pub name: String,
    /// The provider's settings: rows with the same ones can share an app.
    pub settings: String,
    /// The headers that say who sends it.
    pub headers: Vec<(String, String)>,
    /// Whether it is `user_ada`.
    pub is_accepted: bool,
}

impl Row {
    /// Begins a request with these headers.
    pub fn request(&self, app: &App, method: Method, path: &str) -> RequestBuilder {
        self.headers.iter().fold(app.request_to(method, path), |request, (name, value)| request.header(name, value))
    }

    /// Parts of the headers that may be in no log and in no request to Flowglad.
    pub fn secret_texts(&self) -> impl Iterator<Item = &str> {
        let parts = self.headers.iter().flat_map(|(_, value)| value.split(['=', ';', ' ', '.', ',']));
        parts.filter(|part| part.len() > 20 && !part.contains("session-token") && !part.starts_with("sb-"))
    }
}

/// The signed tokens of `tokens.json`, and the keys that verify them.
#[derive(Debug, Deserialize)]
pub struct Tokens {
    secret: String,
    /// What the key server of each provider answers.
    #[serde(rename = "keySet")]
    pub key_set: Value,
    vectors: Vec<Token>,
}

#[derive(Debug, Deserialize)]
struct Token {
    provider: String,
    name: String,
    headers: Vec<(String, String)>,
    refused: Option<String>,
}

impl Tokens {
    /// Reads the file.
    #[must_use]
    pub fn read() -> Self {
        read("tokens.json")
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let row = |token: &Token| Row {
            name: token.name.clone(),
            settings: token.provider.clone(),
            headers: token.headers.clone(),
            is_accepted: token.refused.is_none(),
        };
        self.vectors.iter().map(row).collect()
    }

    /// The row of this name.
    #[must_use]
    pub fn row(&self, name: &str) -> Row {
        self.rows().into_iter().find(|row| row.name == name).unwrap()
    }

    /// The provider with these settings, whose keys are these.
    #[must_use]
    pub fn provider(&self, settings: &str, keys: KeySet) -> Arc<dyn Provider> {
        let secret = TokenSecret::new(&self.secret).unwrap();
        let supabase = || Supabase::new("https://abcdefgh.supabase.co").unwrap().clock(clock());
        let issuer = "https://idp.example.com/";
        let for_api = |jwt: Jwt| jwt.clock(clock()).audience("https://api.example.com");
        match settings {
            "clerk" => Arc::new(clerk().key_set(keys)),
            "supabase" => Arc::new(supabase().key_set(keys)),
            "supabaseSecret" => Arc::new(supabase().secret(secret)),
            "jwt" => Arc::new(for_api(Jwt::new(issuer, keys).unwrap())),
            "jwtSecret" => Arc::new(for_api(Jwt::new(issuer, secret).unwrap())),
            "jwtAny" => Arc::new(Jwt::new(issuer, keys).unwrap().clock(clock())),
            other => panic!("no provider {other}"),
        }
    }
}

/// The instance of Clerk that the file's tokens are of.
#[must_use]
pub fn clerk() -> Clerk {
    Clerk::new("https://clerk.example.com", ["https://app.example.com"]).unwrap().clock(clock())
}

/// An encrypted session of Auth.js or `NextAuth`, of `sessions.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    name: String,
    accepted: bool,
    cookie: OneOrMore,
    #[serde(default)]
    authorization: Vec<String>,
    secrets: Vec<String>,
    cookie_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Session {
    /// Reads the file.
    #[must_use]
    pub fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            vectors: Vec<Session>,
        }
        read::<File>("sessions.json").vectors
    }

    /// The request with it.
    #[must_use]
    pub fn row(&self) -> Row {
        let cookies = match &self.cookie {
            OneOrMore::One(cookie) if cookie.is_empty() => Vec::new(),
            OneOrMore::One(cookie) => vec![cookie.clone()],
            OneOrMore::More(cookies) => cookies.clone(),
        };
        let cookies = cookies.into_iter().map(|cookie| ("cookie".to_owned(), cookie));
        let tokens = self.authorization.iter().map(|value| ("authorization".to_owned(), value.clone()));
        Row {
            name: self.name.clone(),
            settings: format!("{:?} {:?}", self.secrets, self.cookie_name),
            headers: cookies.chain(tokens).collect(),
            is_accepted: self.accepted,
        }
    }

    /// The app's own provider.
    #[must_use]
    pub fn provider(&self) -> AuthJs {
        let provider = AuthJs::with_secrets(self.secrets.clone()).unwrap().clock(clock());
        match &self.cookie_name {
            Some(name) => provider.cookie(name).unwrap(),
            None => provider,
        }
    }
}

/// An answer of the session endpoint of Auth.js, `NextAuth` or Better Auth, of `endpoints.json`.
#[derive(Debug, Deserialize)]
pub struct Answer {
    provider: String,
    /// What it is an example of.
    pub name: String,
    /// The cookie of the request.
    pub cookie: String,
    /// What the endpoint sent back.
    pub body: Value,
}

impl Answer {
    /// Reads the file.
    #[must_use]
    pub fn all() -> Vec<Self> {
        read("endpoints.json")
    }

    /// The answer of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::all().into_iter().find(|answer| answer.name == name).unwrap()
    }

    /// The path of the endpoint.
    #[must_use]
    pub fn path(&self) -> &'static str {
        if self.provider == "authjs" { "/api/auth/session" } else { "/api/auth/get-session" }
    }

    /// The provider that asks the endpoint of the app at this address.
    #[must_use]
    pub fn provider(&self, base_url: &str) -> Arc<dyn Provider> {
        if self.provider == "authjs" {
            Arc::new(AuthJs::with_session_endpoint(base_url).unwrap().clock(clock()))
        } else {
            Arc::new(BetterAuth::with_session_endpoint(base_url).unwrap().clock(clock()))
        }
    }
}

/// A token of Better Auth's JWT plug-in for an app at `http://127.0.0.1:3000`, of `better-auth-token.json`.
#[derive(Debug, Deserialize)]
pub struct PluginToken {
    /// The token.
    pub token: String,
    /// What the app's key set endpoint answers.
    pub keys: String,
}

impl PluginToken {
    /// Reads the file.
    #[must_use]
    pub fn read() -> Self {
        read("better-auth-token.json")
    }

    /// The provider with these keys.
    #[must_use]
    pub fn provider(keys: KeySet) -> BetterAuth {
        BetterAuth::with_key_set("http://127.0.0.1:3000", keys).unwrap().clock(clock())
    }
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let file = format!("{}/../auth/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}
