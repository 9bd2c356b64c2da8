//! Why a fleet cannot be used.

/// Why a fleet cannot be used. A server that is merely away is no error: the app starts, and goes on without it.
///
/// Neither the URL nor a password is shown.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FleetError {
    /// The URL is wrong.
    #[error("fleet: the URL is not one of Redis: {problem}; write redis://host:6379, or rediss:// for TLS")]
    #[non_exhaustive]
    Url {
        /// What is wrong with it.
        problem: Box<str>,
    },
    /// A setting is wrong.
    #[error("fleet: {setting} {problem}")]
    #[non_exhaustive]
    Setting {
        /// Which.
        setting: &'static str,
        /// What is wrong with it.
        problem: Box<str>,
    },
    /// The server refuses this app, or cannot do what a fleet needs.
    #[error("fleet: the server cannot be used: {problem}")]
    #[non_exhaustive]
    Server {
        /// Why.
        problem: Box<str>,
    },
}

impl FleetError {
    pub(super) fn url(problem: impl Into<Box<str>>) -> Self {
        Self::Url { problem: problem.into() }
    }

    pub(super) fn setting(setting: &'static str, problem: impl Into<Box<str>>) -> Self {
        Self::Setting { setting, problem: problem.into() }
    }

    pub(super) fn server(problem: impl Into<Box<str>>) -> Self {
        Self::Server { problem: problem.into() }
    }
}
