//! Sessions of Auth.js, `NextAuth` and Better Auth, opened here or asked of their endpoints.

mod endpoint;
mod log;
mod real_sessions;
mod vectors;

use flowglad_core::{adapter::Headers, clock::ManualClock, model::Timestamp};

/// When the sessions of these tests are used.
const NOW: i64 = 1_767_268_800;

fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_millis(NOW * 1000))
}

/// Headers as they came, in their order.
#[derive(Clone, Debug, Default)]
struct Sent(Vec<(&'static str, String)>);

impl Sent {
    fn cookie(cookie: impl Into<String>) -> Self {
        Self::default().and("cookie", cookie)
    }

    fn and(mut self, name: &'static str, value: impl Into<String>) -> Self {
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
