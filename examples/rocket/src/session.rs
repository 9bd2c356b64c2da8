//! The signed-in user. A real app would check a password or use an identity provider in `login`.

use std::{convert::Infallible, fmt::Display};

use flowglad_rocket::flowglad_core::{InvalidCustomer, RequestingCustomer};
use rocket::{
    Catcher, Either, FromForm, Request, Route, catch, catchers,
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

const USER: &str = "user";

/// The signed-in user.
#[derive(Clone, Debug, Deserialize, FromForm, Serialize)]
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

pub(crate) fn routes() -> Vec<Route> {
    routes![login, login_by_form, logout, show]
}

#[post("/login", format = "json", data = "<user>")]
fn login(user: Result<Json<User>, json::Error<'_>>, cookies: &CookieJar<'_>) -> Result<NoContent, Custom<Value>> {
    sign_in(user.map(Json::into_inner), cookies)?;
    Ok(NoContent)
}

#[post("/login", data = "<user>", rank = 2)]
fn login_by_form(
    user: Result<Form<User>, form::Errors<'_>>,
    cookies: &CookieJar<'_>,
    asked_by: AskedBy,
) -> Result<Done, Custom<Value>> {
    let user = user.map(Form::into_inner).map_err(|_| "Please give an id, a name and an email.");
    sign_in(user, cookies)?;
    Ok(asked_by.done())
}

/// The session is an encrypted cookie. Signing out removes it, but a copy of it stays valid. It is `Lax`, so that the
/// user is still signed in after the redirect from the hosted checkout on another site.
fn sign_in(user: Result<User, impl Display>, cookies: &CookieJar<'_>) -> Result<(), Custom<Value>> {
    let user = user.map_err(|problem| invalid(&problem))?;
    RequestingCustomer::try_from(user.clone()).map_err(|problem| invalid(&problem))?;
    let session = json::to_string(&user).expect("a user is plain text");
    cookies.add_private(Cookie::build((USER, session)).same_site(SameSite::Lax));
    Ok(())
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

/// Returns the signed-in user, so that the page knows whether to show the sign-in form.
#[get("/session")]
fn show(user: Option<User>) -> Json<Session> {
    Json(Session { user })
}

#[derive(Serialize)]
struct Session {
    user: Option<User>,
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
