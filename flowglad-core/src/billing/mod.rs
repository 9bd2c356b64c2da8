//! All billing data of a customer: the document as bytes, and the typed view that answers questions about it.

pub(crate) mod document;
mod freshness;
mod from_raw;
mod past_due;
mod source;
mod standing;
pub(crate) mod view;

pub use document::{CustomerPaymentMethods, CustomerSubscriptions};
pub use freshness::Freshness;
pub use past_due::PastDue;
pub use source::Source;
pub use standing::{NotEntitled, Standing};
pub use view::Billing;
