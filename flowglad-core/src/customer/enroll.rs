//! Creating a customer when a user signs up.

use std::time::Duration;

use tracing::warn;

use crate::{error::Error, flowglad::Flowglad, input::RequestingCustomer};

/// A sign-up waits no longer.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// What [`Flowglad::enroll`] did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Enrolled {
    /// The customer was created.
    Created,
    /// Flowglad knew the customer already.
    Known,
    /// It did not work. Nothing is lost: the customer is created when it is first needed.
    Failed(Error),
}

impl Flowglad {
    /// Creates the customer of a user who signs up, or of an organization that is made (`GET /customers/{externalId}`,
    /// `POST /customers`). It never keeps a sign-up from succeeding: a failure is returned as a value and logged, and takes 5
    /// seconds at most. A customer that is not enrolled is created when it is first needed.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Flowglad, RequestingCustomer};
    ///
    /// async fn sign_up(flowglad: &Flowglad, id: &str, email: &str) -> Result<(), flowglad_core::InvalidCustomer> {
    ///     // ... the app stores the user, and then:
    ///     flowglad.enroll(&RequestingCustomer::new(id, "Ada", email)?).await;
    ///     Ok(())
    /// }
    /// ```
    pub async fn enroll(&self, customer: &RequestingCustomer) -> Enrolled {
        match self.with_timeout(TIME_LIMIT).customer(customer).find_or_create_with_flag().await {
            Ok((_, true)) => Enrolled::Created,
            Ok((_, false)) => Enrolled::Known,
            Err(error) => {
                warn!("a customer was not enrolled, and is created when it is first needed: {}", error.report());
                Enrolled::Failed(error)
            }
        }
    }
}
