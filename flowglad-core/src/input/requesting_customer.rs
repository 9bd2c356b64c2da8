//! The app's user as the customer that Flowglad bills.

use std::{
    any::Any,
    error::Error,
    fmt,
    future::Future,
    hash::{Hash, Hasher},
    sync::Arc,
};

use crate::input::{
    customer_details::{CheckedDetails, CustomerDetails, DetailsError, LaterDetails},
    invalid_customer::InvalidCustomer,
    segment::check_segment,
};

/// The app's user, or organization, as a Flowglad customer. A value of this type is always valid.
///
/// ```
/// use flowglad_core::RequestingCustomer;
/// let ada = RequestingCustomer::new("user_42", "Ada", "ada@example.com")?;
/// assert_eq!(ada.external_id(), "user_42");
/// assert!(RequestingCustomer::new("user/42", "Ada", "ada@example.com").is_err());
/// # Ok::<_, flowglad_core::InvalidCustomer>(())
/// ```
///
/// Cloning is cheap. `Debug` shows the id only. Two values are equal if their ids and what is known of their details are.
#[derive(Clone)]
pub struct RequestingCustomer(Arc<Fields>);

struct Fields {
    external_id: String,
    details: Details,
    user: Option<Arc<dyn Any + Send + Sync>>,
}

#[derive(Clone)]
enum Details {
    Known(CheckedDetails),
    Later(Arc<LaterDetails>),
}

impl RequestingCustomer {
    /// Makes a customer of the app's own user id, a display name, and an email address.
    ///
    /// Name and email are used when the customer is created in Flowglad. To change them later, call
    /// [`CustomerScope::update`](crate::CustomerScope::update).
    ///
    /// The id selects the customer whose data is read and changed, so it must come from the app's session and never
    /// from data that a browser sends.
    ///
    /// # Errors
    /// [`InvalidCustomer`] if the id is blank, is longer than 255 characters, consists of dots, or contains a slash, a
    /// backslash or a control character; or if the email is missing or not an email address.
    pub fn new(
        external_id: impl Into<String>,
        name: impl Into<String>,
        email: impl Into<String>,
    ) -> Result<Self, InvalidCustomer> {
        let external_id = checked_id(external_id)?;
        let details = Details::Known(CheckedDetails::check(CustomerDetails::new(name, email))?);
        Ok(Self(Arc::new(Fields { external_id, details, user: None })))
    }

