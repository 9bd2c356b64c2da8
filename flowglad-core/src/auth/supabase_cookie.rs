//! The session cookie of `@supabase/ssr`.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::auth::{bearer::MAX_TOKEN_BYTES, claims::Claims, cookies::Cookies, refusal::Refusal};

const BASE64: &str = "base64-";

const TOO_LONG: Refusal = Refusal("the token is too long");
const MALFORMED: Refusal = Refusal("the session cookie is malformed, or a part of it is missing");

/// `sb-<first label of the project's host>-auth-token`.
pub(super) fn default_name(project: &Url) -> String {
    let host = project.host_str().unwrap_or_default();
    format!("sb-{}-auth-token", host.split('.').next().unwrap_or_default())
}

/// The token in the session of a cookie, which is one, or in chunks. The session's user is not looked at: it is not signed.
pub(super) fn access_token(cookies: &Cookies<'_>, name: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = value(cookies, name)? else { return Ok(None) };
    let value = percent_decode_str(&value).decode_utf8().map_err(|_| MALFORMED)?;
    let session = match value.strip_prefix(BASE64) {
        Some(text) => Cow::Owned(URL_SAFE_NO_PAD.decode(text).map_err(|_| MALFORMED)?),
        None => Cow::Borrowed(value.as_bytes()),
    };
    let session = Claims::parse(&session).map_err(|_| MALFORMED)?;
    let token = session.text("access_token").ok_or(MALFORMED)?;
    if token.len() > MAX_TOKEN_BYTES { Err(TOO_LONG) } else { Ok(Some(token.to_owned())) }
}

/// As the browser's library reads it: the whole cookie, else the chunks up to the first that is missing. Empty is what signing
/// out leaves.
fn value<'a>(cookies: &Cookies<'a>, name: &str) -> Result<Option<Cow<'a, str>>, Refusal> {
    if let Some(whole) = cookies.one(name)?.filter(|value| !value.is_empty()) {
        return Ok(Some(whole.into()));
    }
    let chunks = cookies.numbered(name)?;
    let joined: String = chunks
        .iter()
        .zip(0..)
        .take_while(|((number, _), place)| **number == *place)
        .map(|((_, text), _)| *text)
        .collect();
    Ok(if joined.is_empty() { None } else { Some(joined.into()) })
}
