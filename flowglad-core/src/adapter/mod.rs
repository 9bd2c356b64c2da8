//! The boundary to the web frameworks: the plain data types that all adapters use.
//!
//! An adapter turns the framework's request into an [`ActionRequest`], the app's session into an [`Identity`], and an
//! [`ActionResponse`] into the framework's response. It decides nothing.

pub(crate) mod browser_error;
pub(crate) mod failure;
mod from_extractor;
pub(crate) mod identity;
pub(crate) mod issue;
mod latest;
pub(crate) mod request;
pub(crate) mod response;
mod shared_source;

pub use crate::input::Headers;
pub use from_extractor::FromExtractor;
pub use identity::Identity;
pub use latest::Latest;
pub use request::{ActionRequest, BodyError, GatedRequest, read_body};
pub use response::{ActionResponse, RefusalFacts};
pub use shared_source::{Found, SharedSource};
