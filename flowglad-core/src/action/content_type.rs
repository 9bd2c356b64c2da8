//! The check for JSON content types.

/// Whether it is `application/json` or `application/…+json`, without a charset or with UTF-8. Refusing all others also
/// refuses forms of other sites, which a browser sends without a CORS preflight.
pub(super) fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media_type = parts.next().unwrap_or_default();
    let is_json = media_type.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"));
    is_json && parts.filter_map(|part| charset(&part)).all(|charset| matches!(&*charset, "utf-8" | "utf8"))
}

fn charset(parameter: &str) -> Option<String> {
    Some(parameter.strip_prefix("charset=")?.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_content_types_are_accepted_in_every_spelling_and_no_others() {
        for json in [
            "application/json",
            "Application/JSON; Charset=UTF-8",
            "application/problem+json",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is_json(json), "{json}");
        }
        for other in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json; charset=latin1",
            "json",
            "text/json",
        ] {
            assert!(!is_json(other), "{other}");
        }
    }
}
