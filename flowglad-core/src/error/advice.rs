//! What a failed request may have done, and what its sender should do.

/// What the sender of a failed request should do, returned by [`Error::advice`](crate::Error::advice).
///
/// The client has made its own retries already when it returns an error. This is for what comes after: a job that runs
/// again in a minute, or a person at a desk.
///
/// ```no_run
/// use flowglad_core::{Advice, CustomerScope, api::NewUsageEvent};
/// # async fn run(me: CustomerScope, event: NewUsageEvent) {
/// if let Err(error) = me.create_usage_event(&event, None).await {
///     match error.advice() {
///         Advice::Retry => println!("again in a minute, with the same transaction id: {error}"),
///         Advice::Look => println!("it may be stored: {error}"),
///         Advice::GiveUp => println!("this event will never be taken: {error}"),
///     }
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Make the same call again later: it may succeed, and cannot take effect twice.
    Retry,
    /// Do not make the same call again: it will fail in the same way, until the caller or the setup changes something.
    GiveUp,
    /// Read the current state before anything else: the call may have taken effect, and could do so a second time.
    Look,
}

/// Whether a failed request may have changed something at Flowglad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideEffect {
    /// It changed nothing: it only read, was refused, or never reached Flowglad.
    None,
    /// It may have taken effect: it was sent, and no usable response arrived, or the API failed in a way that is not known
    /// as a refusal. Read the current state before you retry.
    Possible,
}
