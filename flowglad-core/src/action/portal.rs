//! The way to Flowglad's own page where a customer manages billing.

use std::future::Future;

use url::Url;

use crate::{
    action::RequestHandler,
    adapter::{ActionResponse, Identity, browser_error::BrowserError, failure::Failure},
    billing::Freshness,
    customer::CustomerScope,
};

impl RequestHandler {
    /// Sends the signed-in customer to Flowglad's own page, where cards, invoices and the plan are managed: a 303 to
    /// `billingPortalUrl` of the billing document, from memory if the client has a cache.
    ///
    /// The response is a 401 for a caller who is not signed in, a 404 with `no_billing_portal` if Flowglad names no page, and
    /// that of a mounted action if Flowglad fails.
    ///
    /// # Errors
    /// Only the error of `identity`.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{action::RequestHandler, adapter::Identity};
    ///
    /// # async fn run(handler: RequestHandler, who: Identity) -> Result<(), ()> {
    /// let response = handler.portal(async { Ok::<_, ()>(who) }).await?;
    /// println!("{} {:?}", response.status, response.headers);
    /// # Ok(()) }
    /// ```
    pub async fn portal<E>(&self, identity: impl Future<Output = Result<Identity, E>>) -> Result<ActionResponse, E> {
        let customer = match self.customer(identity).await? {
            Ok(customer) => customer,
            Err(response) => return Ok(response),
        };
        Ok(match portal_url(customer.with_shared_deadline()).await {
            Ok(url) => ActionResponse::see_other(url.into()),
            Err(failure) => failure.into_browser_error("billing portal").into_response(),
        })
    }
}

async fn portal_url(customer: CustomerScope) -> Result<Url, Failure> {
    let billing = customer.billing_with(Freshness::CachedOrStale).await?;
    let url = billing.billing_portal_url().and_then(|url| Url::parse(url).ok());
    // Whatever the document says, a redirect leads to a web page.
    url.filter(|url| matches!(url.scheme(), "https" | "http")).ok_or_else(|| BrowserError::no_billing_portal().into())
}
