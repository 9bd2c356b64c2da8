//! Sign-in on one core: warm checks of tokens and cookies, which send no request.

use std::{
    hint::black_box,
    process::id,
    time::{Duration, Instant},
};

use flowglad_axum::flowglad_core::{
    adapter::Headers,
    auth::{AuthJs, Clerk, Jwt, KeySet, Provider, Supabase, TokenSecret},
    clock::ManualClock,
    model::Timestamp,
};
use futures_util::FutureExt as _;
use serde_json::Value;

use crate::{
    Failure,
    pass_through::{Settings, commit, machine, median},
    process::cpu_seconds,
    say,
};

/// The vectors of the tests: real tokens and cookies, which were valid at one time.
const TOKENS: &str = include_str!("../../auth/tokens.json");
const SESSIONS: &str = include_str!("../../auth/sessions.json");
/// How many checks run between two looks at the clock.
const AT_ONCE: u32 = 100;

pub(crate) fn run(settings: &Settings) -> Result<(), Failure> {
    say(&format!("{}, commit {}", machine(), commit()));
    say(&format!("\nprocessor time of a warm check, {} rounds, medians\n", settings.rounds));
    say("| what | per second and core | µs |");
    say("| --- | --- | --- |");
    let checks = checks()?;
    let mut times = vec![Vec::new(); checks.len()];
    // The rounds take turns, so that a machine that slows down slows all of them down.
    for _ in 0..settings.rounds {
        for (check, times) in checks.iter().zip(&mut times) {
            times.push(check.microseconds(Duration::from_secs(settings.seconds))?);
        }
    }
    for (check, times) in checks.iter().zip(times) {
        let microseconds = median(times.into_iter());
        say(&format!("| {} | {:.0} | {microseconds:.1} |", check.what, 1e6 / microseconds));
    }
    Ok(())
}

/// A provider, and a request whose user it finds without asking anyone.
struct Check {
    what: &'static str,
    provider: Box<dyn Provider>,
    request: Request,
}

struct Request {
    name: &'static str,
    value: String,
}

impl Headers for Request {
    fn header(&self, name: &str) -> Option<&str> {
        (self.name == name).then_some(&*self.value)
    }
}

impl Check {
    /// The processor time of one check, in microseconds.
    fn microseconds(&self, limit: Duration) -> Result<f64, Failure> {
        let (began, used, mut checks) = (Instant::now(), cpu_seconds(id())?, 0_u32);
        while began.elapsed() < limit {
            for _ in 0..AT_ONCE {
                let found = self.provider.identify(black_box(&self.request)).now_or_never();
                if !matches!(black_box(found), Some(Ok(Some(_)))) {
                    return Err(format!("{}: no user is signed in, or something was asked", self.what).into());
                }
            }
            checks += AT_ONCE;
        }
        Ok((cpu_seconds(id())? - used) * 1e6 / f64::from(checks))
    }
}

fn checks() -> Result<Vec<Check>, Failure> {
    let (tokens, sessions): (Value, Value) = (serde_json::from_str(TOKENS)?, serde_json::from_str(SESSIONS)?);
    let now = tokens["now"].as_i64().unwrap_or_default() * 1000;
    let clock = || ManualClock::at(Timestamp::from_millis(now));
    let keys = KeySet::from_json(&tokens["keySet"].to_string())?;
    let secret = TokenSecret::new(tokens["secret"].as_str().unwrap_or_default())?;
    let jwt = |by: Jwt| by.audience("https://api.example.com").clock(clock());
    let by_keys = || Ok::<_, Failure>(jwt(Jwt::new("https://idp.example.com/", keys.clone())?));
    let clerk = Clerk::new("https://clerk.example.com", ["https://app.example.com"])?.key_set(keys.clone());
    let supabase =
        || Ok::<_, Failure>(Supabase::new("https://abcdefgh.supabase.co")?.key_set(keys.clone()).clock(clock()));
    let auth_js = || Ok::<_, Failure>(AuthJs::with_secrets(["the secret of the app, which is long"])?.clock(clock()));
    let token = |what, name, provider| check(what, &tokens, name, provider);
    let session = |what, name, provider| check(what, &sessions, name, provider);
    Ok(vec![
        token("RS256, 2048 bits", "jwt: RS256", Box::new(by_keys()?))?,
        token("RS256, 4096 bits", "jwt: RS256 with 4096 bits", Box::new(by_keys()?))?,
        token("ES256", "jwt: ES256", Box::new(by_keys()?))?,
        token("EdDSA", "jwt: EdDSA", Box::new(by_keys()?))?,
        token("HS256", "jwt: HS256", Box::new(jwt(Jwt::new("https://idp.example.com/", secret)?)))?,
        token("Clerk: cookie, RS256", "clerk: the cookie", Box::new(clerk.clock(clock())))?,
        token("Supabase: Bearer, ES256", "supabase: a session, ES256", Box::new(supabase()?))?,
        token("Supabase: cookie in chunks, ES256", "ssr: base64url in chunks", Box::new(supabase()?))?,
        session("Auth.js: cookie, A256CBC-HS512", "Auth.js: a sign-in", Box::new(auth_js()?))?,
        session("NextAuth: cookie, A256GCM", "NextAuth: a sign-in", Box::new(auth_js()?))?,
    ])
}

/// The check of the vector with this name.
fn check(what: &'static str, file: &Value, name: &str, provider: Box<dyn Provider>) -> Result<Check, Failure> {
    let vectors = file["vectors"].as_array().into_iter().flatten();
    let vector =
        vectors.into_iter().find(|vector| vector["name"] == name).ok_or_else(|| format!("no vector {name}"))?;
    let (header, value) = match &vector["headers"][0] {
        Value::Array(header) => (header[0].as_str(), header[1].as_str()),
        _ => (Some("cookie"), vector["cookie"].as_str()),
    };
    let name = if header == Some("cookie") { "cookie" } else { "authorization" };
    Ok(Check { what, provider, request: Request { name, value: value.unwrap_or_default().to_owned() } })
}
