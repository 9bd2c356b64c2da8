//! The requests that a client and its clones have in flight at the same time. The limit keeps an API that does not
//! answer from using up the app's sockets.

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

use crate::error::Error;

pub(crate) struct InFlight {
    limit: usize,
    free: Semaphore,
}

impl InFlight {
    pub(crate) fn new(limit: usize) -> Self {
        let limit = limit.min(Semaphore::MAX_PERMITS);
        Self { limit, free: Semaphore::new(limit) }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The requests that are in flight now.
    pub(crate) fn count(&self) -> usize {
        self.limit.saturating_sub(self.free.available_permits())
    }

    /// Waits until a request may be sent. The place is free again when the permit is dropped.
    ///
    /// # Errors
    /// [`Error::Busy`] if no place became free before the deadline.
    pub(crate) async fn enter(&self, operation: &'static str, deadline: Instant) -> Result<SemaphorePermit<'_>, Error> {
        match timeout_at(deadline, self.free.acquire()).await {
            Ok(permit) => Ok(permit.expect("the semaphore is never closed")),
            Err(_) => Err(Error::Busy { operation }),
        }
    }
}
