//! Reports for customers whose plan has the feature `export_csv`. The server decides, not the browser.
//!
//! A gate can stand in three places: before a resource (`/reports.csv`, in `main.rs`), in the arguments of a handler
//! (`/reports.json`), and there as a `Result`, where the app answers a refusal itself (the page).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ContentType, LOCATION},
    },
    web::{Json, Query},
};
use flowglad_actix::{Entitled, Refusal, flowglad_core};
use serde::Deserialize;
use serde_json::{Value, json};

flowglad_core::feature!(pub(crate) ExportCsv = "export_csv");

const REPORTS: &str = include_str!("../../pages/reports.html");
const UPGRADE: &str = include_str!("../../pages/upgrade.html");
const BROKEN: &str = include_str!("../../pages/billing_unavailable.html");

pub(crate) async fn page(export: Result<Entitled<ExportCsv>, Refusal>) -> HttpResponse {
    match export {
        Ok(_) => html(StatusCode::OK, REPORTS),
        Err(refusal) if refusal.is_signed_out() => HttpResponse::SeeOther().insert_header((LOCATION, "/")).finish(),
        Err(refusal) => match refusal.code() {
            Some("feature_required") => html(StatusCode::FORBIDDEN, UPGRADE),
            Some("entitlements_unavailable") => html(StatusCode::SERVICE_UNAVAILABLE, BROKEN),
            _ => HttpResponse::from_error(refusal),
        },
    }
}

pub(crate) async fn csv() -> HttpResponse {
    HttpResponse::Ok().content_type("text/csv").body("month,calls\n2026-10,412\n2026-11,530\n")
}

#[derive(Deserialize)]
pub(crate) struct Explain {
    #[serde(default)]
    explain: u8,
}

pub(crate) async fn json(export: Entitled<ExportCsv>, asked: Query<Explain>) -> Json<Value> {
    let mut reports = json!({"months": [{"month": "2026-10", "calls": 412}, {"month": "2026-11", "calls": 530}]});
    if asked.explain == 1 {
        let decision = export.decision();
        reports["decision"] = json!({"source": decision.source().as_str(), "ageMs": decision.age().as_millis()});
    }
    Json(reports)
}

fn html(status: StatusCode, page: &'static str) -> HttpResponse {
    HttpResponse::build(status).content_type(ContentType::html()).body(page)
}
