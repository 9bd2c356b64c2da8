//! An endpoint of the API as a constant: its name, method, path, and whether it is idempotent.

use std::{fmt, marker::PhantomData};

use crate::error::{Advice, SideEffect};

/// One operation of the API. `Body` is the type of its request body, `Record` the type read from its response.
pub(crate) struct Endpoint<Body, Record> {
    route: Route,
    /// Covariant in `Body`, so that one constant serves bodies that borrow.
    types: PhantomData<fn() -> (Body, Record)>,
}

/// The untyped part of an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The name in errors and traces, for example `customers.billing`.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    /// Relative to `/api/v1`, with at most one `{placeholder}`.
    pub(crate) path: &'static str,
    /// Whether sending the request twice has the same effect as sending it once. Only then is a request retried that
    /// may have arrived and been carried out.
    pub(crate) idempotent: bool,
    /// The key under which the response holds the record. `None`: the response is the record.
    pub(crate) key: Option<&'static str>,
    pub(crate) changes: Changes,
}

/// Whose billing a request may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changes {
    Nothing,
    /// That of the customer whose external id is in the path.
    CustomerInPath,
    /// That of the customer whose subscription's id is in the path.
    SubscriptionInPath,
    /// That of those whom the call names.
    Named,
    /// Everyone's, or it is not known whose.
    Everything,
}

/// An HTTP method that the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads. Retried after transient failures.
    Get,
    /// Creates a record, or runs an operation on it.
    Post,
    /// Changes a record.
    Put,
    /// Changes a part of a record.
    Patch,
    /// Removes a record.
    Delete,
}

/// The empty JSON object that the API requires as a body where an operation has no fields.
#[derive(serde::Serialize)]
pub(crate) struct NoFields {}

impl<Body, Record> Endpoint<Body, Record> {
    pub(crate) const fn get(operation: &'static str, path: &'static str) -> Self {
        Self::new(operation, Method::Get, path, true)
    }

    pub(crate) const fn post(operation: &'static str, path: &'static str) -> Self {
        Self::new(operation, Method::Post, path, false)
    }

    pub(crate) const fn put(operation: &'static str, path: &'static str) -> Self {
        Self::new(operation, Method::Put, path, true)
    }

    /// Marks a POST as idempotent, because the API makes it so.
    pub(crate) const fn idempotent(mut self) -> Self {
        self.route.idempotent = true;
        self
    }

    /// Marks a PUT as not idempotent, because each one has an effect of its own.
    pub(crate) const fn not_idempotent(mut self) -> Self {
        self.route.idempotent = false;
        self
    }

    /// Sets the key under which the response holds the record.
    pub(crate) const fn under(mut self, key: &'static str) -> Self {
        self.route.key = Some(key);
        self
    }

    /// Says whose billing a request may change. A request that says nothing, and is not a read, may change everyone's.
    pub(crate) const fn changes(mut self, changes: Changes) -> Self {
        self.route.changes = changes;
        self
    }

    const fn new(operation: &'static str, method: Method, path: &'static str, idempotent: bool) -> Self {
        let changes = method.changes();
        Self { route: Route { operation, method, path, idempotent, key: None, changes }, types: PhantomData }
    }

    pub(crate) const fn route(&self) -> Route {
        self.route
    }
}

impl Route {
    /// What to do after a request that was sent and not answered.
    pub(crate) fn advice_without_response(&self) -> Advice {
        if self.idempotent { Advice::Retry } else { Advice::Look }
    }

    /// Whether a request that was sent may have changed something.
    pub(crate) fn side_effect(&self) -> SideEffect {
        if self.method == Method::Get { SideEffect::None } else { SideEffect::Possible }
    }
}

impl Method {
    /// Whose billing a request may change of which nothing else is known.
    pub(crate) const fn changes(self) -> Changes {
        if matches!(self, Self::Get) { Changes::Nothing } else { Changes::Everything }
    }

    pub(crate) fn to_reqwest(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }

    /// The method as it is written in a request, for example `GET`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
