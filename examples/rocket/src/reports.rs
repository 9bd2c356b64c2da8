//! Reports for customers whose plan has the feature `export_csv`. The server decides, not the browser.
//!
//! A gate can stand in three places: before routes (`/reports.csv`, mounted in `main.rs`), in the arguments of a handler
//! (`/reports.json`), and there as a `Result`, where the app answers a refusal itself (the page).

use flowglad_rocket::{Entitled, Refusal, flowglad_core};
use rocket::{
    Responder, Route, get,
    http::ContentType,
    response::{Redirect, content::RawHtml},
    routes,
    serde::json::{Value, json},
};

flowglad_core::feature!(pub(crate) ExportCsv = "export_csv");

const REPORTS: &str = include_str!("../../pages/reports.html");
const UPGRADE: &str = include_str!("../../pages/upgrade.html");
const BROKEN: &str = include_str!("../../pages/billing_unavailable.html");

type Page = RawHtml<&'static str>;

/// What is sent instead of the page.
#[derive(Responder)]
enum Instead {
    SignIn(Box<Redirect>),
    #[response(status = 403)]
    Upgrade(Page),
    #[response(status = 503)]
    Broken(Page),
    Refusal(Refusal),
}

pub(crate) fn routes() -> Vec<Route> {
    routes![page, json]
}

pub(crate) fn gated_routes() -> Vec<Route> {
    routes![csv]
}

#[get("/reports")]
fn page(export: Result<Entitled<ExportCsv>, Refusal>) -> Result<Page, Instead> {
    match export {
        Ok(_) => Ok(RawHtml(REPORTS)),
        Err(refusal) if refusal.is_signed_out() => Err(Instead::SignIn(Box::new(Redirect::to("/")))),
        Err(refusal) => Err(match refusal.code() {
            Some("feature_required") => Instead::Upgrade(RawHtml(UPGRADE)),
            Some("entitlements_unavailable") => Instead::Broken(RawHtml(BROKEN)),
            _ => Instead::Refusal(refusal),
        }),
    }
}

#[get("/reports.csv")]
fn csv() -> (ContentType, &'static str) {
    (ContentType::CSV, "month,calls\n2026-10,412\n2026-11,530\n")
}

#[get("/reports.json?<explain>")]
fn json(export: Result<Entitled<ExportCsv>, Refusal>, explain: Option<u8>) -> Result<Value, Refusal> {
    let export = export?;
    let mut reports = json!({"months": [{"month": "2026-10", "calls": 412}, {"month": "2026-11", "calls": 530}]});
    if explain == Some(1) {
        let decision = export.decision();
        reports["decision"] = json!({"source": decision.source().as_str(), "ageMs": decision.age().as_millis()});
    }
    Ok(reports)
}
