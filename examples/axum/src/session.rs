//! The signed-in user of the demo: `login` asks for no password. Real users are signed in by a provider, as in `auth.rs`.

use axum::{
    Extension, Form, Json, Router,
    extract::{FromRequest, FromRequestParts, Request, State},
    http::{
        HeaderName, StatusCode,
        header::{ACCEPT, CONTENT_TYPE},
        request::Parts,
    },
    response::{IntoResponse, Redirect, Response},
    routing::{any, get, post},
};
use flowglad_axum::{
    Customer, Refusal,
    flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer, adapter::Identity},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, cookie::SameSite};

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
pub(crate) async fn organization(parts: &mut Parts) -> Result<Identity, Response> {
    match User::from_request_parts(parts, &()).await {
        Ok(user) => Ok(user.organization().map_or(Identity::NoOrganization, Identity::from)),
        Err(NotSignedIn::Anonymous) => Ok(Identity::Anonymous),
        Err(broken) => Err(broken.into_response()),
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

/// With a provider, users sign in and out there.
pub(crate) fn routes(auth: &Auth) -> Router<Flowglad> {
    if auth.sign_in.is_some() {
        let elsewhere = any(StatusCode::NOT_FOUND);
        let routes = Router::new().route("/login", elsewhere.clone()).route("/logout", elsewhere);
        return routes.route("/session", get(show_customer));
    }
    Router::new().route("/login", post(login)).route("/logout", post(logout)).route("/session", get(show))
}

async fn login(
    Extension(auth): Extension<Auth>,
    State(flowglad): State<Flowglad>,
    session: Session,
    request: Request,
) -> Response {
    let wants_json = names_json(&request, ACCEPT) || names_json(&request, CONTENT_TYPE);
    let submitted = submitted_user(request).await;
    let checked = submitted.and_then(|user| Ok((payer(&user, &auth).map_err(|invalid| invalid.to_string())?, user)));
    let (payer, user) = match checked {
        Ok(checked) => checked,
        Err(problem) => return error(StatusCode::BAD_REQUEST, "validation_error", &problem),
    };
    // Every sign-in of the demo may be a sign-up. Whether Flowglad can be reached or not, the user is signed in.
    if let Some(payer) = payer {
        flowglad.enroll(&payer).await;
    }
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

async fn logout(session: Session, request: Request) -> Response {
    match session.flush().await {
        Err(_) => NotSignedIn::SessionsAreDown.into_response(),
        Ok(()) if names_json(&request, ACCEPT) || names_json(&request, CONTENT_TYPE) => {
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(()) => Redirect::to("/").into_response(),
    }
}

/// Returns the signed-in user, so that the page knows whether to offer to sign in.
async fn show(Extension(auth): Extension<Auth>, user: Result<User, NotSignedIn>) -> Result<Json<Value>, NotSignedIn> {
    match user {
        Ok(user) => Ok(Json(auth.session(&user))),
        Err(NotSignedIn::Anonymous) => Ok(Json(auth.session(&Value::Null))),
        Err(broken) => Err(broken),
    }
}

/// The same where a provider signs the users in.
async fn show_customer(
    Extension(auth): Extension<Auth>,
    customer: Result<Customer, Refusal>,
) -> Result<Json<Value>, Refusal> {
    match customer {
        Ok(Customer(me)) => Ok(Json(auth.session(&auth::shown(me.requesting_customer())))),
        Err(refusal) if refusal.is_signed_out() => Ok(Json(auth.session(&Value::Null))),
        Err(refusal) => Err(refusal),
    }
}

/// A refusal in the form of the mounted actions, so that the page reads all of them in one way.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let json = json!({"message": message, "error": message});
    let body = json!({"data": null, "error": {"code": code, "message": message, "json": json}});
    (status, Json(body)).into_response()
}

/// Who pays for what this user does. `None`: no one, where organizations pay and the user has none.
fn payer(user: &User, auth: &Auth) -> Result<Option<RequestingCustomer>, InvalidCustomer> {
    let customer = RequestingCustomer::try_from(user.clone())?;
    if auth.organizations { user.organization().transpose() } else { Ok(Some(customer)) }
}

async fn submitted_user(request: Request) -> Result<User, String> {
    if names_json(&request, CONTENT_TYPE) {
        let json = Json::<User>::from_request(request, &()).await;
        json.map(|Json(user)| user).map_err(|rejection| rejection.body_text())
    } else {
        let form = Form::<User>::from_request(request, &()).await;
        form.map(|Form(user)| user).map_err(|rejection| rejection.body_text())
    }
}

/// Whether a header names JSON: `Content-Type` for the request body, `Accept` for the response.
fn names_json(request: &Request, header: HeaderName) -> bool {
    let value = request.headers().get(header).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json"))
}
