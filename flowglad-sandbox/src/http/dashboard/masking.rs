//! Masks keys and secrets, so that a screenshot of the dashboard shows none.

/// How the secrets of the platform begin.
const PREFIXES: [&str; 4] = ["whsec_", "sk_test_", "sk_live_", "Bearer "];
/// A shorter key could be a word that has to be shown.
const SHORTEST_KEY: usize = 8;
const MASK: &str = "…";

/// The value of an `authorization` header with nothing but its form.
pub(super) fn mask_key(authorization: &str) -> String {
    let (scheme, key) = match authorization.split_once(' ') {
        Some((scheme, key)) => (format!("{scheme} "), key),
        None => (String::new(), authorization),
    };
    let prefix = PREFIXES.iter().find(|prefix| key.starts_with(**prefix)).copied().unwrap_or_default();
    format!("{scheme}{prefix}{MASK}")
}

/// A text without the sandbox's key and without anything that begins like a secret.
pub(super) fn mask_secrets(text: &str, api_key: &str) -> String {
    let text = if api_key.len() < SHORTEST_KEY { text.to_owned() } else { text.replace(api_key, &mask_key(api_key)) };
    PREFIXES.iter().fold(text, |text, prefix| mask_after(&text, prefix))
}

fn mask_after(text: &str, prefix: &str) -> String {
    let mut parts = text.split(prefix);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || "+/=_-".contains(letter));
        masked.push_str(prefix);
        if rest.len() < part.len() {
            masked.push_str(MASK);
        }
        masked.push_str(rest);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_form_only() {
        assert_eq!(mask_key("sk_test_sandbox"), "sk_test_…");
        assert_eq!(mask_key("Bearer sk_live_1"), "Bearer sk_live_…");
        assert_eq!(mask_key("of-my-own"), "…");
    }

    #[test]
    fn secrets_in_a_text_are_masked_and_the_rest_stays() {
        let text = r#"{"secret": "whsec_aB+/9=", "note": "whsec_ is a prefix", "key": "of-my-own"}"#;
        let masked = r#"{"secret": "whsec_…", "note": "whsec_ is a prefix", "key": "…"}"#;
        assert_eq!(mask_secrets(text, "of-my-own"), masked);
        assert_eq!(mask_secrets("a word", "word"), "a word");
        assert_eq!(mask_secrets("sk_test_sandbox", "sk_test_sandbox"), "sk_test_…");
    }
}
