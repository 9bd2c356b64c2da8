//! Who is signed in. A real app would check a password or ask an identity provider in `login`.

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

/// The person who is signed in.
#[derive(Clone, Debug, Deserialize, FromForm, Serialize)]
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

/// A guard that asks a session store would fail with a status of 500 or above when the store is down, which must not look
/// like being signed out. A cookie cannot be down.
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

/// The session is an encrypted cookie: signing out takes it away, but a copy of it stays good. It is `Lax`, since a person
/// comes back from the hosted checkout by a link of another site, and must still be signed in.
fn sign_in(user: Result<User, impl Display>, cookies: &CookieJar<'_>) -> Result<(), Custom<Value>> {
    let user = user.map_err(|problem| error(Status::BadRequest, &problem.to_string()))?;
    RequestingCustomer::try_from(user.clone()).map_err(|invalid| error(Status::BadRequest, &invalid.to_string()))?;
    let session = json::to_string(&user).expect("a user is plain text");
    cookies.add_private(Cookie::build((USER, session)).same_site(SameSite::Lax));
    Ok(())
}

#[post("/logout")]
fn logout(cookies: &CookieJar<'_>, asked_by: AskedBy) -> Done {
    cookies.remove_private(USER);
    asked_by.done()
}

/// A script says so, by what it sends or by what it takes; all else is a form.
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
    /// A script is told that it worked, a form leads back to the page.
    fn done(self) -> Done {
        match self {
            Self::Script => Either::Left(NoContent),
            Self::Form => Either::Right(Redirect::to("/")),
        }
    }
}

/// Lets the page know whether to show the sign-in form.
#[get("/session")]
fn show(user: Option<User>) -> Json<Session> {
    Json(Session { user })
}

#[derive(Serialize)]
struct Session {
    user: Option<User>,
}

/// What goes wrong is told as JSON, which is what the page reads.
pub(crate) fn catchers() -> Vec<Catcher> {
    catchers![not_signed_in, other]
}

#[catch(401)]
fn not_signed_in() -> Value {
    json!({"error": "Please sign in first."})
}

#[catch(default)]
fn other(status: Status, _: &Request<'_>) -> Value {
    json!({"error": status.reason_lossy()})
}

pub(crate) fn error(status: Status, message: &str) -> Custom<Value> {
    Custom(status, json!({"error": message}))
}
