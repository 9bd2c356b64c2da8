//! Checks the API key.

use axum::http::{HeaderMap, header::AUTHORIZATION};

/// Why a request has no valid key: the plain text of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Denied(pub(crate) &'static str);

const NO_HEADER: Denied = Denied(
    "Authorization header is required. Send the API key as \"Authorization: <key>\" or \
     \"Authorization: Bearer <key>\".",
);
const BAD_HEADER: Denied = Denied("Authorization header is missing or in an invalid format.");
const WRONG_KEY: Denied =
    Denied("API key invalid. Check that FLOWGLAD_SECRET_KEY is the key that this sandbox was started with.");

/// Accepts the key bare or after `Bearer`.
pub(crate) fn check(headers: &HeaderMap, api_key: &str) -> Result<(), Denied> {
    let header = headers.get(AUTHORIZATION).ok_or(NO_HEADER)?;
    let value = header.to_str().map_err(|_| BAD_HEADER)?.trim();
    if given_key(value).ok_or(BAD_HEADER)? == api_key { Ok(()) } else { Err(WRONG_KEY) }
}

/// The key that a request carries, if any.
pub(crate) fn key_of(headers: &HeaderMap) -> Option<&str> {
    given_key(headers.get(AUTHORIZATION)?.to_str().ok()?.trim())
}

fn given_key(value: &str) -> Option<&str> {
    let key = match value.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        Some(_) => return None,
        None => value,
    };
    (!key.is_empty() && !key.contains(' ')).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(value: &str) -> Result<(), Denied> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        check(&headers, "sk_test_1")
    }

    #[test]
    fn the_key_is_taken_bare_or_as_bearer_of_any_case() {
        assert_eq!(answer("sk_test_1"), Ok(()));
        assert_eq!(answer("bEaReR sk_test_1"), Ok(()));
    }

    #[test]
    fn each_wrong_header_has_its_own_message() {
        assert_eq!(check(&HeaderMap::new(), "sk_test_1"), Err(NO_HEADER));
        assert_eq!(answer("Basic sk_test_1"), Err(BAD_HEADER));
        assert_eq!(answer("Bearer "), Err(WRONG_KEY));
        assert_eq!(answer("sk_test_2"), Err(WRONG_KEY));
    }
}
