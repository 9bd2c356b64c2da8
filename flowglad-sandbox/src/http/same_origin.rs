//! Refuses requests that a page of another site makes in a browser.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, Method, StatusCode,
        header::{HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::state::SandboxState;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses requests under a foreign name where only this computer can reach the sandbox. With DNS rebinding, a name of
/// another site leads here, so that its pages are of the same origin and can read the answers.
pub(crate) async fn require_own_host(State(state): State<Arc<SandboxState>>, request: Request, next: Next) -> Response {
    if state.settings.on_loopback && !is_this_computer(host(request.headers())) {
        return refusal("ask for this at 127.0.0.1 or localhost");
    }
    next.run(request).await
}

/// Refuses changes by pages of other sites, which no key protects.
pub(crate) async fn require_same_origin(request: Request, next: Next) -> Response {
    let changes_something = ![Method::GET, Method::HEAD].contains(request.method());
    if changes_something && !is_of_same_origin(request.headers()) {
        return refusal("pages of other sites may not use the sandbox");
    }
    next.run(request).await
}

/// Whether the request comes from no page of another site. Programs other than browsers send neither header.
fn is_of_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = text(headers, &SEC_FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    text(headers, &ORIGIN)
        .is_none_or(|origin| origin.split_once("://").is_some_and(|(_, authority)| authority == host(headers)))
}

fn is_this_computer(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let address: Result<IpAddr, _> = name.trim_start_matches('[').trim_end_matches(']').parse();
    address.map_or(name.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

fn host(headers: &HeaderMap) -> &str {
    text(headers, &HOST).unwrap_or_default()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    // A value that is not text is treated as a wrong one.
    headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"))
}

fn refusal(reason: &str) -> Response {
    (StatusCode::FORBIDDEN, reason.to_owned()).into_response()
}

#[cfg(test)]
mod tests {
    use super::is_this_computer;

    #[test]
    fn names_of_this_computer_are_known_with_and_without_port() {
        for host in ["localhost", "LOCALHOST:4010", "127.0.0.1:1", "127.1.2.3", "[::1]", "[::1]:4010"] {
            assert!(is_this_computer(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:4010", "localhost.evil.example", "192.168.0.2:4010"] {
            assert!(!is_this_computer(host), "{host}");
        }
    }
}
