//! The dashboard: what a developer wants to see of a sandbox and change in it. `frame` is what every page has; `overview` is
//! the first page. It is closed where the control API is.

mod catalog;
mod customer;
mod customer_actions;
mod customer_history;
mod customer_plans;
mod customers;
mod delivery;
mod fault_forms;
mod faults;
mod frame;
mod links;
pub(crate) mod live;
mod masking;
mod outcome;
mod overview;
mod paging;
mod request;
mod requests;
mod rows;
mod time;
mod webhooks;

use std::sync::Arc;

use axum::Router;

use crate::state::SandboxState;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .merge(overview::routes())
        .merge(time::routes())
        .merge(customers::routes())
        .merge(customer::routes())
        .merge(customer_actions::routes())
        .merge(catalog::routes())
        .merge(webhooks::routes())
        .merge(delivery::routes())
        .merge(requests::routes())
        .merge(request::routes())
        .merge(faults::routes())
        .merge(fault_forms::routes())
        .merge(live::routes())
}
