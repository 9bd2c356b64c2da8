//! The session layer of the test apps: a request header names the signed-in user.

use flowglad_core::{InvalidCustomer, RequestingCustomer};

/// The request header that names the signed-in user.
pub const SESSION_HEADER: &str = "x-session";

/// The result of a test app's session lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// No user is signed in.
    Anonymous,
    /// This user is signed in.
    User(User),
    /// The session store is down, and the app returns its own 503.
    Down,
}

/// A test app's own user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The app's own id of the user.
    pub id: String,
    /// Empty for a user that Flowglad cannot bill.
    pub email: String,
}

impl Session {
    /// Looks up the session. The header is absent, `down`, `panic`, `no-email`, or a user's id.
    #[must_use]
    pub fn of(header: Option<&str>) -> Self {
        match header {
            None => Self::Anonymous,
            Some("down") => Self::Down,
            Some("panic") => panic!("the app's own code panics, as this test wants it to"),
            Some("no-email") => Self::User(User { id: "no-email".to_owned(), email: String::new() }),
            Some(id) => Self::User(User { id: id.to_owned(), email: "ada@example.com".to_owned() }),
        }
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(user: User) -> Result<Self, InvalidCustomer> {
        Self::new(user.id, "Ada", user.email)
    }
}
