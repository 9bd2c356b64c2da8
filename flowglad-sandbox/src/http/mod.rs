//! The outside of the sandbox: requests in, answers out.

pub(crate) mod api_error;
pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod dashboard;
pub(crate) mod faults;
pub(crate) mod hosted_page;
pub(crate) mod input;
pub(crate) mod money;
pub(crate) mod operation_list;
pub(crate) mod page;
pub(crate) mod reply;
pub(crate) mod request_log;
pub(crate) mod return_url;
pub(crate) mod router;
pub(crate) mod same_origin;
pub(crate) mod side_door;
