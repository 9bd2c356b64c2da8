//! The example apps, and how one is started for a test.

use crate::{run::Failure, running::Running};

/// One of the example apps, which are the same app on three frameworks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Example {
    Axum,
    Actix,
    Rocket,
}

impl Example {
    pub(crate) const ALL: [Self; 3] = [Self::Axum, Self::Actix, Self::Rocket];

    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|example| example.name() == name);
        found.ok_or_else(|| Failure::new(format!("no example `{name}`: there are axum, actix and rocket")))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix",
            Self::Rocket => "rocket",
        }
    }

    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Axum => "example-axum",
            Self::Actix => "example-actix",
            Self::Rocket => "example-rocket",
        }
    }

    /// Starts the built program on a free port, with a sandbox of its own.
    pub(crate) fn start(self) -> Result<Running, Failure> {
        Running::start(self.package(), |program| {
            program
                .env("PORT", "0")
                // The test must not reach a real account, whatever the developer's shell has set.
                .without_env("FLOWGLAD_SECRET_KEY")
                .without_env("FLOWGLAD_BASE_URL")
        })
    }
}
