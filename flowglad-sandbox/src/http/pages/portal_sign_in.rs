//! The page at `billingPortalUrl`: asks who one is. The real portal sends a code to the email address; here the address
//! is enough.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use crate::{
    http::pages::{notice::Notice, page::page, portal},
    records::customer::Customer,
    state::SandboxState,
    store::Store,
};

/// The most customers that are offered.
const MOST_OFFERED: usize = 20;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route("/billing-portal/{organization}", get(show))
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    email: String,
}

#[derive(Template)]
#[template(path = "portal_sign_in.html")]
struct SignInPage {
    email: String,
    is_unknown: bool,
    offered_heading: &'static str,
    offered: Vec<Offered>,
}

struct Offered {
    name: String,
    email: String,
    path: String,
}

async fn show(
    State(state): State<Arc<SandboxState>>,
    Path(organization): Path<String>,
    Query(SignIn { email }): Query<SignIn>,
) -> Response {
    let store = state.store();
    if organization != store.organization_id {
        let reason = "There is no billing portal at this address. A reset of the sandbox gives it another one.";
        return Notice::new("No such portal", reason).response(StatusCode::NOT_FOUND);
    }
    let email = email.trim();
    let matching = with_email(&store, email);
    if let [customer] = matching.as_slice() {
        return Redirect::to(&portal::path(&store, customer)).into_response();
    }
    let several = !matching.is_empty();
    let offered: Vec<&Customer> = match (several, state.settings.control_api_is_open) {
        (true, _) => matching,
        (false, true) => customers(&store).rev().take(MOST_OFFERED).collect(),
        // Other computers can reach the sandbox: they do not see who its customers are.
        (false, false) => Vec::new(),
    };
    let status = if several || email.is_empty() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    page(
        status,
        &SignInPage {
            is_unknown: status == StatusCode::NOT_FOUND,
            email: email.to_owned(),
            offered_heading: if several { "Customers with this address" } else { "For developers: newest customers" },
            offered: offered.into_iter().map(|customer| offer(&store, customer)).collect(),
        },
    )
}

fn customers(store: &Store) -> impl DoubleEndedIterator<Item = &Customer> {
    store.tables.customers.iter().filter(|customer| !customer.archived)
}

fn with_email<'a>(store: &'a Store, email: &str) -> Vec<&'a Customer> {
    if email.is_empty() {
        return Vec::new();
    }
    customers(store).rev().filter(|customer| customer.email.eq_ignore_ascii_case(email)).take(MOST_OFFERED).collect()
}

fn offer(store: &Store, customer: &Customer) -> Offered {
    Offered { name: customer.name.clone(), email: customer.email.clone(), path: portal::path(store, customer) }
}
