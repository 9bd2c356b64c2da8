//! The trait by which an app hears of events.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tracing::error;

use crate::observe::{
    BillingAsked, BillingRead, Evicted, FleetChanged, GateDecided, Invalidated, Retry, UsageCounted, WebhookReceived,
};

/// Hears what a client does, for an app's metrics. Every method has an empty default.
///
/// Give it to [`FlowgladBuilder::observer`](crate::FlowgladBuilder::observer). Methods are called in the middle of
/// requests, so they should only count. A panic in one of them is caught and logged.
pub trait Observer: Send + Sync + 'static {
    /// The app, a gate or a browser asked for a customer's billing.
    fn billing_asked(&self, event: &BillingAsked) {
        let _ = event;
    }

    /// A read of a customer's billing from Flowglad ended.
    fn billing_read(&self, event: &BillingRead) {
        let _ = event;
    }

    /// Known billing was outdated by a change.
    fn invalidated(&self, event: &Invalidated) {
        let _ = event;
    }

    /// Billing fell out of memory, because other billing needed its place.
    fn evicted(&self, event: &Evicted) {
        let _ = event;
    }

    /// A request failed, and a retry can help.
    fn retry(&self, event: &Retry) {
        let _ = event;
    }

    /// A gate decided about a request of a signed-in user.
    fn gate_decided(&self, event: &GateDecided<'_>) {
        let _ = event;
    }

    /// Usage events were recorded, sent or refused.
    fn usage_counted(&self, event: &UsageCounted) {
        let _ = event;
    }

    /// A webhook delivery was received.
    fn webhook_received(&self, event: &WebhookReceived) {
        let _ = event;
    }

    /// The server that the instances of the app share went away, or came back. A fleet has observers of its own, given to
    /// `FleetBuilder::observer`.
    fn fleet_changed(&self, event: &FleetChanged) {
        let _ = event;
    }
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn billing_asked(&self, event: &BillingAsked) {
        (**self).billing_asked(event);
    }

    fn billing_read(&self, event: &BillingRead) {
        (**self).billing_read(event);
    }

    fn invalidated(&self, event: &Invalidated) {
        (**self).invalidated(event);
    }

    fn evicted(&self, event: &Evicted) {
        (**self).evicted(event);
    }

    fn retry(&self, event: &Retry) {
        (**self).retry(event);
    }

    fn gate_decided(&self, event: &GateDecided<'_>) {
        (**self).gate_decided(event);
    }

    fn usage_counted(&self, event: &UsageCounted) {
        (**self).usage_counted(event);
    }

    fn webhook_received(&self, event: &WebhookReceived) {
        (**self).webhook_received(event);
    }

    fn fleet_changed(&self, event: &FleetChanged) {
        (**self).fleet_changed(event);
    }
}

/// The app's observers.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    #[cfg(feature = "redis")]
    pub(crate) fn add(&mut self, observer: impl Observer) {
        self.0.push(Arc::new(observer));
    }

    /// Lets each hear of an event.
    pub(crate) fn each(&self, hear: impl Fn(&dyn Observer)) {
        for observer in &self.0 {
            // The app's code may panic; what is observed goes on.
            if catch_unwind(AssertUnwindSafe(|| hear(&**observer))).is_err() {
                error!("an observer panicked");
            }
        }
    }
}

impl From<Vec<Arc<dyn Observer>>> for Observers {
    fn from(observers: Vec<Arc<dyn Observer>>) -> Self {
        Self(observers)
    }
}
