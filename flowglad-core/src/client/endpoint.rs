//! An endpoint of the API as a constant: its name, method, path, and whether it may be sent twice.

use std::marker::PhantomData;

use reqwest::Method;

use crate::client::error::{Effect, Error};

/// One operation of the API. `Body` is what it takes, `Answer` what we read of the reply.
pub(crate) struct Endpoint<Body, Answer> {
    route: Route,
    /// Covariant in `Body`, so that one constant serves bodies that borrow.
    types: PhantomData<fn() -> (Body, Answer)>,
}

/// The untyped part of an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The name in errors and traces, for example `customers.billing`.
    pub(crate) operation: &'static str,
    pub(crate) method: Verb,
    /// Relative to `/api/v1`, with at most one `{placeholder}`.
    pub(crate) path: &'static str,
    pub(crate) resend: Resend,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
}

/// When a request whose fate is open may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resend {
    /// Sending it twice has the effect of sending it once.
    Always,
    /// A second send could charge or create twice, so only a request that certainly did not arrive is repeated.
    IfNotDelivered,
}

impl<Body, Answer> Endpoint<Body, Answer> {
    pub(crate) const fn get(operation: &'static str, path: &'static str) -> Self {
        Self::new(operation, Verb::Get, path, Resend::Always)
    }

    pub(crate) const fn post(operation: &'static str, path: &'static str) -> Self {
        Self::new(operation, Verb::Post, path, Resend::IfNotDelivered)
    }

    pub(crate) const fn put(operation: &'static str, path: &'static str) -> Self {
        Self::new(operation, Verb::Put, path, Resend::Always)
    }

    /// For a POST that the API makes idempotent.
    pub(crate) const fn resend(mut self, resend: Resend) -> Self {
        self.route.resend = resend;
        self
    }

    const fn new(operation: &'static str, method: Verb, path: &'static str, resend: Resend) -> Self {
        Self { route: Route { operation, method, path, resend }, types: PhantomData }
    }

    pub(crate) const fn route(&self) -> Route {
        self.route
    }
}

impl Verb {
    pub(crate) fn as_method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
        }
    }
}

impl Resend {
    /// Whether a request that ended with `error` may be sent again without the risk of a second effect.
    pub(crate) fn allows(self, error: &Error) -> bool {
        match self {
            Self::Always => true,
            Self::IfNotDelivered => matches!(error, Error::Transport { effect: Effect::None, .. }),
        }
    }
}
