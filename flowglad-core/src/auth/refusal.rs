//! Why a token or session is refused.

/// The reason as the rest of a sentence that begins with "a sign-in was refused:". It shows nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) &'static str);
