//! The signed-in user of the demo: `login` asks for no password. Real users are signed in by a provider, as in `auth.rs`.

use std::future::{Ready, ready};

use actix_session::{Session, SessionExt as _, SessionMiddleware, storage::CookieSessionStore};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError,
    cookie::{Key, SameSite},
    dev::Payload,
    http::{
        StatusCode,
        header::{ACCEPT, CONTENT_TYPE, HeaderName, LOCATION},
    },
    web,
};
use flowglad_actix::{
    Customer, Refusal,
    flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer, adapter::Identity},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use crate::auth::{self, Auth};

const USER: &str = "user";

/// The signed-in user.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct User {
    id: String,
    name: String,
    email: String,
    /// In which the user acts, where organizations pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
}

/// Converts the app's user into a Flowglad customer. The mounted routes require only this.
impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(user: User) -> Result<Self, InvalidCustomer> {
        Self::new(user.id, user.name, user.email)
    }
}

impl User {
    /// The customer, where organizations pay.
    fn organization(&self) -> Option<Result<RequestingCustomer, InvalidCustomer>> {
        let id = self.organization.as_deref().filter(|id| !id.is_empty())?;
        Some(RequestingCustomer::new(id, id, &*self.email))
    }
}

/// The source of the customer, where organizations pay.
pub(crate) async fn organization(request: &HttpRequest) -> Result<Identity, actix_web::Error> {
    match User::extract(request).await {
        Ok(user) => Ok(user.organization().map_or(Identity::NoOrganization, Identity::from)),
        Err(NotSignedIn::Anonymous) => Ok(Identity::Anonymous),
        Err(broken) => Err(broken.into()),
    }
}

impl FromRequest for User {
    type Error = NotSignedIn;
    type Future = Ready<Result<Self, NotSignedIn>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.get_session().get(USER).map_err(|_| NotSignedIn::SessionsAreDown);
        ready(user.and_then(|user| user.ok_or(NotSignedIn::Anonymous)))
    }
}

/// Why no user could be found.
#[derive(Debug, Error)]
pub(crate) enum NotSignedIn {
    #[error("Please sign in first.")]
    Anonymous,
    /// The session store failed. This must not look as if the user were signed out.
    #[error("Sessions are not available right now.")]
    SessionsAreDown,
}

impl NotSignedIn {
    fn code(&self) -> &'static str {
        match self {
            Self::Anonymous => "unauthorized",
            Self::SessionsAreDown => "internal_error",
        }
    }
}

impl ResponseError for NotSignedIn {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Anonymous => StatusCode::UNAUTHORIZED,
            Self::SessionsAreDown => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        error(self.status_code(), self.code(), &self.to_string())
    }
}

/// Sessions in encrypted cookies. Signing out removes the cookie, but a copy of it stays valid. The cookie is `Lax`, so
/// that the user is still signed in after the redirect from the hosted checkout on another site.
pub(crate) fn middleware(key: &Key) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::builder(CookieSessionStore::default(), key.clone())
        // The example runs without HTTPS. Remove this line if your app runs behind HTTPS.
        .cookie_secure(false)
        .cookie_same_site(SameSite::Lax)
        .build()
}

/// With a provider, users sign in and out there.
pub(crate) fn routes(app: &mut web::ServiceConfig, auth: &Auth) {
    app.app_data(web::Data::new(auth.clone()));
    if auth.sign_in.is_some() {
        app.service(web::resource("/login")).service(web::resource("/logout"));
        app.service(web::resource("/session").get(show_customer));
    } else {
        app.service(web::resource("/login").post(login)).service(web::resource("/logout").post(logout));
        app.service(web::resource("/session").get(show));
    }
}

async fn login(
    auth: web::Data<Auth>,
    flowglad: web::Data<Flowglad>,
    session: Session,
    request: HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    let submitted = submitted_user(&request, body.into_inner()).await;
    let checked = submitted.and_then(|user| Ok((payer(&user, &auth).map_err(|invalid| invalid.to_string())?, user)));
    let (payer, user) = match checked {
        Ok(checked) => checked,
        Err(problem) => return error(StatusCode::BAD_REQUEST, "validation_error", &problem),
    };
    // Every sign-in of the demo may be a sign-up. Whether Flowglad can be reached or not, the user is signed in.
    if let Some(payer) = payer {
        flowglad.enroll(&payer).await;
    }
    // A new session, so that an attacker cannot use a session from before the sign-in.
    session.renew();
    match session.insert(USER, user) {
        Err(_) => NotSignedIn::SessionsAreDown.error_response(),
        Ok(()) => done(&request),
    }
}

async fn logout(session: Session, request: HttpRequest) -> HttpResponse {
    session.purge();
    done(&request)
}

/// Returns the signed-in user, so that the page knows whether to offer to sign in.
async fn show(auth: web::Data<Auth>, user: Result<User, NotSignedIn>) -> Result<HttpResponse, NotSignedIn> {
    match user {
        Ok(user) => Ok(HttpResponse::Ok().json(auth.session(&user))),
        Err(NotSignedIn::Anonymous) => Ok(HttpResponse::Ok().json(auth.session(&Value::Null))),
        Err(broken) => Err(broken),
    }
}

/// The same where a provider signs the users in.
async fn show_customer(auth: web::Data<Auth>, customer: Result<Customer, Refusal>) -> Result<HttpResponse, Refusal> {
    match customer {
        Ok(Customer(me)) => Ok(HttpResponse::Ok().json(auth.session(&auth::shown(me.requesting_customer())))),
        Err(refusal) if refusal.is_signed_out() => Ok(HttpResponse::Ok().json(auth.session(&Value::Null))),
        Err(refusal) => Err(refusal),
    }
}

/// A refusal in the form of the mounted actions, so that the page reads all of them in one way.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> HttpResponse {
    let json = json!({"message": message, "error": message});
    HttpResponse::build(status).json(json!({"data": null, "error": {"code": code, "message": message, "json": json}}))
}

/// Who pays for what this user does. `None`: no one, where organizations pay and the user has none.
fn payer(user: &User, auth: &Auth) -> Result<Option<RequestingCustomer>, InvalidCustomer> {
    let customer = RequestingCustomer::try_from(user.clone())?;
    if auth.organizations { user.organization().transpose() } else { Ok(Some(customer)) }
}

async fn submitted_user(request: &HttpRequest, mut body: Payload) -> Result<User, String> {
    if names_json(request, CONTENT_TYPE) {
        let json = web::Json::<User>::from_request(request, &mut body).await;
        json.map(web::Json::into_inner).map_err(|rejection| rejection.to_string())
    } else {
        let form = web::Form::<User>::from_request(request, &mut body).await;
        form.map(web::Form::into_inner).map_err(|rejection| rejection.to_string())
    }
}

/// Returns JSON for a script, and redirects a form to the page.
fn done(request: &HttpRequest) -> HttpResponse {
    if names_json(request, ACCEPT) || names_json(request, CONTENT_TYPE) {
        HttpResponse::NoContent().finish()
    } else {
        HttpResponse::SeeOther().insert_header((LOCATION, "/")).finish()
    }
}

/// Whether a header names JSON: `Content-Type` for the request body, `Accept` for the response.
fn names_json(request: &HttpRequest, header: HeaderName) -> bool {
    let value = request.headers().get(header).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json"))
}
