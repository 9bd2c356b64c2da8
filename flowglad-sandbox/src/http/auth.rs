//! Checks the API key.

use axum::http::{HeaderMap, header::AUTHORIZATION};

/// Why a request has no valid key: the plain text of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Denied(pub(crate) &'static str);

const NO_HEADER: Denied = Denied(
    "Unauthorized. Authorization header is required, and must include api key in format \
     Authorization: \"Bearer <key>\", or Authorization: \"<key>\"",
);
const BAD_HEADER: Denied = Denied(
    "Either the API key was missing, or it was in an invalid format. Authorization header is required, and must \
     include api key in format Authorization: \"Bearer <key>\", or Authorization: \"<key>\"",
);
pub(crate) const WRONG_KEY: Denied = Denied(
    "API key invalid. Please check that you are providing a valid API key. If requesting via SDK, ensure the \
     FLOWGLAD_SECRET_KEY is set in your server's environment variables.",
);

const SCHEME: &str = "Bearer ";

/// How a request spells its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Bare, or after `Bearer`.
    Usual,
    /// After another spelling of `Bearer`: the real API accepts the key, and fails later.
    OtherCase,
}

/// Accepts the key bare or after `Bearer` and one space.
pub(crate) fn check(headers: &HeaderMap, api_key: &str) -> Result<Spelling, Denied> {
    let header = headers.get(AUTHORIZATION).filter(|value| !value.is_empty()).ok_or(NO_HEADER)?;
    let value = header.to_str().map_err(|_| BAD_HEADER)?.trim();
    let (key, spelling) = given_key(value).ok_or(BAD_HEADER)?;
    if key == api_key { Ok(spelling) } else { Err(WRONG_KEY) }
}

/// The key that a request carries, if any.
pub(crate) fn key_of(headers: &HeaderMap) -> Option<&str> {
    given_key(headers.get(AUTHORIZATION)?.to_str().ok()?.trim()).map(|(key, _)| key)
}

fn given_key(value: &str) -> Option<(&str, Spelling)> {
    match value.split_at_checked(SCHEME.len()) {
        Some((SCHEME, key)) => Some((key, Spelling::Usual)),
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(SCHEME) => Some((key, Spelling::OtherCase)),
        _ => (!value.contains(' ')).then_some((value, Spelling::Usual)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(value: &str) -> Result<Spelling, Denied> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        check(&headers, "sk_test_1")
    }

    #[test]
    fn the_key_is_taken_bare_or_as_bearer_of_any_case() {
        assert_eq!(answer("sk_test_1"), Ok(Spelling::Usual));
        assert_eq!(answer(" Bearer sk_test_1 "), Ok(Spelling::Usual));
        assert_eq!(answer("bEaReR sk_test_1"), Ok(Spelling::OtherCase));
    }

    #[test]
    fn each_wrong_header_has_its_own_message() {
        assert_eq!(check(&HeaderMap::new(), "sk_test_1"), Err(NO_HEADER));
        assert_eq!(answer(""), Err(NO_HEADER));
        assert_eq!(answer("Basic sk_test_1"), Err(BAD_HEADER));
        for wrong in ["Bearer ", "Bearer", "Bearer  sk_test_1", "Bearer sk_test_1 x", "sk_test_2"] {
            assert_eq!(answer(wrong), Err(WRONG_KEY), "{wrong}");
        }
    }
}
