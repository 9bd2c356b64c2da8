//! URLs to which the hosted checkout redirects the user.

use std::{fmt, str::FromStr};

use serde::Serialize;
use url::Url;

use crate::input::InvalidInput;

/// Schemes that run code, or open a local document, instead of leading to a page of the app.
const REFUSED_SCHEMES: [&str; 5] = ["javascript", "data", "vbscript", "file", "blob"];

/// An absolute URL to return to after checkout: `https`, `http`, or an app's own scheme (`myapp://paid`).
///
/// ```
/// use flowglad_core::input::ReturnUrl;
/// assert!("https://app.example.com/paid".parse::<ReturnUrl>().is_ok());
/// assert!("/paid".parse::<ReturnUrl>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ReturnUrl(String);

impl ReturnUrl {
    /// The URL as given, without the white space around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReturnUrl {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        let refusal = |problem: &str| InvalidInput::new("return URL", problem);
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(refusal("must not contain control characters"));
        }
        let url =
            Url::parse(text).map_err(|_| refusal("must be an absolute URL such as https://app.example.com/paid"))?;
        if REFUSED_SCHEMES.contains(&url.scheme()) {
            return Err(refusal("must be http, https or an app's own scheme"));
        }
        if !has_slash_after_scheme(text, &url) {
            return Err(refusal("must begin with https://, http:// or an app's own scheme such as myapp://"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// `localhost:3000/paid` parses as a URL of the scheme `localhost`, and would strand the person who paid.
fn has_slash_after_scheme(text: &str, url: &Url) -> bool {
    text[url.scheme().len()..].starts_with(":/")
}

impl fmt::Display for ReturnUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_and_app_urls_are_accepted_and_trimmed() {
        for url in [
            "https://a.example/ok?x=1#y",
            "http://127.0.0.1:3000/",
            "myapp://paid",
            "com.example.app:/paid",
            "  https://a.example  ",
        ] {
            assert_eq!(url.parse::<ReturnUrl>().unwrap().as_str(), url.trim());
        }
    }

    #[test]
    fn relative_urls_and_urls_that_run_code_are_refused() {
        for url in [
            "",
            "/paid",
            "paid",
            "//example.com",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            " \u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://a.example/1",
            "localhost:3000/paid",
            "app.example.com:443/paid",
            "https:app.example.com",
        ] {
            assert!(url.parse::<ReturnUrl>().is_err(), "{url:?}");
        }
    }
}
