//! HTTP: requests in, answers out. Start with `router`; `operation_list` has every operation of the API, `pages` and
//! `dashboard` what people see.

pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod body_copy;
pub(crate) mod call_reader;
pub(crate) mod control_api;
pub(crate) mod dashboard;
pub(crate) mod fault_injection;
pub(crate) mod operation_list;
pub(crate) mod pages;
pub(crate) mod path;
pub(crate) mod response;
pub(crate) mod router;
pub(crate) mod same_origin;
