//! The first page: the newest of everything.

use std::sync::Arc;

use askama::Template;
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};

use crate::{
    http::{
        dashboard::{
            frame::{Frame, Part},
            rows::{CustomerRow, DeliveryRow, InvoiceOfCustomer, RequestRow},
        },
        pages::page::page,
    },
    state::SandboxState,
};

/// The rows of each kind.
const ROWS: usize = 10;

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route("/", get(show))
}

#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct OverviewPage {
    frame: Frame,
    customers: Newest<CustomerRow>,
    invoices: Newest<InvoiceOfCustomer>,
    requests: Newest<RequestRow>,
    deliveries: Newest<DeliveryRow>,
}

/// The newest rows of a kind, and how many there are in all.
struct Newest<Row> {
    rows: Vec<Row>,
    total: usize,
}

impl<Row> Newest<Row> {
    fn new<Record>(
        records: impl DoubleEndedIterator<Item = Record> + ExactSizeIterator,
        row: impl Fn(Record) -> Row,
    ) -> Self {
        Self { total: records.len(), rows: records.rev().take(ROWS).map(row).collect() }
    }
}

async fn show(State(state): State<Arc<SandboxState>>) -> Response {
    let (requests, seen) = state.requests.newest(0, ROWS, |_| true);
    let (deliveries, sent) = state.deliveries().newest(0, ROWS, |_| true);
    let overview = state.read(|store| OverviewPage {
        frame: Frame::new(&state, store, Part::Overview),
        customers: Newest::new(store.tables.customers.iter(), |customer| CustomerRow::new(store, customer)),
        invoices: Newest::new(store.tables.invoices.iter(), |invoice| InvoiceOfCustomer::new(store, invoice)),
        requests: Newest {
            rows: requests.iter().map(|(number, request)| RequestRow::new(*number, request)).collect(),
            total: seen,
        },
        deliveries: Newest { rows: deliveries.iter().map(DeliveryRow::new).collect(), total: sent },
    });
    page(StatusCode::OK, &overview)
}
