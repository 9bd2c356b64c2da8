//! All billing data of a customer: the document as bytes, and the typed view that answers questions about it.

mod capacity;
mod credits;
pub(crate) mod document;
mod freshness;
mod from_raw;
mod past_due;
mod plan;
mod source;
mod standing;
mod trial;
pub(crate) mod view;

pub use credits::Credits;
pub use document::{CustomerPaymentMethods, CustomerSubscriptions};
pub use freshness::Freshness;
pub use past_due::PastDue;
pub use plan::Plan;
pub use source::Source;
pub use standing::{NotEntitled, Standing};
pub use trial::Trial;
pub use view::Billing;
