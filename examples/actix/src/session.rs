//! The signed-in user. A real app would check a password or use an identity provider in `login`.

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
use flowglad_actix::flowglad_core::{InvalidCustomer, RequestingCustomer};
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;

const USER: &str = "user";

/// The signed-in user.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct User {
    id: String,
    name: String,
    email: String,
}

/// Converts the app's user into a Flowglad customer. The mounted routes require only this.
impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(user: User) -> Result<Self, InvalidCustomer> {
        Self::new(user.id, user.name, user.email)
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

pub(crate) async fn login(session: Session, request: HttpRequest, body: web::Payload) -> HttpResponse {
    let user = match submitted_user(&request, body.into_inner()).await {
        Ok(user) => user,
        Err(problem) => return error(StatusCode::BAD_REQUEST, "validation_error", &problem),
    };
    // A new session, so that an attacker cannot use a session from before the sign-in.
    session.renew();
    match session.insert(USER, user) {
        Err(_) => NotSignedIn::SessionsAreDown.error_response(),
        Ok(()) => done(&request),
    }
}

pub(crate) async fn logout(session: Session, request: HttpRequest) -> HttpResponse {
    session.purge();
    done(&request)
}

/// Returns the signed-in user, so that the page knows whether to show the sign-in form.
pub(crate) async fn show(user: Result<User, NotSignedIn>) -> Result<HttpResponse, NotSignedIn> {
    match user {
        Ok(user) => Ok(HttpResponse::Ok().json(json!({"user": user}))),
        Err(NotSignedIn::Anonymous) => Ok(HttpResponse::Ok().json(json!({"user": null}))),
        Err(broken) => Err(broken),
    }
}

/// A refusal in the form of the mounted actions, so that the page reads all of them in one way.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> HttpResponse {
    let json = json!({"message": message, "error": message});
    HttpResponse::build(status).json(json!({"data": null, "error": {"code": code, "message": message, "json": json}}))
}

async fn submitted_user(request: &HttpRequest, mut body: Payload) -> Result<User, String> {
    let user = if names_json(request, CONTENT_TYPE) {
        web::Json::<User>::from_request(request, &mut body).await.map_err(|rejection| rejection.to_string())?.0
    } else {
        web::Form::<User>::from_request(request, &mut body).await.map_err(|rejection| rejection.to_string())?.0
    };
    match RequestingCustomer::try_from(user.clone()) {
        Ok(_) => Ok(user),
        Err(invalid) => Err(invalid.to_string()),
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
