//! Reports for customers whose plan has the feature `export_csv`. The server decides, not the browser.
//!
//! A gate can stand in three places: before a route (`/reports.csv`, in `main.rs`), in the arguments of a handler
//! (`/reports.json`), and there as a `Result`, where the app answers a refusal itself (the page).

use axum::{
    Json,
    extract::Query,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Redirect, Response},
};
use flowglad_axum::{Entitled, Refusal, flowglad_core};
use serde::Deserialize;
use serde_json::{Value, json};

flowglad_core::feature!(pub(crate) ExportCsv = "export_csv");

const REPORTS: &str = include_str!("../../pages/reports.html");
const UPGRADE: &str = include_str!("../../pages/upgrade.html");
const BROKEN: &str = include_str!("../../pages/billing_unavailable.html");

pub(crate) async fn page(export: Result<Entitled<ExportCsv>, Refusal>) -> Response {
    match export {
        Ok(_) => Html(REPORTS).into_response(),
        Err(refusal) if refusal.is_signed_out() => Redirect::to("/").into_response(),
        Err(refusal) => match refusal.code() {
            Some("feature_required") => (StatusCode::FORBIDDEN, Html(UPGRADE)).into_response(),
            Some("entitlements_unavailable") => (StatusCode::SERVICE_UNAVAILABLE, Html(BROKEN)).into_response(),
            _ => refusal.into_response(),
        },
    }
}

pub(crate) async fn csv() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/csv")], "month,calls\n2026-10,412\n2026-11,530\n")
}

#[derive(Deserialize)]
pub(crate) struct Explain {
    #[serde(default)]
    explain: u8,
}

pub(crate) async fn json(export: Entitled<ExportCsv>, Query(asked): Query<Explain>) -> Json<Value> {
    let mut reports = json!({"months": [{"month": "2026-10", "calls": 412}, {"month": "2026-11", "calls": 530}]});
    if asked.explain == 1 {
        let decision = export.decision();
        reports["decision"] = json!({"source": decision.source().as_str(), "ageMs": decision.age().as_millis()});
    }
    Json(reports)
}
