//! Which paths belong to the API.

/// The prefix of every operation's path.
pub(crate) const API: &str = "/api/v1";

pub(crate) fn is_api(path: &str) -> bool {
    path.strip_prefix(API).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
