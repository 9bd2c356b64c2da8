//! Checkout sessions of the customer.

use crate::{
    api::{ActivateSubscriptionCheckout, AddPaymentMethodCheckout, NewCheckoutSession, PriceRef, ProductCheckout},
    client::json::Response,
    customer::CustomerScope,
    error::Error,
    model::{HostedCheckout, PriceId},
};

impl CustomerScope {
    /// Creates a checkout session that buys a product (`POST /checkout-sessions`). Redirect the user to its `url`. Not
    /// retried after it was sent.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the slug is not in the customer's pricing model. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{CheckoutOptions, PriceRef, ProductCheckout};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let back = CheckoutOptions::new("https://app.example.com/paid".parse()?, "https://app.example.com/".parse()?);
    /// let checkout = me.create_checkout_session(&ProductCheckout::new(PriceRef::Slug("pro_monthly".into()), back)).await?;
    /// println!("go to {}", checkout.url);
    /// # Ok(()) }
    /// ```
    pub async fn create_checkout_session(&self, checkout: &ProductCheckout) -> Result<Response<HostedCheckout>, Error> {
        let price_id = match &checkout.price {
            PriceRef::Id(id) => id.clone(),
            PriceRef::Slug(slug) => self.price_id_of(slug).await?,
        };
        let (price, options) = (PriceRef::Id(price_id), checkout.options.clone());
        let session = NewCheckoutSession::product(self.customer.external_id(), price, checkout.quantity, options);
        self.open_session(&session).await
    }

    /// Creates a checkout session that stores a payment method (`POST /checkout-sessions`). Redirect the user to its
    /// `url`. Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Forbidden`] if the target subscription is not the customer's. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{AddPaymentMethodCheckout, CheckoutOptions};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let home = || "https://app.example.com/".parse();
    /// let options = CheckoutOptions::new(home()?, home()?);
    /// let checkout = AddPaymentMethodCheckout { target_subscription_id: None, options };
    /// println!("go to {}", me.create_add_payment_method_checkout_session(&checkout).await?.url);
    /// # Ok(()) }
    /// ```
    pub async fn create_add_payment_method_checkout_session(
        &self,
        checkout: &AddPaymentMethodCheckout,
    ) -> Result<Response<HostedCheckout>, Error> {
        if let Some(target) = &checkout.target_subscription_id {
            self.owned(target).await?;
        }
        let (target, options) = (checkout.target_subscription_id.clone(), checkout.options.clone());
        self.open_session(&NewCheckoutSession::add_payment_method(self.customer.external_id(), target, options)).await
    }

    /// Creates a checkout session for the first payment of an incomplete subscription (`POST /checkout-sessions`).
    /// Redirect the user to its `url`. Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Forbidden`] if the subscription is not the customer's. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{ActivateSubscriptionCheckout, CheckoutOptions};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let home = || "https://app.example.com/".parse();
    /// let options = CheckoutOptions::new(home()?, home()?);
    /// let checkout = ActivateSubscriptionCheckout { target_subscription_id: "sub_1".parse()?, price_id: None, options };
    /// println!("go to {}", me.create_activate_subscription_checkout_session(&checkout).await?.url);
    /// # Ok(()) }
    /// ```
    pub async fn create_activate_subscription_checkout_session(
        &self,
        checkout: &ActivateSubscriptionCheckout,
    ) -> Result<Response<HostedCheckout>, Error> {
        let ActivateSubscriptionCheckout { target_subscription_id: target, price_id, options } = checkout.clone();
        self.owned(&target).await?;
        let session = NewCheckoutSession::activate_subscription(self.customer.external_id(), target, options);
        self.open_session(&session.with_price(price_id)).await
    }

    async fn price_id_of(&self, slug: &str) -> Result<PriceId, Error> {
        let pricing_model = self.pricing_model().await?;
        let price = pricing_model.price(slug).ok_or_else(|| Error::not_found("price", slug))?;
        Ok(price.id.clone())
    }

    async fn open_session(&self, session: &NewCheckoutSession) -> Result<Response<HostedCheckout>, Error> {
        let open = || async { self.flowglad.checkout_sessions().create(session).await };
        let checkout = self.create_if_missing(may_mean_missing_customer, open).await?;
        self.flowglad.opened_checkouts().insert(self.customer.external_id(), checkout.checkout_session.id.clone());
        Ok(checkout)
    }
}

fn may_mean_missing_customer(refusal: &Error) -> bool {
    matches!(refusal, Error::Api { status: 400 | 404 | 500, message: Some(_), .. })
}
