//! Where a request carries a token.

use crate::{
    auth::{cookies::Cookies, refusal::Refusal},
    input::Headers,
};

/// Far more than any provider makes. Browsers keep no cookie of more than 4 KiB.
pub(super) const MAX_TOKEN_BYTES: usize = 16 * 1024;

const TWO_HEADERS: Refusal = Refusal("there are two Authorization headers");
const MALFORMED: Refusal = Refusal("the Authorization header is malformed");
const TOO_LONG: Refusal = Refusal("the token is too long");

/// The token of the `Authorization` header, which counts before any cookie: a bad one there is refused, whatever the cookies
/// are. A header of another scheme is for another layer, such as a proxy with a password.
pub(super) fn bearer(headers: &dyn Headers) -> Result<Option<&str>, Refusal> {
    let text = match headers.all("authorization")[..] {
        [] => return Ok(None),
        [text] => text,
        _ => return Err(TWO_HEADERS),
    };
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.is_empty() {
        return Err(MALFORMED);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = rest.trim_matches(' ');
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(MALFORMED);
    }
    within_limit(token).map(Some)
}

/// The token of the `Authorization` header, or of a cookie.
pub(super) fn bearer_or_cookie<'a>(headers: &'a dyn Headers, cookie: Option<&str>) -> Result<Option<&'a str>, Refusal> {
    match (bearer(headers)?, cookie) {
        (None, Some(name)) => {
            // Empty is what signing out leaves.
            let token = Cookies::read(headers)?.one(name)?.filter(|token| !token.is_empty());
            token.map(within_limit).transpose()
        }
        (token, _) => Ok(token),
    }
}

fn within_limit(token: &str) -> Result<&str, Refusal> {
    if token.len() > MAX_TOKEN_BYTES { Err(TOO_LONG) } else { Ok(token) }
}
