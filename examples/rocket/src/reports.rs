//! Reports for customers whose plan has the feature `export_csv`. The server decides, not the browser.
//!
//! A gate can stand in three places: before routes (`/reports.csv`, mounted in `main.rs`), in the arguments of a handler
//! (`/reports.json`), and there as a `Result`, where the app answers a refusal itself (the page).

use flowglad_rocket::{Entitled, Refusal, flowglad_core};
use rocket::{
    Either, Route, get,
    http::{ContentType, Status},
    response::{Redirect, content::RawHtml},
    routes,
    serde::json::{Value, json},
};

flowglad_core::feature!(pub(crate) ExportCsv = "export_csv");

const REPORTS: &str = include_str!("../../pages/reports.html");
const UPGRADE: &str = include_str!("../../pages/upgrade.html");
const BROKEN: &str = include_str!("../../pages/billing_unavailable.html");

type Page = (Status, RawHtml<&'static str>);

pub(crate) fn routes() -> Vec<Route> {
    routes![page, json]
}

pub(crate) fn gated_routes() -> Vec<Route> {
    routes![csv]
}

#[get("/reports")]
fn page(export: Result<Entitled<ExportCsv>, Refusal>) -> Either<Page, Redirect> {
    match export {
        Ok(_) => Either::Left((Status::Ok, RawHtml(REPORTS))),
        Err(refusal) if refusal.is_signed_out() => Either::Right(Redirect::to("/")),
        Err(refusal) if refusal.code() == Some("feature_required") => {
            Either::Left((refusal.status(), RawHtml(UPGRADE)))
        }
        Err(refusal) => Either::Left((refusal.status(), RawHtml(BROKEN))),
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
