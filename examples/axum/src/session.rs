//! Who is signed in. A real app would check a password or ask an identity provider in `login`.

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

/// The person who is signed in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct User {
    id: String,
    name: String,
    email: String,
}

/// How the app's user becomes Flowglad's customer. This is all that the mounted routes need.
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

/// Why there is no user.
#[derive(Debug)]
pub(crate) enum NotSignedIn {
    Anonymous,
    /// Not the user's fault, so it must not look like being signed out.
    SessionsAreDown,
}

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        match self {
            Self::Anonymous => error(StatusCode::UNAUTHORIZED, "Please sign in first."),
            Self::SessionsAreDown => error(StatusCode::INTERNAL_SERVER_ERROR, "Sessions are not available right now."),
        }
    }
}

/// Sessions in memory, for one process. The cookie is `Lax`, since a person comes back from the hosted checkout by a
/// link of another site, and must still be signed in.
pub(crate) fn layer() -> SessionManagerLayer<MemoryStore> {
    // `with_secure(false)`: the example runs on plain http. Leave it out behind https.
    SessionManagerLayer::new(MemoryStore::default()).with_secure(false).with_same_site(SameSite::Lax)
}

pub(crate) async fn login(session: Session, request: Request) -> Response {
    let wants_json = names_json(&request, ACCEPT) || names_json(&request, CONTENT_TYPE);
    let user = match submitted_user(request).await {
        Ok(user) => user,
        Err(problem) => return error(StatusCode::BAD_REQUEST, &problem),
    };
    // A fresh session id, so that one planted before the sign-in is worth nothing.
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

/// Lets the page know whether to show the sign-in form.
pub(crate) async fn show(user: Result<User, NotSignedIn>) -> Result<Json<Value>, NotSignedIn> {
    match user {
        Ok(user) => Ok(Json(json!({"user": user}))),
        Err(NotSignedIn::Anonymous) => Ok(Json(json!({"user": null}))),
        Err(broken) => Err(broken),
    }
}

pub(crate) fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
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

/// Whether a header says JSON: `Content-Type` of what was sent, `Accept` of what is wanted back.
fn names_json(request: &Request, header: HeaderName) -> bool {
    let value = request.headers().get(header).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json"))
}
