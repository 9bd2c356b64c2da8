//! The signed-in user of the demo: `login` asks for no password. Real users are signed in by a provider, as in `auth.rs`.

use std::{convert::Infallible, fmt::Display};

use flowglad_rocket::{
    Customer, Refusal,
    flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer, adapter::Identity},
};
use rocket::{
    Catcher, Either, FromForm, Request, Route, State, catch, catchers,
    form::{self, Form},
    get,
    http::{Cookie, CookieJar, SameSite, Status},
    outcome::IntoOutcome as _,
    post,
    request::{FromRequest, Outcome},
    response::{
        Redirect,
        status::{Custom, NoContent},
    },
    routes,
    serde::json::{self, Json, Value, json},
};
use serde::{Deserialize, Serialize};

use crate::auth::{self, Auth};

const USER: &str = "user";

/// The signed-in user.
#[derive(Clone, Debug, Deserialize, FromForm, Serialize)]
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
pub(crate) async fn organization(request: &Request<'_>) -> Result<Identity, Status> {
    Ok(match request.guard::<User>().await.succeeded() {
        Some(user) => user.organization().map_or(Identity::NoOrganization, Identity::from),
        None => Identity::Anonymous,
    })
}

/// A guard with a session store must fail with a status of 500 or above if the store is down, so that it does not look
/// as if the user were signed out. This example's cookie has no store.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for User {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let cookie = request.cookies().get_private(USER);
        cookie.and_then(|cookie| json::from_str(cookie.value()).ok()).or_forward(Status::Unauthorized)
    }
}

/// With a provider, users sign in and out there.
pub(crate) fn routes(auth: &Auth) -> Vec<Route> {
    if auth.sign_in.is_some() { routes![show_customer] } else { routes![login, login_by_form, logout, show] }
}

#[post("/login", format = "json", data = "<user>")]
async fn login(
    user: Result<Json<User>, json::Error<'_>>,
    cookies: &CookieJar<'_>,
    auth: &State<Auth>,
    flowglad: &State<Flowglad>,
) -> Result<NoContent, Custom<Value>> {
    let user = user.map(Json::into_inner).map_err(|problem| invalid(&problem))?;
    enroll(&user, auth, flowglad).await?;
    sign_in(&user, cookies);
    Ok(NoContent)
}

#[post("/login", data = "<user>", rank = 2)]
async fn login_by_form(
    user: Result<Form<User>, form::Errors<'_>>,
    cookies: &CookieJar<'_>,
    auth: &State<Auth>,
    flowglad: &State<Flowglad>,
    asked_by: AskedBy,
) -> Result<Done, Custom<Value>> {
    let user = user.map(Form::into_inner).map_err(|_| invalid(&"Please give an id, a name and an email."))?;
    enroll(&user, auth, flowglad).await?;
    sign_in(&user, cookies);
    Ok(asked_by.done())
}

/// Every sign-in of the demo may be a sign-up. Whether Flowglad can be reached or not, the user is signed in.
async fn enroll(user: &User, auth: &Auth, flowglad: &Flowglad) -> Result<(), Custom<Value>> {
    if let Some(payer) = payer(user, auth).map_err(|problem| invalid(&problem))? {
        flowglad.enroll(&payer).await;
    }
    Ok(())
}

/// Who pays for what this user does. `None`: no one, where organizations pay and the user has none.
fn payer(user: &User, auth: &Auth) -> Result<Option<RequestingCustomer>, InvalidCustomer> {
    let customer = RequestingCustomer::try_from(user.clone())?;
    if auth.organizations { user.organization().transpose() } else { Ok(Some(customer)) }
}

/// The session is an encrypted cookie. Signing out removes it, but a copy of it stays valid. It is `Lax`, so that the
/// user is still signed in after the redirect from the hosted checkout on another site.
fn sign_in(user: &User, cookies: &CookieJar<'_>) {
    let session = json::to_string(user).expect("a user is plain text");
    cookies.add_private(Cookie::build((USER, session)).same_site(SameSite::Lax));
}

#[post("/logout")]
fn logout(cookies: &CookieJar<'_>, asked_by: AskedBy) -> Done {
    cookies.remove_private(USER);
    asked_by.done()
}

/// The kind of client. A script sends JSON or accepts JSON; every other request is a form.
#[derive(Clone, Copy)]
enum AskedBy {
    Script,
    Form,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for AskedBy {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let sends_json = request.content_type().is_some_and(|sent| sent.is_json());
        let takes_json = request.accept().is_some_and(|taken| taken.preferred().is_json());
        Outcome::Success(if sends_json || takes_json { Self::Script } else { Self::Form })
    }
}

type Done = Either<NoContent, Redirect>;

impl AskedBy {
    /// Returns JSON for a script, and redirects a form to the page.
    fn done(self) -> Done {
        match self {
            Self::Script => Either::Left(NoContent),
            Self::Form => Either::Right(Redirect::to("/")),
        }
    }
}

/// Returns the signed-in user, so that the page knows whether to offer to sign in.
#[get("/session")]
fn show(user: Option<User>, auth: &State<Auth>) -> Value {
    user.map_or_else(|| auth.session(&Value::Null), |user| auth.session(&user))
}

/// The same where a provider signs the users in.
#[get("/session")]
fn show_customer(customer: Result<Customer, Refusal>, auth: &State<Auth>) -> Result<Value, Refusal> {
    match customer {
        Ok(Customer(me)) => Ok(auth.session(&auth::shown(me.requesting_customer()))),
        Err(refusal) if refusal.is_signed_out() => Ok(auth.session(&Value::Null)),
        Err(refusal) => Err(refusal),
    }
}

/// Errors are returned as JSON, which the page reads.
pub(crate) fn catchers() -> Vec<Catcher> {
    catchers![not_signed_in, other]
}

#[catch(401)]
fn not_signed_in() -> Value {
    refusal("unauthorized", "Please sign in first.")
}

#[catch(default)]
fn other(status: Status, _: &Request<'_>) -> Value {
    let reason = status.reason_lossy();
    refusal(&reason.to_lowercase().replace(' ', "_"), reason)
}

fn invalid(problem: &impl Display) -> Custom<Value> {
    error(Status::BadRequest, "validation_error", &problem.to_string())
}

pub(crate) fn error(status: Status, code: &str, message: &str) -> Custom<Value> {
    Custom(status, refusal(code, message))
}

/// A refusal in the form of the mounted actions, so that the page reads all of them in one way.
fn refusal(code: &str, message: &str) -> Value {
    let json = json!({"message": message, "error": message});
    json!({"data": null, "error": {"code": code, "message": message, "json": json}})
}
