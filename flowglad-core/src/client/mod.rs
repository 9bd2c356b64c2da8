//! Configuration, endpoints, paths, transport, retries and errors: everything between a typed call and the wire.

pub(crate) mod config;
pub(crate) mod endpoint;
pub(crate) mod error;
pub(crate) mod error_body;
pub(crate) mod path;
pub(crate) mod retry;
pub(crate) mod settings;
pub(crate) mod transport;
