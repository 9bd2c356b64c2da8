//! What handlers of the app can take from a request.

use std::pin::Pin;

use actix_web::{Error, FromRequest, HttpRequest, dev::Payload, error::InternalError};
use flowglad_core::{CustomerScope, action::RequestHandler, adapter::ActionResponse};

use crate::{mount::Mount, route::into_response};

/// The scope of the signed-in customer, as an extractor. Needs `.app_data(mount)` in the app.
///
/// A caller who is not signed in gets the same 401 as from a mounted action.
///
/// # Examples
/// ```no_run
/// use flowglad_actix::Customer;
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

impl FromRequest for Customer {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Some(mount) = request.app_data::<Mount>() else {
                return Err(refusal(RequestHandler::not_mounted("add `.app_data(mount)` to the app")));
            };
            let scope = mount.handler.customer(mount.identify(&request)).await?;
            scope.map(Self).map_err(refusal)
        })
    }
}

fn refusal(response: ActionResponse) -> Error {
    InternalError::from_response("refused by Flowglad's extractor", into_response(response)).into()
}
