//! The session layer of the toy apps: a request's header says who is signed in.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use flowglad_core::{InvalidCustomer, RequestingCustomer};

/// The header that says who is signed in.
pub const SESSION_HEADER: &str = "x-session";

/// How often each header was looked up.
static LOOKUPS: LazyLock<Mutex<HashMap<String, usize>>> = LazyLock::new(Mutex::default);

/// What a toy app's session layer finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// Nobody is signed in.
    Anonymous,
    /// This user is.
    User(User),
    /// The session store is down: the app's own 503.
    Down,
}

/// A toy app's own user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The app's own id.
    pub id: String,
    /// Empty for a user that Flowglad cannot bill.
    pub email: String,
}

impl Session {
    /// Looks the session up: no header, `down`, `panic`, `no-email`, or a user's id.
    #[must_use]
    pub fn of(header: Option<&str>) -> Self {
        if let Some(header) = header {
            *LOOKUPS.lock().unwrap().entry(header.to_owned()).or_default() += 1;
        }
        match header {
            None => Self::Anonymous,
            Some("down") => Self::Down,
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
