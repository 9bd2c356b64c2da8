//! The measured servers: the adapters, and on each framework a pass-through that checks nothing.

use std::future::Future;

use flowglad_axum::flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer, adapter::Identity};

use crate::{Failure, load::USER_HEADER, say};

pub(crate) const API_KEY: &str = "sk_test_bench";
const MOUNT: &str = "/api/flowglad";

pub(crate) fn serve(server: &str, api_url: &str) -> Result<(), Failure> {
    match server {
        "axum" => block_on(axum::adapter(flowglad(api_url)?)),
        "bare-axum" => block_on(axum::bare(api_url.to_owned())),
        "actix" => block_on_actix(actix::adapter(flowglad(api_url)?)),
        "bare-actix" => block_on_actix(actix::bare(api_url.to_owned())),
        "rocket" => block_on(rocket::adapter(flowglad(api_url)?)),
        "bare-rocket" => block_on(rocket::bare(api_url.to_owned())),
        other => Err(format!("no server `{other}`").into()),
    }
}

pub(crate) fn block_on(server: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(server)
}

pub(crate) fn block_on_actix(server: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(server)
}

fn flowglad(api_url: &str) -> Result<Flowglad, Failure> {
    Ok(Flowglad::builder().api_key(API_KEY).base_url(api_url).build()?)
}

pub(crate) fn identity(user: Option<&str>) -> Identity {
    let customer = |id: &str| -> Result<RequestingCustomer, InvalidCustomer> {
        RequestingCustomer::new(id, "Ada", "ada@example.com")
    };
    Identity::from(user.map(customer))
}

/// What a pass-through does: one request to the API, and its bytes as they are.
#[derive(Clone)]
struct PassThrough {
    client: reqwest::Client,
    api_url: String,
}

impl PassThrough {
    fn new(api_url: String) -> Self {
        Self { client: reqwest::Client::new(), api_url }
    }

    async fn billing(&self, customer: &str) -> Result<bytes::Bytes, Failure> {
        let url = format!("{}/api/v1/customers/{customer}/billing", self.api_url);
        Ok(self.client.get(url).bearer_auth(API_KEY).send().await?.error_for_status()?.bytes().await?)
    }
}

pub(crate) mod axum {
    use ::axum::{
        Router,
        body::Bytes,
        http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
        response::Response,
        routing::post,
    };
    use flowglad_axum::Mount;
    use tokio::net::TcpListener;

    use super::{Failure, Flowglad, MOUNT, PassThrough, USER_HEADER, identity, say};

    pub(super) async fn adapter(flowglad: Flowglad) -> Result<(), Failure> {
        let mount = Mount::new(flowglad, async |parts: &mut Parts| Ok::<_, Response>(identity(user(&parts.headers))));
        listen(Router::new().nest_service(MOUNT, mount.service())).await
    }

    pub(super) async fn bare(api_url: String) -> Result<(), Failure> {
        let pass_through = PassThrough::new(api_url);
        let handler = async move |headers: HeaderMap, _body: Bytes| {
            let bytes = pass_through.billing(user(&headers).unwrap_or_default()).await;
            bytes.map(|bytes| ([(CONTENT_TYPE, "application/json")], bytes)).map_err(|_| StatusCode::BAD_GATEWAY)
        };
        listen(Router::new().route("/api/flowglad/customers/billing", post(handler))).await
    }

    fn user(headers: &HeaderMap) -> Option<&str> {
        headers.get(USER_HEADER)?.to_str().ok()
    }

    pub(crate) async fn listen(app: Router) -> Result<(), Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        say(&format!("listening on http://{}", listener.local_addr()?));
        Ok(::axum::serve(listener, app).await?)
    }
}

pub(crate) mod actix {
    use actix_web::{
        App, Error, HttpRequest, HttpResponse, HttpServer,
        error::ErrorBadGateway,
        web::{self, Bytes},
    };
    use flowglad_actix::Mount;

    use super::{Failure, Flowglad, MOUNT, PassThrough, USER_HEADER, identity, say};

