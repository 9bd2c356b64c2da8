//! The page to which the browser comes back from a checkout.

use std::{future::Future, time::Duration};

use url::form_urlencoded;

use crate::{
    action::RequestHandler,
    adapter::{ActionResponse, Identity},
    customer::ReturnedCheckout,
    model::CheckoutSessionId,
};

/// The key in the query of a return URL under which an app may give the id of the checkout session.
const SESSION_KEY: &str = "checkout_session";

/// A person who comes back waits no longer than this for the page.
const LIMIT: Duration = Duration::from_secs(3);

impl RequestHandler {
    /// What became of the checkout of the signed-in customer, for an adapter's extractor or request guard; or the response to
    /// a caller who is not signed in.
    ///
    /// The id of the session is taken from `checkout_session` in `query`, if it is there. Otherwise the customer's newest
    /// checkout that was opened through this client is meant. Flowglad is asked once and for at most three seconds, and its
    /// failure is no error: see [`returned_checkout`](crate::CustomerScope::returned_checkout).
    ///
    /// # Errors
    /// Only the error of `identity`.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{action::RequestHandler, adapter::Identity};
    ///
    /// # async fn run(handler: RequestHandler, who: Identity) {
    /// let query = Some("checkout_session=chckt_session_1");
    /// match handler.returned_checkout(async { Ok::<_, ()>(who) }, query).await {
    ///     Ok(Ok(checkout)) => println!("{}", checkout.state.as_str()),
    ///     Ok(Err(response)) => println!("send {response:?}"),
    ///     Err(()) => println!("the session layer failed"),
    /// }
    /// # }
    /// ```
    pub async fn returned_checkout<E>(
        &self,
        identity: impl Future<Output = Result<Identity, E>>,
        query: Option<&str>,
    ) -> Result<Result<ReturnedCheckout, ActionResponse>, E> {
        let customer = match self.customer(identity).await? {
            Ok(customer) => customer,
            Err(response) => return Ok(Err(response)),
        };
        let session = query.and_then(session_id);
        Ok(Ok(customer.returned_checkout(session.as_ref(), LIMIT).await))
    }
}

fn session_id(query: &str) -> Option<CheckoutSessionId> {
    let (_, id) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == SESSION_KEY)?;
    id.parse().ok()
}
