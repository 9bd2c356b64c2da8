//! All billing data of a customer: the document as bytes, and the typed view that answers questions about it.

pub(crate) mod document;
mod freshness;
mod source;
pub(crate) mod view;

pub use document::{CustomerPaymentMethods, CustomerSubscriptions};
pub use freshness::Freshness;
pub use source::Source;
pub use view::Billing;
