//! The URLs to which the hosted page may send the browser.

/// Schemes that run code or read files instead of opening the app.
const REFUSED_SCHEMES: [&str; 6] = ["javascript", "data", "vbscript", "file", "blob", "about"];

/// The URL, encoded for a header and a link, if it is absolute and harmless.
pub(crate) fn safe(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let starts_well = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    // Browsers skip tabs and line ends inside a scheme; here they make the URL invalid.
    let is_scheme = starts_well && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme || rest.is_empty() || REFUSED_SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
        return None;
    }
    Some(
        url.bytes()
            .map(|byte| if byte.is_ascii_graphic() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn web_addresses_and_an_apps_own_scheme_are_let_through() {
        assert_eq!(safe("https://app.example.com/ok?a=1#b").as_deref(), Some("https://app.example.com/ok?a=1#b"));
        assert_eq!(safe("myapp://paid").as_deref(), Some("myapp://paid"));
    }

    #[test]
    fn code_and_relative_paths_are_refused() {
        for url in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            " javascript:x",
            "data:text/html,x",
            "/ok",
            "ok",
            "",
            "http:",
        ] {
            assert_eq!(safe(url), None, "{url:?}");
        }
    }

    #[test]
    fn what_does_not_fit_a_header_is_percent_encoded() {
        assert_eq!(safe("https://example.com/é\r\nx: y").as_deref(), Some("https://example.com/%C3%A9%0D%0Ax:%20y"));
    }
}
