//! Name and email of Clerk's users.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use reqwest::header::HeaderValue;
use serde::Deserialize;
use url::Url;

use crate::{
    auth::{
        address::http_url,
        http::{AuthHttp, Credentials},
        provider::Unavailable,
    },
    clock::{Clock, SystemClock},
    error::Error,
    input::CustomerDetails,
};

const API: &str = "https://api.clerk.com";
const KEPT_FOR: Duration = Duration::from_secs(60);
const MAX_KEPT: usize = 1000;
const MAX_BYTES: usize = 256 * 1024;

/// Clerk's API for users.
pub(super) struct ClerkUsers {
    http: AuthHttp,
    authorization: HeaderValue,
    api: String,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<String, (CustomerDetails, Instant)>>,
}

/// A user as Clerk's API returns them.
#[derive(Deserialize)]
struct ClerkUser {
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    primary_email_address_id: Option<String>,
    #[serde(default)]
    email_addresses: Vec<ClerkAddress>,
}

#[derive(Deserialize)]
struct ClerkAddress {
    id: String,
    email_address: String,
}

impl ClerkUsers {
    pub(super) fn new(key: &str) -> Result<Self, Error> {
        let refuse = |problem| Error::config("Clerk secret key", problem);
        let key = key.trim();
        if key.is_empty() {
            return Err(refuse("is empty"));
        }
        let value = HeaderValue::try_from(format!("Bearer {key}"));
        let authorization = value.map_err(|_| refuse("has characters that no key has"))?;
        let (http, clock) = (AuthHttp::new()?, Arc::new(SystemClock));
        Ok(Self { http, authorization, api: API.to_owned(), clock, known: Mutex::default() })
    }

    /// The same users by another clock. What is known is forgotten.
    pub(super) fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self.fresh() }
    }

    /// The same users of an API elsewhere.
    pub(super) fn at(&self, api: String) -> Self {
        Self { api, ..self.fresh() }
    }

    fn fresh(&self) -> Self {
        Self {
            http: self.http.clone(),
            authorization: self.authorization.clone(),
            api: self.api.clone(),
            clock: Arc::clone(&self.clock),
            known: Mutex::default(),
        }
    }

    pub(super) async fn details(&self, id: &str) -> Result<CustomerDetails, Unavailable> {
        let now = self.clock.now();
        if let Some(details) = self.known(id, now) {
            return Ok(details);
        }
        let details = self.read(id).await?;
        self.remember(id, &details, now);
        Ok(details)
    }

    fn known(&self, id: &str, now: Instant) -> Option<CustomerDetails> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).filter(|(_, at)| is_fresh(*at, now)).map(|(details, _)| details.clone())
    }

    fn remember(&self, id: &str, details: &CustomerDetails, now: Instant) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KEPT {
            known.retain(|_, (_, at)| is_fresh(*at, now));
        }
        if known.len() < MAX_KEPT {
            known.insert(id.to_owned(), (details.clone(), now));
        }
    }

    async fn read(&self, id: &str) -> Result<CustomerDetails, Unavailable> {
        let url = self.url_of(id).ok_or_else(|| Unavailable::new("the user's id cannot be part of an address"))?;
        let answer = self.http.get(&url, Credentials::Authorization(self.authorization.clone()), MAX_BYTES).await?;
        match answer.status {
            200 => {
                let user: Result<ClerkUser, _> = serde_json::from_slice(&answer.body);
                user.map(ClerkUser::into_details).map_err(|_| Unavailable::new("Clerk's answer is not a user"))
            }
            // Deleted while the token is still valid.
            404 => Ok(CustomerDetails::new("", "")),
            401 | 403 => Err(Unavailable::new("Clerk refuses the secret key")),
            status => Err(Unavailable::new(format!("Clerk answered with status {status}"))),
        }
    }

    fn url_of(&self, id: &str) -> Option<Url> {
        let is_id =
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if is_id { http_url("Clerk API address", &format!("{}/v1/users/{id}", self.api)).ok() } else { None }
    }
}

fn is_fresh(at: Instant, now: Instant) -> bool {
    now.saturating_duration_since(at) < KEPT_FOR
}

impl ClerkUser {
    fn into_details(self) -> CustomerDetails {
        let primary = self.primary_email_address_id.as_deref();
        let email = self.email_addresses.into_iter().find(|address| Some(&*address.id) == primary);
        let parts = [self.first_name, self.last_name].into_iter().flatten().filter(|part| !part.is_empty());
        let name = Some(parts.collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty());
        CustomerDetails::new(
            name.or(self.username).unwrap_or_default(),
            email.map(|address| address.email_address).unwrap_or_default(),
        )
    }
}
