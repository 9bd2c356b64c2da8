//! Addresses of a provider's servers.

use url::Url;

use crate::error::Error;

/// An `http` or `https` address without a user name or password.
pub(super) fn http_url(setting: &'static str, text: &str) -> Result<Url, Error> {
    let url =
        Url::parse(text.trim()).map_err(|_| Error::config(setting, "is not an address such as https://example.com"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Error::config(setting, "must begin with https://, or http:// on a private network"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config(setting, "must not contain a user name or password"));
    }
    Ok(url)
}

/// An address to which paths are added, without a slash at its end.
pub(super) fn base_url(setting: &'static str, text: &str) -> Result<String, Error> {
    let url = http_url(setting, text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::config(setting, "must not have a query or fragment"));
    }
    Ok(text.trim().trim_end_matches('/').to_owned())
}
