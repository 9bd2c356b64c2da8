//! The task that delivers usage, whose handle the app holds.

use std::{
    sync::{
        Arc,
        atomic::Ordering::{AcqRel, Acquire, Release},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout_at},
};
use tracing::{Instrument as _, warn};

use crate::{
    outbox::open_outbox::OpenOutbox,
    usage::{
        recorder::UsageRecorder,
        sender::{Next, Sender},
    },
};

/// How often an instance of a fleet that has recorded nothing looks whether others have.
const LOOK: Duration = Duration::from_secs(1);
const LOOK_WHILE_AWAITED: Duration = Duration::from_millis(20);

/// The task that delivers usage. Returned by [`UsageRecorder::start_delivery`]. Keep it, and [shut it
/// down](Self::shutdown) when the app ends; dropping it stops the delivery, and what waits then is delivered after the next
/// start.
#[derive(Debug)]
#[must_use = "dropping it stops the delivery"]
pub struct UsageDelivery {
    recorder: UsageRecorder,
    outbox: Outgoing,
    task: JoinHandle<()>,
    control: watch::Sender<Control>,
}

/// What is left when a time limit is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Undelivered {
    /// Events that wait. In a file they are delivered after the next start.
    pub pending: u64,
    /// Events that Flowglad has refused for good, and that wait for a decision.
    pub dead_letters: u64,
}

/// Usage cannot be delivered by a second task, or without an outbox.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlreadyDelivering {
    /// This client or a clone of it delivers already.
    #[error("usage is delivered already: keep the one handle of `start_delivery`")]
    Started,
    /// The client has no outbox.
    #[error("the client was built without an outbox: give it one by `FlowgladBuilder::usage`")]
    NoOutbox,
}

struct Outgoing(Arc<OpenOutbox>);

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Control {
    /// How many wait for all to be delivered, so that nothing is collected meanwhile.
    flushing: u32,
    stops: bool,
}

impl UsageRecorder {
    /// Starts the one task that delivers usage (`POST /usage-events/bulk`), on the runtime of the caller. It sends one request
    /// at a time, and waits out failures that may pass: an outage, a limit of the rate (which Flowglad answers with 401 or
    /// 429), its own errors.
    ///
    /// # Errors
    /// [`AlreadyDelivering`].
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::Duration;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let delivery = flowglad.usage().start_delivery()?;
    /// // The app runs here. When its server has stopped:
    /// println!("{:?}", delivery.shutdown(Duration::from_secs(5)).await);
    /// # Ok(()) }
    /// ```
    pub fn start_delivery(&self) -> Result<UsageDelivery, AlreadyDelivering> {
        let outbox = self.outbox().map_err(|_| AlreadyDelivering::NoOutbox)?;
        if outbox.is_delivering.swap(true, AcqRel) {
            return Err(AlreadyDelivering::Started);
        }
        let (control, controlled) = watch::channel(Control::default());
        let sender = Sender::new(self.flowglad.clone(), Arc::clone(outbox));
        let running = Running { outbox: Arc::clone(outbox), control: controlled };
        let task = tokio::spawn(running.run(sender).in_current_span());
        Ok(UsageDelivery { recorder: self.clone(), outbox: Outgoing(Arc::clone(outbox)), task, control })
    }
}

impl UsageDelivery {
    /// Waits until everything that was recorded is delivered or refused, but not longer than `limit`. Says what is left. In a
    /// fleet it waits until nothing is left that no other instance delivers.
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::Duration;
    /// # async fn run(delivery: flowglad_core::usage::UsageDelivery) {
    /// let left = delivery.flush(Duration::from_secs(30)).await;
    /// assert_eq!(left.pending, 0);
    /// # }
    /// ```
    pub async fn flush(&self, limit: Duration) -> Undelivered {
        let deadline = after(limit);
        self.control.send_modify(|control| control.flushing += 1);
        // Also when this future is dropped.
        let _ends = Flushing(&self.control);
        let empty = async {
            if let Ok(commits) = self.outbox.0.ready().await {
                commits.idle().await;
            }
            // The delivery may have looked before the last record came.
            let idle_before = self.outbox.0.times_idle.load(Acquire);
            loop {
                let mut progress = std::pin::pin!(self.outbox.0.progress.notified());
                progress.as_mut().enable();
                let was_idle = self.outbox.0.times_idle.load(Acquire) > idle_before + 1;
                let is_empty = match self.outbox.0.shared() {
                    // What waits there is not only this instance's to deliver.
                    Some(shared) => was_idle && !shared.waits_here_only(),
                    None => self.undelivered().pending == 0,
                };
                if is_empty {
                    return;
                }
                progress.await;
            }
        };
        if timeout_at(deadline, empty).await.is_err() {
            let Undelivered { pending, .. } = self.undelivered();
            warn!(event = "usage_left", pending, "the time is over, and usage waits still");
        }
        self.undelivered()
    }

