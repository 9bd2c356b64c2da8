//! Problems of a request body.

use serde::Serialize;

/// How many problems are reported, so that no request body causes a huge response.
pub(crate) const MAX_ISSUES: usize = 50;

/// How many characters of a name that a browser made up are sent back.
const MAX_ECHOED_CHARS: usize = 100;

/// One problem of a request body, with the path of the field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Issue {
    pub(crate) path: Vec<PathPart>,
    pub(crate) message: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum PathPart {
    Key(String),
    Index(usize),
}

impl From<&str> for PathPart {
    fn from(key: &str) -> Self {
        Self::Key(match key.char_indices().nth(MAX_ECHOED_CHARS) {
            Some((end, _)) => format!("{}…", &key[..end]),
            None => key.to_owned(),
        })
    }
}

impl From<usize> for PathPart {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Issue {
    pub(crate) fn at<P: Into<PathPart>>(path: impl IntoIterator<Item = P>, message: &str) -> Self {
        Self { path: path.into_iter().map(Into::into).collect(), message: message.to_owned() }
    }

    pub(crate) fn with_path_prefix(mut self, part: impl Into<PathPart>) -> Self {
        self.path.insert(0, part.into());
        self
    }

    /// The problem as a sentence that names the field.
    pub(crate) fn sentence(&self) -> String {
        let mut place = String::new();
        for part in &self.path {
            match part {
                PathPart::Key(key) if place.is_empty() => place.push_str(key),
                PathPart::Key(key) => place.extend([".", key]),
                PathPart::Index(index) => place.extend(["[", &index.to_string(), "]"]),
            }
        }
        let message = &self.message;
        if place.is_empty() { format!("{message}.") } else { format!("{place} {message}.") }
    }
}
