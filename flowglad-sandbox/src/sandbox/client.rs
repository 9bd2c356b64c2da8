//! A client for the app under test.

use flowglad_core::{Flowglad, FlowgladBuilder};

use crate::sandbox::Sandbox;

impl Sandbox {
    /// The settings of a client that calls this sandbox with its key, and has its time. Needs the feature `flowglad-core`.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = flowglad_sandbox::Sandbox::start().await?;
    /// let flowglad = sandbox.flowglad().build()?;
    /// sandbox.create_customer("user_42")?;
    /// let customer = flowglad.customers().get("user_42").await?;
    /// # let _ = customer;
    /// # Ok(()) }
    /// ```
    pub fn flowglad(&self) -> FlowgladBuilder {
        Flowglad::builder().api_key(self.api_key()).base_url(self.base_url()).clock(self.clock())
    }
}
