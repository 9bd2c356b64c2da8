//! The servers with one handler on two routes, one of them gated.

use flowglad_axum::flowglad_core::{
    Flowglad,
    cache::BillingCache,
    gate::{self, Gate},
};

use crate::{
    Failure,
    load::USER_HEADER,
    servers::{API_KEY, block_on, block_on_actix, identity},
};

const OPEN: &str = "/open";
const GATED: &str = "/gated";

pub(crate) fn serve(framework: &str, api_url: &str) -> Result<(), Failure> {
    let flowglad = Flowglad::builder().api_key(API_KEY).base_url(api_url).cache(BillingCache::new()).build()?;
    match framework {
        "axum" => block_on(axum::serve(flowglad)),
        "actix" => block_on_actix(actix::serve(flowglad)),
        "rocket" => block_on(rocket::serve(flowglad)),
        other => Err(format!("no framework `{other}`").into()),
    }
}

fn gate() -> Gate {
    gate::feature("export_csv").into()
}

mod axum {
    use ::axum::{Router, http::request::Parts, response::Response, routing::get};
    use flowglad_axum::{Customer, Mount};

    use super::{Failure, Flowglad, GATED, OPEN, USER_HEADER, gate, identity};
    use crate::servers::axum::listen;

    pub(super) async fn serve(flowglad: Flowglad) -> Result<(), Failure> {
        let mount = Mount::new(flowglad, async |parts: &mut Parts| {
            let user = parts.headers.get(USER_HEADER).and_then(|user| user.to_str().ok());
            Ok::<_, Response>(identity(user))
        });
        let app = Router::new()
            .route(OPEN, get(me))
            .route(GATED, get(me).route_layer(mount.gate(gate())))
            .layer(mount.layer());
        listen(app).await
    }

    async fn me(Customer(me): Customer) -> String {
        me.requesting_customer().external_id().to_owned()
    }
}

mod actix {
    use actix_web::{App, Error, HttpRequest, HttpServer, web};
    use flowglad_actix::{Customer, Mount};

    use super::{Failure, Flowglad, GATED, OPEN, USER_HEADER, gate, identity};
    use crate::servers::actix::announce;

    pub(super) async fn serve(flowglad: Flowglad) -> Result<(), Failure> {
        let mount = Mount::new(flowglad, async |request: &HttpRequest| {
            let user = request.headers().get(USER_HEADER).and_then(|user| user.to_str().ok());
            Ok::<_, Error>(identity(user))
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(mount.clone())
                .service(web::resource(OPEN).get(me))
                .service(web::resource(GATED).get(me).wrap(mount.gate(gate())))
        });
        let server = server.bind(("127.0.0.1", 0))?;
        announce(server.addrs().first());
        Ok(server.run().await?)
    }

    async fn me(Customer(me): Customer) -> String {
        me.requesting_customer().external_id().to_owned()
    }
}

mod rocket {
    use ::rocket::{Request, get, http::Status, routes};
    use flowglad_rocket::{Customer, Mount, catchers};

    use super::{Failure, Flowglad, USER_HEADER, gate, identity};
    use crate::servers::rocket::{build, listen};

    pub(super) async fn serve(flowglad: Flowglad) -> Result<(), Failure> {
        let mount = Mount::new(flowglad, async |request: &Request<'_>| {
            Ok::<_, Status>(identity(request.headers().get_one(USER_HEADER)))
        });
        let app = build()
            .mount("/", routes![open])
            .mount("/", mount.gate(gate()).routes(routes![gated]))
            .manage(mount)
            .register("/", catchers());
        listen(app).await
    }

    #[get("/open")]
    fn open(me: Customer) -> String {
        let Customer(me) = me;
        me.requesting_customer().external_id().to_owned()
    }

    #[get("/gated")]
    fn gated(me: Customer) -> String {
        let Customer(me) = me;
        me.requesting_customer().external_id().to_owned()
    }
}
