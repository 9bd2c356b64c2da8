//! The smallest actix-web app with Flowglad billing, on a sandbox of its own. `cargo run -p flowglad-actix --example minimal`, then:
//! `curl -X POST -H 'x-user: ada' http://127.0.0.1:3001/api/flowglad/customers/billing`

use std::future::{Ready, ready};

use actix_web::{App, Error, FromRequest, HttpRequest, HttpServer, dev::Payload, error::ErrorUnauthorized};
use flowglad_actix::{
    Mount,
    flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer},
    from_extractor,
};
use flowglad_sandbox::Sandbox;

/// The signed-in user. A header stands for the session here; anyone can forge it, so a real app reads its session.
struct User(String);

impl FromRequest for User {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let name = request.headers().get("x-user").and_then(|name| name.to_str().ok());
        ready(name.map(|name| Self(name.to_owned())).ok_or_else(|| ErrorUnauthorized("sign in first")))
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;
    fn try_from(User(name): User) -> Result<Self, InvalidCustomer> {
        Self::new(&name, &name, format!("{name}@example.com"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?; // or `Flowglad::from_env()?` for a real account
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    let billing = Mount::new(flowglad, from_extractor::<User>());
    let app = move || App::new().service(billing.scope("/api/flowglad"));
    Ok(HttpServer::new(app).bind(("127.0.0.1", 3001))?.run().await?)
}