    pub(super) async fn adapter(flowglad: Flowglad) -> Result<(), Failure> {
        let mount = Mount::new(flowglad, async |request: &HttpRequest| Ok::<_, Error>(identity(user(request))));
        let server = HttpServer::new(move || App::new().service(mount.scope(MOUNT))).bind(("127.0.0.1", 0))?;
        announce(server.addrs().first());
        Ok(server.run().await?)
    }

    pub(super) async fn bare(api_url: String) -> Result<(), Failure> {
        let pass_through = PassThrough::new(api_url);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(pass_through.clone()))
                .route("/api/flowglad/customers/billing", web::post().to(handle))
        });
        let server = server.bind(("127.0.0.1", 0))?;
        announce(server.addrs().first());
        Ok(server.run().await?)
    }

    async fn handle(
        request: HttpRequest,
        through: web::Data<PassThrough>,
        _body: Bytes,
    ) -> Result<HttpResponse, Error> {
        let bytes = through.billing(user(&request).unwrap_or_default()).await.map_err(ErrorBadGateway)?;
        Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
    }

    fn user(request: &HttpRequest) -> Option<&str> {
        request.headers().get(USER_HEADER)?.to_str().ok()
    }

    pub(crate) fn announce(address: Option<&std::net::SocketAddr>) {
        if let Some(address) = address {
            say(&format!("listening on http://{address}"));
        }
    }
}

pub(crate) mod rocket {
    use std::io::Cursor;

    use ::rocket::{
        Build, Config, Data, Request, Response, Rocket, Route, State,
        config::LogLevel,
        data::ToByteUnit as _,
        fairing::AdHoc,
        http::{ContentType, Method, Status},
        route::Outcome,
    };
    use flowglad_rocket::Mount;

    use super::{Failure, Flowglad, MOUNT, PassThrough, USER_HEADER, identity, say};

    pub(super) async fn adapter(flowglad: Flowglad) -> Result<(), Failure> {
        let mount = Mount::new(flowglad, async |request: &Request<'_>| Ok::<_, Status>(identity(user(request))));
        listen(build().mount(MOUNT, mount.routes())).await
    }

    pub(super) async fn bare(api_url: String) -> Result<(), Failure> {
        let route = Route::new(Method::Post, "/customers/billing", handle);
        listen(build().manage(PassThrough::new(api_url)).mount(MOUNT, [route])).await
    }

    fn handle<'r>(request: &'r Request<'_>, body: Data<'r>) -> ::rocket::route::BoxFuture<'r> {
        Box::pin(async move {
            let Ok(_) = body.open(64.kibibytes()).into_bytes().await else { return Outcome::Error(Status::BadRequest) };
            let Some(through) = request.guard::<&State<PassThrough>>().await.succeeded() else {
                return Outcome::Error(Status::InternalServerError);
            };
            match through.billing(user(request).unwrap_or_default()).await {
                Ok(bytes) => {
                    let (length, body) = (bytes.len(), Cursor::new(bytes));
                    let mut response = Response::build();
                    response.header(ContentType::JSON).sized_body(length, body);
                    // Rocket's own chunks are so small that they would cost more than all else.
                    Outcome::Success(response.max_chunk_size(64 * 1024).finalize())
                }
                Err(_) => Outcome::Error(Status::BadGateway),
            }
        })
    }

    fn user<'r>(request: &'r Request<'_>) -> Option<&'r str> {
        request.headers().get_one(USER_HEADER)
    }

    pub(crate) fn build() -> Rocket<Build> {
        let config = Config { port: 0, log_level: LogLevel::Off, ..Config::release_default() };
        ::rocket::custom(config).attach(AdHoc::on_liftoff("address", |rocket| {
            Box::pin(async move { say(&format!("listening on http://127.0.0.1:{}", rocket.config().port)) })
        }))
    }

    pub(crate) async fn listen(app: Rocket<Build>) -> Result<(), Failure> {
        app.launch().await.map_err(|error| error.to_string())?;
        Ok(())
    }
}
