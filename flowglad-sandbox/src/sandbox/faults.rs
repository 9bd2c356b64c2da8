//! What goes wrong: faults of single requests, and the availability of the whole API.

use std::time::Duration;

use crate::{availability::Availability, error::SandboxError, fault::Fault, sandbox::Sandbox};

impl Sandbox {
    /// Takes the whole API down: each request gets the status 503 until [`up`](Self::up).
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
    /// let sandbox = flowglad_sandbox::Sandbox::start().await?;
    /// sandbox.down();
    /// // ... see what the app does without Flowglad, then:
    /// sandbox.up();
    /// # Ok(()) }
    /// ```
    pub fn down(&self) {
        self.state.availability.set(Availability::Down);
    }

    /// Ends what [`down`](Self::down), [`slow`](Self::slow) or [`rate_limited`](Self::rate_limited) began. Planned faults stay.
    pub fn up(&self) {
        self.state.availability.set(Availability::Up);
    }

    /// Delays the response to each request until [`up`](Self::up). A delay of more than ten minutes counts as ten minutes.
    pub fn slow(&self, delay: Duration) {
        self.state.availability.set(Availability::slow(delay));
    }

    /// Answers each request as the real API does when the key is over its rate limit, with the 401 of an unknown key, until
    /// [`up`](Self::up).
    pub fn rate_limited(&self) {
        self.state.availability.set(Availability::RateLimited);
    }

    /// How the API answers now. Planned faults come before it.
    #[must_use]
    pub fn availability(&self) -> Availability {
        self.state.availability.get()
    }

    /// Adds a fault, which affects the next API requests. The first fault that matches a request is applied.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if the fault is invalid, such as one with status 99.
    pub fn inject_fault(&self, fault: Fault) -> Result<(), SandboxError> {
        self.state.faults.add(fault).map_err(|problem| SandboxError::Refused { reason: problem.to_owned() })
    }

    /// The faults that are not used up.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.state.faults.all()
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }
}
