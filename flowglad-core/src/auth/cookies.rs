//! The cookies of a request.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{auth::refusal::Refusal, input::Headers};

/// More than browsers keep for one site.
const MAX_BYTES: usize = 64 * 1024;
const MAX_NUMBER: u32 = 99;

const TOO_LONG: Refusal = Refusal("the cookies are too long");
const TWICE: Refusal = Refusal("there are two cookies of one name, of which one may come from another site");

/// The cookies of a request, from all its `Cookie` headers. Values are as they came, not decoded.
#[derive(Default)]
pub(super) struct Cookies<'a> {
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Cookies<'a> {
    pub(super) fn read(headers: &'a dyn Headers) -> Result<Self, Refusal> {
        let texts = headers.all("cookie");
        if texts.iter().map(|text| text.len()).sum::<usize>() > MAX_BYTES {
            return Err(TOO_LONG);
        }
        let cookies = texts.into_iter().flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
        Ok(Self { pairs: cookies.map(|(name, value)| (name.trim(), value.trim())).collect() })
    }

    /// The value of a cookie. Two of the name are refused: a sister domain can set the second.
    pub(super) fn one(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let mut values = self.pairs.iter().filter(|pair| pair.0 == name).map(|pair| pair.1);
        let first = values.next();
        if values.next().is_some() { Err(TWICE) } else { Ok(first) }
    }

    /// The cookies `<name>.0`, `<name>.1` and so on, by their numbers, which may have gaps.
    pub(super) fn numbered(&self, name: &str) -> Result<BTreeMap<u32, &'a str>, Refusal> {
        let mut chunks = BTreeMap::new();
        for &(cookie, value) in &self.pairs {
            let Some(number) = cookie.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')).and_then(number)
            else {
                continue;
            };
            match chunks.entry(number) {
                Entry::Vacant(place) => place.insert(value),
                Entry::Occupied(_) => return Err(TWICE),
            };
        }
        Ok(chunks)
    }
}

/// Digits as a number is written, and nothing else.
fn number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|&number| is_plain && number <= MAX_NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct CookieHeaders(Vec<String>);

    impl Headers for CookieHeaders {
        fn header(&self, name: &str) -> Option<&str> {
            self.all(name).first().copied()
        }

        fn all(&self, name: &str) -> Vec<&str> {
            if name == "cookie" { self.0.iter().map(String::as_str).collect() } else { Vec::new() }
        }
    }

    fn headers(texts: &[&str]) -> CookieHeaders {
        CookieHeaders(texts.iter().map(|&text| text.to_owned()).collect())
    }

    #[test]
    fn several_headers_are_one_list() {
        let headers = headers(&["a=1; b=x=y", "c=3;d", " e = 5 "]);
        let cookies = Cookies::read(&headers).unwrap();
        for (name, value) in [("a", Some("1")), ("b", Some("x=y")), ("c", Some("3")), ("d", None), ("e", Some("5"))] {
            assert_eq!(cookies.one(name), Ok(value), "{name}");
        }
    }

    #[test]
    fn two_of_one_name_are_refused_when_that_name_is_wanted() {
        for texts in [&["s=1; s=2; t=3"][..], &["s=1; t=3", "s=1"]] {
            let headers = headers(texts);
            let cookies = Cookies::read(&headers).unwrap();
            assert_eq!((cookies.one("s"), cookies.one("t")), (Err(TWICE), Ok(Some("3"))));
        }
    }

    #[test]
    fn chunks_are_sorted_by_number() {
        let headers = headers(&["s.10=k; s.1=b; s.0=a; s.01=x; s.x=x; s.=x; s.+2=x; t.0=x; s.100=x; s.4294967296=x"]);
        let chunks = Cookies::read(&headers).unwrap().numbered("s").unwrap();
        assert_eq!(chunks.into_iter().collect::<Vec<_>>(), [(0, "a"), (1, "b"), (10, "k")]);
    }

    #[test]
    fn two_chunks_of_one_number_and_too_many_bytes_are_refused() {
        assert_eq!(Cookies::read(&headers(&["s.0=a; s.0=b"])).unwrap().numbered("s"), Err(TWICE));
        let half = "a".repeat(MAX_BYTES / 2 + 1);
        assert_eq!(Cookies::read(&headers(&[&half, &half])).err(), Some(TOO_LONG));
    }
}
