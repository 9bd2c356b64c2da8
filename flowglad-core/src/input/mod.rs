//! Values that callers pass to requests. Each is checked when it is made.

mod change;
mod claim_external_id;
mod customer_details;
mod email_address;
mod headers;
pub(crate) mod invalid_customer;
pub(crate) mod invalid_input;
mod list_page;
mod metadata;
pub(crate) mod requesting_customer;
mod return_url;
pub(crate) mod segment;
mod transaction_id;

pub use change::Change;
pub use claim_external_id::ClaimExternalId;
pub(crate) use customer_details::CheckedDetails;
pub use customer_details::{CustomerDetails, DetailsError};
pub use email_address::EmailAddress;
pub use headers::Headers;
pub(crate) use invalid_customer::InvalidCustomer;
pub(crate) use invalid_input::InvalidInput;
pub use list_page::ListPage;
pub use metadata::{Metadata, MetadataValue};
pub(crate) use requesting_customer::RequestingCustomer;
pub use return_url::ReturnUrl;
pub use transaction_id::TransactionId;
