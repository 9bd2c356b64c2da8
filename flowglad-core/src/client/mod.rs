//! Everything between a typed call and HTTP: configuration, endpoints, paths, transport, retries and decoding.

pub(crate) mod compact_json;
pub(crate) mod endpoint;
pub(crate) mod error_body;
pub(crate) mod failed_response;
pub(crate) mod in_flight;
pub(crate) mod json;
pub(crate) mod json_depth;
pub(crate) mod json_object;
pub(crate) mod path;
pub(crate) mod retry;
pub(crate) mod retry_budget;
pub(crate) mod secret_key;
pub(crate) mod settings;
pub(crate) mod subject;
pub(crate) mod transport;
