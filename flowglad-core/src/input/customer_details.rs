//! Name and email of a customer, for the requests that need them.

use std::{error::Error, fmt, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::{sync::OnceCell, time::timeout};

use crate::input::{email_address::EmailAddress, invalid_customer::InvalidCustomer};

/// How long the app may take to find them.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Name and email of a user of the app, as the app has them. They are checked when they are used. `Debug` does not show
/// them.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerDetails {
    name: String,
    email: String,
}

impl CustomerDetails {
    /// A display name, which may be empty, and an email address.
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Self { name: name.into(), email: email.into() }
    }

    /// The same with another name.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }
}

impl fmt::Debug for CustomerDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerDetails(…)")
    }
}

/// Why there are no details of a customer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DetailsError {
    /// The app's function failed. The text is that of its error.
    #[error("the app's function for name and email failed: {0}")]
    Failed(Arc<dyn Error + Send + Sync>),
    /// The details cannot be those of a customer.
    #[error(transparent)]
    Invalid(#[from] InvalidCustomer),
}

impl DetailsError {
    fn failed(reason: &str) -> Self {
        Self::Failed(Arc::from(Box::<dyn Error + Send + Sync>::from(reason)))
    }
}

/// Details that were checked.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CheckedDetails {
    pub(crate) name: String,
    pub(crate) email: EmailAddress,
}

impl CheckedDetails {
    pub(super) fn check(CustomerDetails { name, email }: CustomerDetails) -> Result<Self, InvalidCustomer> {
        if email.trim().is_empty() {
            return Err(InvalidCustomer::EmailMissing);
        }
        let email = email.parse().map_err(|_| InvalidCustomer::EmailMalformed)?;
        Ok(Self { name, email })
    }
}

type Found = Result<CustomerDetails, Arc<dyn Error + Send + Sync>>;

/// The app's function that finds the details, and what it has found.
pub(super) struct LaterDetails {
    find: Box<dyn Fn() -> BoxFuture<'static, Found> + Send + Sync>,
    found: OnceCell<CheckedDetails>,
}

impl LaterDetails {
    pub(super) fn new<F, Fut, E>(find: F) -> Self
    where
        F: Clone + FnOnce() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<CustomerDetails, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let find = move || {
            let found = find.clone()();
            async { found.await.map_err(|error| Arc::from(error.into())) }.boxed()
        };
        Self { find: Box::new(find), found: OnceCell::new() }
    }

    /// Asks the app, until it has answered once.
    pub(super) async fn find(&self) -> Result<&CheckedDetails, DetailsError> {
        self.found.get_or_try_init(|| async { Ok(CheckedDetails::check(self.ask().await?)?) }).await
    }

    async fn ask(&self) -> Result<CustomerDetails, DetailsError> {
        let asked = AssertUnwindSafe(async { (self.find)().await }).catch_unwind();
        match timeout(TIME_LIMIT, asked).await {
            Ok(Ok(found)) => found.map_err(DetailsError::Failed),
            Ok(Err(_)) => Err(DetailsError::failed("it panicked")),
            Err(_) => Err(DetailsError::failed("it took too long")),
        }
    }
}
