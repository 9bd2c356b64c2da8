//! Asking the app's own session endpoint who is signed in.

use std::{sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use reqwest::header::HeaderValue;
use serde_json::{Map, Value};
use tracing::warn;
use url::Url;

use crate::{
    auth::{
        address::{base_url, http_url},
        bearer::bearer,
        claims::strict_json,
        cookies::Cookies,
        http::{AuthHttp, Credentials, HttpAnswer},
        provider::{Organization, SignedIn, Unavailable},
        refusal::{Refusal, Refusals},
        session_cookie::SessionCookie,
        session_memory::{Session, SessionMemory},
    },
    clock::{Clock, SystemClock},
    error::Error,
    flowglad::builder::is_local,
    input::Headers,
    model::Timestamp,
};

const CACHE_TIME: Duration = Duration::from_secs(5);
const MAX_RESPONSE_BYTES: usize = 256 * 1024;
const DEFAULT_PATH: &str = "/api/auth";

/// What differs between the endpoints of the providers.
pub(super) struct SessionKind {
    /// The provider's name.
    pub(super) name: &'static str,
    /// What is added to the path of the app's sign-in.
    pub(super) path: &'static str,
    pub(super) query: Option<&'static str>,
    /// Takes what is not for the app out of a session, and returns when it ends, as the endpoint wrote it.
    pub(super) prepare: fn(&mut Map<String, Value>) -> Option<String>,
    pub(super) organization: fn(&Map<String, Value>) -> Option<Organization>,
}

/// The session endpoint of an app, and the memory of its last answers.
pub(super) struct SessionEndpoint {
    http: AuthHttp,
    url: Url,
    kind: &'static SessionKind,
    memory: Arc<SessionMemory>,
    clock: Arc<dyn Clock>,
    cache_time: Duration,
    refusals: Refusals,
}

impl SessionEndpoint {
    /// The endpoint of the app with this base URL. A setting's name is for the error.
    pub(super) fn new(setting: &'static str, base_url: &str, kind: &'static SessionKind) -> Result<Self, Error> {
        let url = endpoint_url(setting, base_url, kind)?;
        if url.scheme() == "http" && !is_local(url.as_str()) {
            warn!("{setting} is http: session cookies cross the network unencrypted");
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let memory = Arc::new(SessionMemory::new(CACHE_TIME, Arc::clone(&clock)));
        Ok(Self {
            http: AuthHttp::new()?,
            url,
            kind,
            memory,
            clock,
            cache_time: CACHE_TIME,
            refusals: Refusals::default(),
        })
    }

    pub(super) fn set_cache_time(&mut self, time: Duration) {
        self.cache_time = time;
        self.memory = Arc::new(SessionMemory::new(time, Arc::clone(&self.clock)));
    }

    pub(super) fn set_clock(&mut self, clock: Arc<dyn Clock>) {
        self.memory = Arc::new(SessionMemory::new(self.cache_time, Arc::clone(&clock)));
        self.clock = clock;
    }

    /// Who is signed in by the cookie with one of these names. Without the cookie, nothing is asked.
    pub(super) fn identify<'a>(
        &'a self,
        headers: &dyn Headers,
        cookies: &[String],
        id_claim: &'a str,
    ) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        match self.refusals.accepted(self.kind.name, session_cookie(headers, cookies)) {
            Some(cookie) => self.ask(cookie, id_claim).boxed(),
            None => ready(Ok(None)).boxed(),
        }
    }

    async fn ask(&self, cookie: HeaderValue, id_claim: &str) -> Result<Option<SignedIn>, Unavailable> {
        let (http, url, kind) = (self.http.clone(), self.url.clone(), self.kind);
        let sent = cookie.clone();
        let read =
            async move { read_session(&http.get(&url, Credentials::Cookie(sent), MAX_RESPONSE_BYTES).await?, kind) };
        let Some(session) = self.memory.get_or_read(cookie.as_bytes(), read).await? else { return Ok(None) };
        Ok(self.refusals.accepted(self.kind.name, self.signed_in(&session, id_claim).map(Some)))
    }

    fn signed_in(&self, session: &Session, id_claim: &str) -> Result<SignedIn, Refusal> {
        if session.expires.is_some_and(|expires| expires <= self.clock.date()) {
            return Err(Refusal("the session has expired"));
        }
        let user = session.members.get("user").and_then(Value::as_object).ok_or(NO_ID)?;
        let text = |name| text(user, name);
        let id = text(id_claim).ok_or(NO_ID)?;
        let organization = (self.kind.organization)(&session.members);
        let claims = session.members.clone();
        Ok(SignedIn { name: text("name"), email: text("email"), organization, claims, ..SignedIn::new(id) })
    }
}

const NO_ID: Refusal = Refusal("the session has no user id as a text: add one in the session callback");

fn session_cookie(headers: &dyn Headers, names: &[String]) -> Result<Option<HeaderValue>, Refusal> {
    if bearer(headers)?.is_some() {
        return Err(Refusal("there is a bearer token, and the session endpoint takes cookies only"));
    }
    let cookies = Cookies::read(headers)?;
    let Some(cookie) = SessionCookie::find(&cookies, names)? else { return Ok(None) };
    let header = HeaderValue::try_from(cookie.to_header());
    header.map(Some).map_err(|_| Refusal("the session cookie is malformed"))
}

/// What the endpoint has answered. That no user is signed in is an answer; what cannot be understood is an outage, which
/// signs no user out.
fn read_session(answer: &HttpAnswer, kind: &'static SessionKind) -> Result<Option<Arc<Session>>, Unavailable> {
    match answer.status {
        200 => {}
        401 => return Ok(None),
        429 => return Err(Unavailable::new("the session endpoint limits requests, also those of this server")),
        status => return Err(Unavailable::new(format!("the session endpoint answered with the status {status}"))),
    }
    match strict_json(&answer.body) {
        Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) if members.is_empty() => Ok(None),
        Some(Value::Object(members)) if members.get("user").is_some_and(Value::is_object) => {
            Ok(Some(Arc::new(kind.session(members, answer.body.len()))))
        }
        _ => Err(Unavailable::new("the session endpoint answered with something else than a session")),
    }
}

impl SessionKind {
    fn session(&self, mut members: Map<String, Value>, bytes: usize) -> Session {
        let expires = (self.prepare)(&mut members).and_then(|text| text.parse::<Timestamp>().ok());
        Session { members, expires, bytes }
    }
}

fn endpoint_url(setting: &'static str, text: &str, kind: &SessionKind) -> Result<Url, Error> {
    let base_url = base_url(setting, text)?;
    let has_path = !http_url(setting, &base_url)?.path().trim_matches('/').is_empty();
    let path = if has_path { "" } else { DEFAULT_PATH };
    let mut url = http_url(setting, &format!("{base_url}{path}/{}", kind.path))?;
    url.set_query(kind.query);
    Ok(url)
}

pub(super) fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