    /// Ends the recording of usage, delivers what waits, but not for longer than `limit`, and ends the task. Says what is
    /// left. Call it when the app's server has stopped: usage that is recorded later is refused with
    /// [`RecordError::Ended`](crate::usage::RecordError::Ended).
    ///
    /// # Examples
    /// See [`start_delivery`](UsageRecorder::start_delivery).
    pub async fn shutdown(mut self, limit: Duration) -> Undelivered {
        let deadline = after(limit);
        if let Ok(Ok(commits)) = timeout_at(deadline, self.outbox.0.ready()).await {
            commits.end();
        }
        self.flush(deadline.saturating_duration_since(Instant::now())).await;
        self.control.send_modify(|control| control.stops = true);
        // A request that is on its way ends by the client's time limit, which may be longer; its events count once.
        if timeout_at(deadline, &mut self.task).await.is_err() {
            self.task.abort();
            // It ends at its next step, so that nothing is taken afterwards.
            (&mut self.task).await.ok();
        }
        self.undelivered()
    }

    fn undelivered(&self) -> Undelivered {
        let stats = self.recorder.stats();
        Undelivered { pending: stats.pending, dead_letters: stats.dead_letters }
    }
}

impl Drop for UsageDelivery {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(shared) = self.outbox.0.shared() {
            shared.give_back();
        }
        self.outbox.0.is_delivering.store(false, Release);
    }
}

struct Flushing<'a>(&'a watch::Sender<Control>);

impl Drop for Flushing<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|control| control.flushing -= 1);
    }
}

/// The task.
struct Running {
    outbox: Arc<OpenOutbox>,
    control: watch::Receiver<Control>,
}

impl Running {
    async fn run(mut self, mut sender: Sender) {
        let outbox = Arc::clone(&self.outbox);
        while !self.control().stops {
            match sender.step().await {
                Next::Step => tokio::task::yield_now().await,
                Next::Collect => self.collect().await,
                Next::Idle => {
                    let others_record = others_record(&outbox, self.control());
                    tokio::select! {
                        () = outbox.counters.has_recorded.notified() => {}
                        () = others_record => {}
                        () = self.changes() => {}
                    }
                    self.collect().await;
                }
                Next::Wait(wait) => {
                    tokio::select! {
                        () = sleep(wait) => {}
                        () = self.changes() => {}
                    }
                }
            }
        }
    }

    /// Lets events come together, unless there are enough for a batch, or their delivery is awaited.
    async fn collect(&mut self) {
        let is_enough = self.outbox.stats().pending >= self.outbox.settings.batch.get() as u64;
        if is_enough || self.control().flushing > 0 {
            return;
        }
        tokio::select! {
            () = sleep(self.outbox.settings.collect_for) => {}
            () = self.changes() => {}
        }
    }

    fn control(&self) -> Control {
        *self.control.borrow()
    }

    /// Waits until a flush begins or the task is to stop. The handle is gone when its task is.
    async fn changes(&mut self) {
        if self.control.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// In a fleet others record too, and die with what they had taken. It is looked at now and then.
async fn others_record(outbox: &OpenOutbox, control: Control) {
    match outbox.shared() {
        Some(_) if control.flushing > 0 => sleep(LOOK_WHILE_AWAITED).await,
        Some(_) => sleep(LOOK).await,
        None => std::future::pending().await,
    }
}

fn after(limit: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(limit).unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 60 * 60))
}
