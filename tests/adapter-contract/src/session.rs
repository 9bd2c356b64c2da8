//! The session layer of the test apps: a request header names the signed-in user.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use flowglad_core::{InvalidCustomer, RequestingCustomer};

/// The request header that names the signed-in user.
pub const SESSION_HEADER: &str = "x-session";

/// How often each header was looked up.
static LOOKUPS: LazyLock<Mutex<HashMap<String, usize>>> = LazyLock::new(Mutex::default);

/// What a toy app's session layer finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// No user is signed in.
    Anonymous,
    /// This user is signed in.
    User(User),
    /// This user's account is locked, and the app returns its own 403.
    Locked,
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
    /// Looks up the session. The header is absent, `down`, `locked`, `panic`, `no-email`, or a user's id.
    #[must_use]
    pub fn of(header: Option<&str>) -> Self {
        if let Some(header) = header {
            *LOOKUPS.lock().unwrap().entry(header.to_owned()).or_default() += 1;
        }
        match header {
            None => Self::Anonymous,
            Some("down") => Self::Down,
            Some("locked") => Self::Locked,
            Some("panic") => panic!("the app's own code panics, as this test wants it to"),
            Some("no-email") => Self::User(User { id: "no-email".to_owned(), email: String::new() }),
            Some(id) => Self::User(User { id: id.to_owned(), email: "ada@example.com".to_owned() }),
        }
    }

    /// How often this header was looked up in this process.
    #[must_use]
    pub fn lookups(header: &str) -> usize {
        LOOKUPS.lock().unwrap().get(header).copied().unwrap_or_default()
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(user: User) -> Result<Self, InvalidCustomer> {
        Self::new(user.id, "Ada", user.email)
    }
}