    /// Makes a customer of the app's own user id, and of a function that finds name and email: for an app that has only the
    /// id in its session. The function is called when the customer must be created in Flowglad, and otherwise not. A closure
    /// that captures something, such as a pool, is `async move`, and what it captures is `Clone`.
    ///
    /// If the function fails, so does the call that needs the details, with [`Error::Details`](crate::Error::Details): a
    /// browser gets a 500, and the reason is logged.
    ///
    /// # Errors
    /// [`InvalidCustomer`] if the id cannot be one, as for [`new`](Self::new).
    ///
    /// # Examples
    /// ```
    /// use flowglad_core::{RequestingCustomer, input::CustomerDetails};
    ///
    /// # fn run(pool: Pool, user_id: i64) -> Result<(), flowglad_core::InvalidCustomer> {
    /// let customer = RequestingCustomer::with_details(format!("user_{user_id}"), async move || {
    ///     let user = pool.user(user_id).await?;
    ///     Ok::<_, std::io::Error>(CustomerDetails::new(user.name, user.email))
    /// })?;
    /// # Ok(()) }
    /// # #[derive(Clone)] struct Pool;
    /// # struct User { name: String, email: String }
    /// # impl Pool { async fn user(&self, _: i64) -> std::io::Result<User> { Err(std::io::ErrorKind::NotFound.into()) } }
    /// ```
    pub fn with_details<F, Fut, E>(external_id: impl Into<String>, find: F) -> Result<Self, InvalidCustomer>
    where
        F: Clone + FnOnce() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<CustomerDetails, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let external_id = checked_id(external_id)?;
        let details = Details::Later(Arc::new(LaterDetails::new(find)));
        Ok(Self(Arc::new(Fields { external_id, details, user: None })))
    }

    /// Adds the user who acts for the customer: the app's own value, for example with the role in the organization that pays.
    /// [`user`](Self::user) returns it, in [`authorize`](crate::action::RequestHandler::authorize) and in handlers.
    ///
    /// ```
    /// use flowglad_core::RequestingCustomer;
    /// struct Member { is_owner: bool }
    ///
    /// let acme = RequestingCustomer::new("org_7", "Acme", "billing@acme.example")?;
    /// let acme = acme.with_user(Member { is_owner: true });
    /// assert!(acme.user::<Member>().is_some_and(|member| member.is_owner));
    /// # Ok::<_, flowglad_core::InvalidCustomer>(())
    /// ```
    #[must_use]
    pub fn with_user(self, user: impl Any + Send + Sync) -> Self {
        self.with_shared_user(Arc::new(user))
    }

    /// The same for a user whom others have too.
    pub(crate) fn with_shared_user(self, user: Arc<dyn Any + Send + Sync>) -> Self {
        let (external_id, details) = (self.0.external_id.clone(), self.0.details.clone());
        Self(Arc::new(Fields { external_id, details, user: Some(user) }))
    }

    /// The user who acts for the customer, if there is one of this type.
    #[must_use]
    pub fn user<U: Any>(&self) -> Option<&U> {
        self.0.user.as_deref()?.downcast_ref()
    }

    /// The app's own id of the user (or of the organization that pays).
    #[must_use]
    pub fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Name and email, for which the app may have to be asked.
    pub(crate) async fn details(&self) -> Result<&CheckedDetails, DetailsError> {
        match &self.0.details {
            Details::Known(details) => Ok(details),
            Details::Later(later) => later.find().await,
        }
    }

    fn known_details(&self) -> Option<&CheckedDetails> {
        match &self.0.details {
            Details::Known(details) => Some(details),
            Details::Later(_) => None,
        }
    }
}

fn checked_id(external_id: impl Into<String>) -> Result<String, InvalidCustomer> {
    let external_id = external_id.into();
    check_segment(&external_id).map_err(InvalidCustomer::ExternalId)?;
    Ok(external_id)
}

impl PartialEq for RequestingCustomer {
    fn eq(&self, other: &Self) -> bool {
        self.external_id() == other.external_id() && self.known_details() == other.known_details()
    }
}

impl Eq for RequestingCustomer {}

impl Hash for RequestingCustomer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.external_id().hash(state);
    }
}

impl fmt::Debug for RequestingCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestingCustomer").field(&self.external_id()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_reach_another_route_or_log_line_are_refused() {
        let long = "a".repeat(256);
        for id in ["", "  ", "\t", ".", "..", "....", "a/b", "../bob", "a\\b", "a\nb", "a\u{7f}", &long] {
            assert!(
                matches!(RequestingCustomer::new(id, "Ada", "ada@example.com"), Err(InvalidCustomer::ExternalId(_))),
                "{id:?}"
            );
        }
        for id in ["user_42", "a.b", "…", "100%", "alice#x", "a b", "9f1c:acme", &"a".repeat(255)] {
            assert!(RequestingCustomer::new(id, "Ada", "ada@example.com").is_ok(), "{id:?}");
        }
    }

    #[test]
    fn email_must_be_an_address() {
        for email in ["", "   "] {
            assert_eq!(RequestingCustomer::new("u", "", email), Err(InvalidCustomer::EmailMissing));
        }
        for email in [
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "a b@example.com",
            "Ada <ada@example.com>",
            "a@b.c\r\nX: y",
        ] {
            assert_eq!(RequestingCustomer::new("u", "", email), Err(InvalidCustomer::EmailMalformed), "{email:?}");
        }
        assert!(RequestingCustomer::new("u", "", "ada+test@mail.example.co.uk").is_ok());
    }
}
