//! What the sandbox's pages share, and the pages that a customer sees: `checkout` and `portal`.
//!
//! The pages are templates whose every value is escaped, and have no style or script of their own.

pub(crate) mod assets;
pub(crate) mod badge;
pub(crate) mod checkout;
pub(crate) mod invoice;
pub(crate) mod notice;
pub(crate) mod page;
pub(crate) mod plan;
pub(crate) mod portal;
pub(crate) mod portal_sign_in;
pub(crate) mod return_url;
pub(crate) mod wording;
