//! Why a request has no signed-in user.

use crate::auth::{
    provider::{SignedIn, Unavailable},
    refusal::{Refusal, Refusals},
};

/// Why a token or session does not say who is signed in.
#[derive(Debug)]
pub(super) enum NotIdentified {
    /// It is not to be believed.
    Refused(Refusal),
    /// It cannot be found out now.
    Unavailable(Unavailable),
}

impl From<Refusal> for NotIdentified {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Unavailable> for NotIdentified {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl Refusals {
    /// A caller whose token is refused is anonymous, and the reason is logged.
    pub(super) fn conclude(
        &self,
        provider: &'static str,
        found: Result<Option<SignedIn>, NotIdentified>,
    ) -> Result<Option<SignedIn>, Unavailable> {
        match found {
            Ok(user) => Ok(user),
            Err(NotIdentified::Refused(refusal)) => {
                self.note(provider, refusal);
                Ok(None)
            }
            Err(NotIdentified::Unavailable(unavailable)) => Err(unavailable),
        }
    }
}
