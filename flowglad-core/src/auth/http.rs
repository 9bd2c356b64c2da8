//! Reading from the servers of the sign-in provider.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{
    header::{ACCEPT, AUTHORIZATION, COOKIE, HeaderValue},
    redirect::Policy,
};
use tokio::{sync::Semaphore, time::timeout};
use url::Url;

use crate::{auth::provider::Unavailable, error::Error, flowglad::builder::is_local};

/// For all of an answer, since a request of the app's user waits for it.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// So that many callers do not become a burst when a provider comes back.
const MAX_IN_FLIGHT: usize = 64;

/// What is sent with a request, beside what is the same in all.
#[derive(Default)]
pub(super) enum Credentials {
    #[default]
    None,
    /// The `Cookie` header.
    Cookie(HeaderValue),
    /// The `Authorization` header.
    Authorization(HeaderValue),
}

/// An answer of which the status is not looked at yet.
pub(super) struct HttpAnswer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

/// A client that follows no redirects, which could lead a cookie elsewhere, and reads no more than it was asked to.
#[derive(Clone, Debug)]
pub(super) struct AuthHttp {
    http: reqwest::Client,
    /// For this machine's own addresses, which no proxy can reach.
    direct: reqwest::Client,
    in_flight: Arc<Semaphore>,
}

impl AuthHttp {
    pub(super) fn new() -> Result<Self, Error> {
        let builder = || reqwest::Client::builder().user_agent(USER_AGENT).redirect(Policy::none());
        let failed = |_| Error::config("HTTP client", "could not be made");
        let http = builder().build().map_err(failed)?;
        let direct = builder().no_proxy().build().map_err(failed)?;
        Ok(Self { http, direct, in_flight: Arc::new(Semaphore::new(MAX_IN_FLIGHT)) })
    }

    pub(super) async fn get(&self, url: &Url, with: Credentials, max_bytes: usize) -> Result<HttpAnswer, Unavailable> {
        let answer = timeout(TIME_LIMIT, self.exchange(url, with, max_bytes)).await;
        answer.unwrap_or(Err(Unavailable::new("there was no complete answer within 5 seconds")))
    }

    async fn exchange(&self, url: &Url, with: Credentials, max_bytes: usize) -> Result<HttpAnswer, Unavailable> {
        let no_answer = |_| Unavailable::new("there was no complete answer");
        // It is never closed.
        let _permit = self.in_flight.acquire().await.map_err(|_| Unavailable::new("there was no complete answer"))?;
        let http = if is_local(url.as_str()) { &self.direct } else { &self.http };
        let request = http.get(url.clone()).header(ACCEPT, JSON);
        let request = match with {
            Credentials::None => request,
            Credentials::Cookie(value) => request.header(COOKIE, sensitive(value)),
            Credentials::Authorization(value) => request.header(AUTHORIZATION, sensitive(value)),
        };
        let mut response = request.send().await.map_err(no_answer)?;
        let status = response.status().as_u16();
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
            if body.len() + chunk.len() > max_bytes {
                return Err(Unavailable::new("the answer was too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpAnswer { status, body: body.freeze() })
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const USER_AGENT: &str = concat!("flowglad-core/", env!("CARGO_PKG_VERSION"));

fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}
