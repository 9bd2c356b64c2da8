//! What is planned to go wrong: with the whole API, with single requests, and with deliveries of webhooks.

use std::sync::Arc;

use askama::Template;
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use serde::Serialize;

use crate::{
    availability::Availability,
    http::{
        dashboard::frame::{Frame, Part},
        pages::{badge::Badge, page::page},
    },
    state::SandboxState,
};

pub(super) const PATH: &str = "/dashboard/faults";

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route(PATH, get(show))
}

#[derive(Template)]
#[template(path = "dashboard/faults.html")]
struct FaultsPage {
    frame: Frame,
    availability: Badge,
    faults: Vec<String>,
    webhook_faults: Vec<String>,
}

async fn show(State(state): State<Arc<SandboxState>>) -> Response {
    let faults = FaultsPage {
        availability: availability(state.availability.get()),
        faults: as_json(&state.faults.all()),
        webhook_faults: as_json(&state.webhook_faults().all()),
        frame: state.read(|store| Frame::new(&state, store, Part::Faults)),
    };
    page(StatusCode::OK, &faults)
}

fn availability(availability: Availability) -> Badge {
    match availability {
        Availability::Up => Badge::new("Up", "good"),
        Availability::Down => Badge::new("Down", "bad"),
        Availability::Slow { delay_ms } => Badge::new(format!("Slow by {delay_ms} ms"), "warn"),
        Availability::RateLimited => Badge::new("Rate limited", "warn"),
    }
}

/// The faults as the control API takes them.
fn as_json(faults: &[impl Serialize]) -> Vec<String> {
    faults.iter().map(|fault| serde_json::to_string(fault).unwrap_or_default()).collect()
}
