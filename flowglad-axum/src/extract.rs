//! What handlers of the app can take from a request.

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use flowglad_core::{CustomerScope, action::RequestHandler};

use crate::{mount::Mount, route::into_response};

/// The scope of the signed-in customer, as an extractor. Needs [`Mount::layer`].
///
/// A caller who is not signed in gets the same 401 as from a mounted action.
///
/// # Examples
/// ```no_run
/// use flowglad_axum::Customer;
///
/// async fn export(Customer(me): Customer) -> &'static str {
///     match me.billing().await {
///         Ok(billing) if billing.check_feature_access("export_csv") => "month,calls\n",
///         _ => "not for you",
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Customer(pub CustomerScope);

impl<S: Sync> FromRequestParts<S> for Customer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let Some(mount) = parts.extensions.get::<Mount>().cloned() else {
            return Err(into_response(RequestHandler::not_mounted("add the layer of `Mount::layer` to the router")));
        };
        let scope = mount.handler.customer(mount.identify(parts)).await?;
        scope.map(Self).map_err(into_response)
    }
}
