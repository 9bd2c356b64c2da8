//! The cookie of a session, which may be cut into parts.

use std::fmt::Write as _;

use crate::auth::{cookies::Cookies, refusal::Refusal};

/// As long as all headers together may be on most servers.
const MAX_BYTES: usize = 32 * 1024;

/// The cookie of a session as it came: whole, or in numbered parts.
pub(super) struct SessionCookie<'a> {
    /// Which of the names that were looked for it has.
    pub(super) index: usize,
    name: &'a str,
    parts: Vec<&'a str>,
    is_whole: bool,
}

impl<'a> SessionCookie<'a> {
    /// The first of these names that the request has a cookie of. If that one is doubtful, no other is looked at, so that a
    /// bad cookie is not made good by another. An empty cookie counts as absent, as it does for Auth.js.
    pub(super) fn find(cookies: &Cookies<'a>, names: &'a [String]) -> Result<Option<Self>, Refusal> {
        for (index, name) in names.iter().enumerate() {
            let whole = cookies.one(name)?.filter(|value| !value.is_empty());
            let numbered = cookies.numbered(name)?;
            let is_whole = numbered.is_empty();
            let parts: Vec<&str> = match whole {
                Some(value) if is_whole => vec![value],
                Some(_) => return Err(Refusal("the session cookie is there as a whole and in parts")),
                None if is_whole => continue,
                None if (0..).zip(numbered.keys()).all(|(expected, &number)| number == expected) => {
                    numbered.into_values().collect()
                }
                None => return Err(Refusal("a part of the session cookie is missing")),
            };
            if parts.iter().map(|part| part.len()).sum::<usize>() > MAX_BYTES {
                return Err(Refusal("the session cookie is too long"));
            }
            return Ok(Some(Self { index, name, parts, is_whole }));
        }
        Ok(None)
    }

    pub(super) fn value(&self) -> String {
        self.parts.concat()
    }

    /// The `Cookie` header with this cookie only.
    pub(super) fn to_header(&self) -> String {
        if self.is_whole {
            return format!("{}={}", self.name, self.value());
        }
        let mut header = String::new();
        for (number, part) in self.parts.iter().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            let _ = write!(header, "{separator}{}.{number}={part}", self.name);
        }
        header
    }
}
