//! What the parts of an instance say to the server, beside the beats: they may take long, and one may panic.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt as _, future::join_all};
use tokio::sync::watch;
use tracing::error;

use crate::fleet::shared::{Part, Shared};

/// A panic is said in the log so often at most.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// Lets the parts say what is left to be said.
pub(super) struct Tender {
    shared: Arc<Shared>,
    stopped: watch::Receiver<bool>,
    /// Parts whose clients may be dropped. They are kept until they have said all.
    leaving: Vec<Arc<dyn Part>>,
    said_panic: Option<Instant>,
}

impl Tender {
    pub(super) fn new(shared: &Arc<Shared>, stopped: watch::Receiver<bool>) -> Self {
        Self { shared: Arc::clone(shared), stopped, leaving: Vec::new(), said_panic: None }
    }

    /// Tends the parts with every beat that the server has answered, and when they ask for it. Ends when the fleet is to end
    /// and the server has answered to the last.
    pub(super) async fn run(mut self) {
        loop {
            tokio::select! {
                () = self.shared.tending.notified() => {}
                _ = self.stopped.changed() => {}
            }
            let is_last = *self.stopped.borrow();
            if !self.shared.link.is_up() {
                continue;
            }
            self.tend().await;
            if is_last {
                self.say_the_rest().await;
                if self.shared.link.is_up() {
                    return;
                }
            }
        }
    }

    async fn tend(&mut self) {
        for part in self.shared.leave() {
            if !self.leaving.iter().any(|other| Arc::ptr_eq(other, &part)) {
                self.leaving.push(part);
            }
        }
        let parts = self.shared.parts();
        // One that waits, as for a file of the app's own store, does not delay what the others say.
        let tended =
            join_all(parts.iter().map(|part| AssertUnwindSafe(async { part.tend().await }).catch_unwind())).await;
        if tended.iter().any(Result::is_err) {
            self.say_panic();
        }
        let is_up = self.shared.link.is_up();
        self.leaving.retain(|part| !is_up || part.owed() > 0);
    }

    /// A part says so much at a time only. Ends when nothing is owed, or what is owed does not become less.
    async fn say_the_rest(&mut self) {
        let mut owed = self.shared.owed();
        while owed > 0 {
            self.tend().await;
            let left = self.shared.owed();
            if left >= owed {
                return;
            }
            owed = left;
        }
    }

    /// Says that a part has panicked, unless that was done in the last minute. What it says of itself may be personal data.
    fn say_panic(&mut self) {
        if self.said_panic.is_none_or(|last| last.elapsed() >= SAY_AGAIN) {
            self.said_panic = Some(Instant::now());
            error!(
                event = "fleet_panicked",
                "what is left to be said to the server of the fleet is not said, since a store of usage or a part of the \
                 fleet panicked; it is tried again with every beat"
            );
        }
    }
}
