//! A page for customers whose plan has the feature `export_csv`. The server decides, not the browser.

use actix_web::{
    HttpResponse, ResponseError as _,
    http::{
        StatusCode,
        header::{ContentType, LOCATION},
    },
    web::Data,
};
use flowglad_actix::flowglad_core::{Flowglad, RequestingCustomer};

use crate::session::{NotSignedIn, User};

const FEATURE: &str = "export_csv";
const REPORTS: &str = include_str!("../../pages/reports.html");
const UPGRADE: &str = include_str!("../../pages/upgrade.html");
const BROKEN: &str = include_str!("../../pages/billing_unavailable.html");

pub(crate) async fn page(flowglad: Data<Flowglad>, user: Result<User, NotSignedIn>) -> HttpResponse {
    match may_export(&flowglad, user).await {
        Ok(()) => html(StatusCode::OK, REPORTS),
        Err(refusal) => refusal,
    }
}

pub(crate) async fn csv(flowglad: Data<Flowglad>, user: Result<User, NotSignedIn>) -> HttpResponse {
    match may_export(&flowglad, user).await {
        Ok(()) => HttpResponse::Ok().content_type("text/csv").body("month,calls\n2026-10,412\n2026-11,530\n"),
        Err(refusal) => refusal,
    }
}

async fn may_export(flowglad: &Flowglad, user: Result<User, NotSignedIn>) -> Result<(), HttpResponse> {
    let user = match user {
        Ok(user) => user,
        Err(NotSignedIn::Anonymous) => return Err(HttpResponse::SeeOther().insert_header((LOCATION, "/")).finish()),
        Err(broken) => return Err(broken.error_response()),
    };
    let customer = RequestingCustomer::try_from(user).map_err(|_| NotSignedIn::Anonymous.error_response())?;
    match flowglad.customer(&customer).billing().await {
        Ok(billing) if billing.check_feature_access(FEATURE) => Ok(()),
        Ok(_) => Err(html(StatusCode::FORBIDDEN, UPGRADE)),
        Err(error) => {
            tracing::error!("cannot read billing: {error}");
            Err(html(StatusCode::BAD_GATEWAY, BROKEN))
        }
    }
}

fn html(status: StatusCode, page: &'static str) -> HttpResponse {
    HttpResponse::build(status).content_type(ContentType::html()).body(page)
}
