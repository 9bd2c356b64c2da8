//! The problems of a request, as the API's validator reports them.

use std::cell::RefCell;

use serde_json::{Map, Value};

/// One step of the way to a place: a field of an object, or an entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl Step<'_> {
    fn to_json(self) -> Value {
        match self {
            Self::Name(name) => Value::from(name),
            Self::Index(index) => Value::from(index),
        }
    }
}

/// A way as the API writes it.
pub(super) fn path_of(steps: &[Step<'_>]) -> Vec<Value> {
    steps.iter().map(|step| step.to_json()).collect()
}

/// How far a problem reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// The value has the wrong form. No rule about it or about the objects around it is checked.
    Form,
    /// The value has the right form but the wrong content. The rules are still checked.
    Content,
}

/// One problem.
#[derive(Clone, Debug)]
pub(super) struct Issue {
    pub(super) weight: Weight,
    /// Its code and what belongs to the code.
    pub(super) kind: Value,
    pub(super) path: Vec<Value>,
    pub(super) message: String,
}

impl Issue {
    pub(super) fn to_json(&self) -> Value {
        let mut issue = match &self.kind {
            Value::Object(kind) => kind.clone(),
            _ => Map::new(),
        };
        issue.insert("path".to_owned(), Value::from(self.path.clone()));
        issue.insert("message".to_owned(), Value::from(self.message.as_str()));
        Value::Object(issue)
    }
}

/// The problems found so far, in the order of their finding.
#[derive(Debug, Default)]
pub(super) struct Issues(RefCell<Vec<Issue>>);

impl Issues {
    pub(super) fn add(&self, issue: Issue) {
        self.0.borrow_mut().push(issue);
    }

    /// Whether the place, or one inside it, has the wrong form.
    pub(super) fn spoil_the_form_of(&self, path: &[Value]) -> bool {
        self.0.borrow().iter().any(|issue| issue.weight == Weight::Form && issue.path.starts_with(path))
    }

    pub(super) fn into_list(self) -> Vec<Issue> {
        self.0.into_inner()
    }
}
