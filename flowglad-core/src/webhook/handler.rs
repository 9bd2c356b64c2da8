//! The app's own function for events.

use std::{error::Error, fmt, future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use futures_util::FutureExt as _;

use crate::webhook::event::WebhookEvent;

/// What became of an event in the app's handler. `()` and a `Result<(), _>` convert into it.
#[derive(Debug)]
pub enum Handled {
    /// It was handled, and is not sent again.
    Done,
    /// It was not. Its delivery is answered with a 500, so that it is sent again; the error is only logged.
    Failed(Box<dyn Error + Send + Sync>),
}

impl From<()> for Handled {
    fn from((): ()) -> Self {
        Self::Done
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<Result<(), E>> for Handled {
    fn from(result: Result<(), E>) -> Self {
        result.map_or_else(|error| Self::Failed(error.into()), Self::from)
    }
}

type Handling = Pin<Box<dyn Future<Output = Handled> + Send>>;

/// The app's function, called for each event.
#[derive(Clone)]
pub(super) struct EventHandler(Arc<dyn Fn(WebhookEvent) -> Handling + Send + Sync>);

impl EventHandler {
    pub(super) fn new<F, Fut>(handle: F) -> Self
    where
        F: Clone + FnOnce(WebhookEvent) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Into<Handled>> + Send + 'static,
    {
        Self(Arc::new(move |event| {
            let handled = handle.clone()(event);
            Box::pin(async { handled.await.into() })
        }))
    }

    /// A panic is a failure.
    pub(super) async fn handle(&self, event: WebhookEvent) -> Handled {
        let handled = AssertUnwindSafe(async { (self.0)(event).await }).catch_unwind().await;
        handled.unwrap_or_else(|_| Handled::Failed("it panicked".into()))
    }
}

impl fmt::Debug for EventHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventHandler")
    }
}
