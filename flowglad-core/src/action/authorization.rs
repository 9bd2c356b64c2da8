//! The app's own decision about which customer may run which action.

use std::{error::Error, fmt, future::Future, pin::Pin, sync::Arc};

use crate::{action::action_key::Action, input::RequestingCustomer};

/// The app's decision about an action of a customer. A `bool` and a `Result<bool, _>` convert into it.
#[derive(Debug)]
pub enum Authorization {
    /// The action runs.
    Allowed,
    /// The action does not run, and the browser gets a 403.
    Denied,
    /// The app failed to decide. The browser gets a 500 without the error's text, which is only logged.
    Failed(Box<dyn Error + Send + Sync>),
}

impl From<bool> for Authorization {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Denied }
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<Result<bool, E>> for Authorization {
    fn from(answer: Result<bool, E>) -> Self {
        answer.map_or_else(|error| Self::Failed(error.into()), Self::from)
    }
}

type Asked = Pin<Box<dyn Future<Output = Authorization> + Send>>;

/// The app's function, called for every action of a customer.
#[derive(Clone)]
pub(super) struct Authorize(Arc<dyn Fn(Action, RequestingCustomer) -> Asked + Send + Sync>);

impl Authorize {
    pub(super) fn new<F, Fut>(ask: F) -> Self
    where
        F: Clone + FnOnce(Action, RequestingCustomer) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Into<Authorization>> + Send + 'static,
    {
        Self(Arc::new(move |action, customer| {
            let answer = ask.clone()(action, customer);
            Box::pin(async { answer.await.into() })
        }))
    }

    pub(super) async fn ask(&self, action: Action, customer: &RequestingCustomer) -> Authorization {
        (self.0)(action, customer.clone()).await
    }
}

impl fmt::Debug for Authorize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorize")
    }
}
