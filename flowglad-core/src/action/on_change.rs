//! The app hears which action changed something.

use std::{fmt, future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use futures_util::FutureExt as _;
use tracing::error;

use crate::{action::action_key::Action, input::RequestingCustomer};

type Reported = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The app's function, called after every action that changed something.
#[derive(Clone)]
pub(super) struct OnChange(Arc<dyn Fn(RequestingCustomer, Action) -> Reported + Send + Sync>);

impl OnChange {
    pub(super) fn new<F, Fut>(report: F) -> Self
    where
        F: Clone + FnOnce(RequestingCustomer, Action) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move |customer, action| Box::pin(report.clone()(customer, action))))
    }

    /// The function may panic: the change is made, and its response is sent.
    pub(super) async fn report(&self, customer: RequestingCustomer, action: Action) {
        let reported = AssertUnwindSafe(async { (self.0)(customer, action).await }).catch_unwind().await;
        if reported.is_err() {
            error!(%action, "the app's on_change function panicked");
        }
    }
}

impl fmt::Debug for OnChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnChange")
    }
}
