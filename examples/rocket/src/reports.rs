//! A page for customers whose plan has the feature `export_csv`. The server decides, not the browser.

use flowglad_rocket::flowglad_core::{Flowglad, RequestingCustomer};
use rocket::{
    Responder, Route, State, get,
    http::ContentType,
    response::{Redirect, content::RawHtml},
    routes,
};

use crate::session::User;

const FEATURE: &str = "export_csv";
const REPORTS: &str = include_str!("../../pages/reports.html");
const UPGRADE: &str = include_str!("../../pages/upgrade.html");
const BROKEN: &str = include_str!("../../pages/billing_unavailable.html");

type Page = RawHtml<&'static str>;

/// The page that is shown if the report is refused.
#[derive(Responder)]
enum Refusal {
    SignIn(Box<Redirect>),
    #[response(status = 403)]
    Upgrade(Page),
    #[response(status = 502)]
    Broken(Page),
}

pub(crate) fn routes() -> Vec<Route> {
    routes![page, csv]
}

#[get("/reports")]
async fn page(flowglad: &State<Flowglad>, user: Option<User>) -> Result<Page, Refusal> {
    may_export(flowglad, user).await?;
    Ok(RawHtml(REPORTS))
}

#[get("/reports.csv")]
async fn csv(flowglad: &State<Flowglad>, user: Option<User>) -> Result<(ContentType, &'static str), Refusal> {
    may_export(flowglad, user).await?;
    Ok((ContentType::CSV, "month,calls\n2026-10,412\n2026-11,530\n"))
}

async fn may_export(flowglad: &Flowglad, user: Option<User>) -> Result<(), Refusal> {
    let customer = user.and_then(|user| RequestingCustomer::try_from(user).ok());
    let customer = customer.ok_or_else(|| Refusal::SignIn(Box::new(Redirect::to("/"))))?;
    match flowglad.customer(&customer).billing().await {
        Ok(billing) if billing.check_feature_access(FEATURE) => Ok(()),
        Ok(_) => Err(Refusal::Upgrade(RawHtml(UPGRADE))),
        Err(error) => {
            tracing::error!("cannot read billing: {error}");
            Err(Refusal::Broken(RawHtml(BROKEN)))
        }
    }
}
