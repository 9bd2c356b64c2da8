//! The signed-in user. A real app would check a password or use an identity provider in `login`.

use axum::{
    Form, Json,
    extract::{FromRequest, FromRequestParts, Request},
    http::{
        HeaderName, StatusCode,
        header::{ACCEPT, CONTENT_TYPE},
        request::Parts,
    },
    response::{IntoResponse, Redirect, Response},
};
use flowglad_axum::flowglad_core::{InvalidCustomer, RequestingCustomer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, cookie::SameSite};

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

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = NotSignedIn;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotSignedIn> {
        let session = Session::from_request_parts(parts, state).await.map_err(|_| NotSignedIn::SessionsAreDown)?;
        let user = session.get(USER).await.map_err(|_| NotSignedIn::SessionsAreDown)?;
        user.ok_or(NotSignedIn::Anonymous)
    }
}

/// Why no user could be found.
#[derive(Debug)]
pub(crate) enum NotSignedIn {
    Anonymous,
    /// The session store failed. This must not look as if the user were signed out.
    SessionsAreDown,
}

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        match self {
            Self::Anonymous => error(StatusCode::UNAUTHORIZED, "unauthorized", "Please sign in first."),
            Self::SessionsAreDown => {
                error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Sessions are not available right now.")
            }
        }
    }
}

/// Sessions in memory, for one process. The cookie is `Lax`, so that the user is still signed in after the redirect
/// from the hosted checkout on another site.
pub(crate) fn layer() -> SessionManagerLayer<MemoryStore> {
    // `with_secure(false)`: the example runs without HTTPS. Remove it if your app runs behind HTTPS.
    SessionManagerLayer::new(MemoryStore::default()).with_secure(false).with_same_site(SameSite::Lax)
}

pub(crate) async fn login(session: Session, request: Request) -> Response {
    let wants_json = names_json(&request, ACCEPT) || names_json(&request, CONTENT_TYPE);
    let user = match submitted_user(request).await {
        Ok(user) => user,
        Err(problem) => return error(StatusCode::BAD_REQUEST, "validation_error", &problem),
    };
    // A new session id, so that an attacker cannot use a session id from before the sign-in.
    let stored = async {
        session.cycle_id().await?;
        session.insert(USER, user).await
    };
    match stored.await {
        Err(_) => NotSignedIn::SessionsAreDown.into_response(),
        Ok(()) if wants_json => StatusCode::NO_CONTENT.into_response(),
        Ok(()) => Redirect::to("/").into_response(),
    }
}

pub(crate) async fn logout(session: Session, request: Request) -> Response {
    match session.flush().await {
        Err(_) => NotSignedIn::SessionsAreDown.into_response(),
        Ok(()) if names_json(&request, ACCEPT) || names_json(&request, CONTENT_TYPE) => {
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(()) => Redirect::to("/").into_response(),
    }
}

/// Returns the signed-in user, so that the page knows whether to show the sign-in form.
pub(crate) async fn show(user: Result<User, NotSignedIn>) -> Result<Json<Value>, NotSignedIn> {
    match user {
        Ok(user) => Ok(Json(json!({"user": user}))),
        Err(NotSignedIn::Anonymous) => Ok(Json(json!({"user": null}))),
        Err(broken) => Err(broken),
    }
}

/// A refusal in the form of the mounted actions, so that the page reads all of them in one way.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let json = json!({"message": message, "error": message});
    let body = json!({"data": null, "error": {"code": code, "message": message, "json": json}});
    (status, Json(body)).into_response()
}

async fn submitted_user(request: Request) -> Result<User, String> {
    let user = if names_json(&request, CONTENT_TYPE) {
        Json::<User>::from_request(request, &()).await.map_err(|rejection| rejection.body_text())?.0
    } else {
        Form::<User>::from_request(request, &()).await.map_err(|rejection| rejection.body_text())?.0
    };
    match RequestingCustomer::try_from(user.clone()) {
        Ok(_) => Ok(user),
        Err(invalid) => Err(invalid.to_string()),
    }
}

/// Whether a header names JSON: `Content-Type` for the request body, `Accept` for the response.
fn names_json(request: &Request, header: HeaderName) -> bool {
    let value = request.headers().get(header).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json"))
}
