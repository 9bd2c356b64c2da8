//! Sessions of Auth.js, `NextAuth` and Better Auth, opened here or asked of their endpoints.

mod any_text;
mod endpoint;
pub(crate) mod log;
mod real_sessions;
mod vectors;

use flowglad_core::{adapter::Headers, clock::ManualClock, model::Timestamp};

/// When the sessions of these tests are used.
pub(crate) const NOW: i64 = 1_767_268_800;

pub(crate) fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_millis(NOW * 1000))
}

/// Headers as they came, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent(Vec<(&'static str, String)>);

impl Sent {
    pub(crate) fn cookie(cookie: impl Into<String>) -> Self {
        Self::default().and("cookie", cookie)
    }

    pub(crate) fn and(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }
}

impl Headers for Sent {
    fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, _)| *known == name).map(|(_, value)| &**value).collect()
    }
}
