//! A page for customers whose plan has the feature `export_csv`. The server decides, not the browser.

use axum::{
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use flowglad_axum::flowglad_core::{Flowglad, RequestingCustomer};

use crate::session::{NotSignedIn, User};

const FEATURE: &str = "export_csv";
const REPORTS: &str = include_str!("../../pages/reports.html");
const UPGRADE: &str = include_str!("../../pages/upgrade.html");
const BROKEN: &str = include_str!("../../pages/billing_unavailable.html");

pub(crate) async fn page(State(flowglad): State<Flowglad>, user: Result<User, NotSignedIn>) -> Response {
    match may_export(&flowglad, user).await {
        Ok(()) => Html(REPORTS).into_response(),
        Err(refusal) => refusal,
    }
}

pub(crate) async fn csv(State(flowglad): State<Flowglad>, user: Result<User, NotSignedIn>) -> Response {
    match may_export(&flowglad, user).await {
        Ok(()) => ([(CONTENT_TYPE, "text/csv")], "month,calls\n2026-10,412\n2026-11,530\n").into_response(),
        Err(refusal) => refusal,
    }
}

async fn may_export(flowglad: &Flowglad, user: Result<User, NotSignedIn>) -> Result<(), Response> {
    let user = match user {
        Ok(user) => user,
        Err(NotSignedIn::Anonymous) => return Err(Redirect::to("/").into_response()),
        Err(broken) => return Err(broken.into_response()),
    };
    let customer = RequestingCustomer::try_from(user).map_err(|_| NotSignedIn::Anonymous.into_response())?;
    match flowglad.customer(&customer).billing().await {
        Ok(billing) if billing.check_feature_access(FEATURE) => Ok(()),
        Ok(_) => Err((StatusCode::FORBIDDEN, Html(UPGRADE)).into_response()),
        Err(error) => {
            tracing::error!("cannot read billing: {error}");
            Err((StatusCode::BAD_GATEWAY, Html(BROKEN)).into_response())
        }
    }
}
