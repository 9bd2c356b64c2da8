//! The smallest Rocket app with Flowglad billing, on a sandbox of its own. `cargo run -p flowglad-rocket --example minimal`, then:
//! `curl -X POST -H 'x-user: ada' http://127.0.0.1:3002/api/flowglad/customers/billing`

use flowglad_rocket::{
    Mount,
    flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer},
    from_guard,
};
use flowglad_sandbox::Sandbox;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};

/// The signed-in user. A header stands for the session here; anyone can forge it, so a real app reads its session.
struct User(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for User {
    type Error = ();
    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let name = request.headers().get_one("x-user");
        name.map_or(Outcome::Forward(Status::Unauthorized), |name| Outcome::Success(Self(name.to_owned())))
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;
    fn try_from(User(name): User) -> Result<Self, InvalidCustomer> {
        Self::new(&name, &name, format!("{name}@example.com"))
    }
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?; // or `Flowglad::from_env()?` for a real account
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    let billing = Mount::new(flowglad, from_guard::<User>());
    let figment = rocket::Config::figment().merge(("port", 3002));
    rocket::custom(figment).mount("/api/flowglad", billing.routes()).launch().await?;
    Ok(())
}
