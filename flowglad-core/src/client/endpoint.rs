//! An endpoint of the API as a constant: its name, method, path, and whether it is idempotent.

use std::{fmt, marker::PhantomData};

use crate::error::SideEffect;

/// One operation of the API. `Body` is what it takes, `Record` what we read of the reply.
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
    /// Whether a second send has no second effect. Only then is a request retried that may have arrived.
    pub(crate) idempotent: bool,
    /// The key under which the reply holds the record. `None`: the reply is the record.
    pub(crate) key: Option<&'static str>,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads. May be sent again.
    Get,
    /// Makes something, or does something to it.
    Post,
    /// Changes something.
    Put,
    /// Changes a part of something.
    Patch,
    /// Removes something.
    Delete,
}

/// The API asks for a JSON body even where nothing can be said.
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

    /// For a POST that the API makes idempotent.
    pub(crate) const fn idempotent(mut self) -> Self {
        self.route.idempotent = true;
        self
    }

    /// For a PUT that has another effect each time.
    pub(crate) const fn not_idempotent(mut self) -> Self {
        self.route.idempotent = false;
        self
    }

    /// For a reply that holds the record under a key.
    pub(crate) const fn under(mut self, key: &'static str) -> Self {
        self.route.key = Some(key);
        self
    }

    const fn new(operation: &'static str, method: Method, path: &'static str, idempotent: bool) -> Self {
        Self { route: Route { operation, method, path, idempotent, key: None }, types: PhantomData }
    }

    pub(crate) const fn route(&self) -> Route {
        self.route
    }
}

impl Route {
    /// What a request may have changed once it left.
    pub(crate) fn side_effect(&self) -> SideEffect {
        if self.method == Method::Get { SideEffect::None } else { SideEffect::Possible }
    }
}

impl Method {
    pub(crate) fn to_reqwest(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }

    /// As it is written in a request.
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
