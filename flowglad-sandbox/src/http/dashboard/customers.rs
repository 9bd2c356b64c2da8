//! The list of customers, with a search.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use serde::Deserialize;

use crate::{
    http::{
        dashboard::{
            frame::{Frame, Part},
            paging::Page,
            rows::CustomerRow,
        },
        pages::page::page,
    },
    records::customer::Customer,
    state::SandboxState,
};

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route("/dashboard/customers", get(show))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Search {
    q: String,
    from: usize,
}

#[derive(Template)]
#[template(path = "dashboard/customers.html")]
struct CustomersPage {
    frame: Frame,
    search: String,
    customers: Page<CustomerRow>,
}

async fn show(State(state): State<Arc<SandboxState>>, Query(Search { q, from }): Query<Search>) -> Response {
    let wanted = q.trim().to_lowercase();
    let customers = state.read(|store| CustomersPage {
        frame: Frame::new(&state, store, Part::Customers),
        customers: Page::new(
            "/dashboard/customers",
            vec![("q", q.trim().to_owned())],
            from,
            store.tables.customers.iter().rev().filter(|customer| is_found(customer, &wanted)),
            |customer| CustomerRow::new(store, customer),
        ),
        search: q.trim().to_owned(),
    });
    page(StatusCode::OK, &customers)
}

/// Whether a name, an address or an id contains the text.
fn is_found(customer: &Customer, wanted: &str) -> bool {
    wanted.is_empty()
        || [&customer.name, &customer.email, &customer.external_id, &customer.meta.id]
            .iter()
            .any(|text| text.to_lowercase().contains(wanted))
}
