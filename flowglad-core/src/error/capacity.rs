//! Refusals because of the capacity of a resource.

use crate::error::{Error, wording};

impl Error {
    /// Whether there are too few units of a resource, for example seats: a claim was refused because not enough of them are
    /// free, or a change of plan because more are claimed than the new plan has.
    ///
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope, claim: flowglad_core::api::NewClaim) {
    /// match me.claim_resource(&claim, None).await {
    ///     Err(error) if error.is_capacity_exceeded() => println!("All seats are taken."),
    ///     claimed => println!("{claimed:?}"),
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn is_capacity_exceeded(&self) -> bool {
        matches!(self, Self::Api { status: 400 | 409 | 500, message: Some(message), .. } if wording::is_capacity_exceeded(message))
    }

    /// Whether the API knows the resource, but the subscription never had any of it.
    pub(crate) fn is_resource_not_on_plan(&self) -> bool {
        matches!(self, Self::Api { status: 404, message: Some(message), .. } if wording::is_resource_not_on_plan(message))
    }
}
