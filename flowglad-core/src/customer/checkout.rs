//! Opens the hosted checkout for the customer.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::{
    Answer, CustomerScope, Error, Metadata, ReturnUrl,
    api::NewCheckoutSession,
    model::{HostedCheckout, PriceId, SubscriptionId},
};

use super::Before;

/// What every checkout needs to know.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CheckoutOptions {
    /// Where the person goes after paying.
    pub success_url: ReturnUrl,
    /// Where the person goes after giving up.
    pub cancel_url: ReturnUrl,
    /// A name for what the checkout creates. Default: the product's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_name: Option<String>,
    /// What to attach to what the checkout creates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_metadata: Option<Metadata>,
}

impl CheckoutOptions {
    /// The two ways back, and nothing else.
    #[must_use]
    pub fn new(success_url: ReturnUrl, cancel_url: ReturnUrl) -> Self {
        Self { success_url, cancel_url, output_name: None, output_metadata: None }
    }
}

/// A price by its id or by its slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PriceRef {
    /// Flowglad's id.
    #[serde(rename = "priceId")]
    Id(PriceId),
    /// The name that code uses. A checkout looks it up in the customer's own pricing model first, which costs one more
    /// request.
    #[serde(rename = "priceSlug")]
    Slug(String),
}

/// A checkout that buys a product.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductCheckout {
    /// What to buy.
    pub price: PriceRef,
    /// How many.
    pub quantity: NonZeroU64,
    /// The ways back, and what to attach.
    pub options: CheckoutOptions,
}

impl ProductCheckout {
    /// Buys one.
    #[must_use]
    pub fn one(price: PriceRef, options: CheckoutOptions) -> Self {
        Self { price, quantity: NonZeroU64::MIN, options }
    }
}

/// A checkout that stores a card without buying anything.
#[derive(Clone, Debug, PartialEq)]
pub struct AddPaymentMethodCheckout {
    /// The subscription that will be charged to the new card. `None`: none changes.
    pub target_subscription_id: Option<SubscriptionId>,
    /// The ways back, and what to attach.
    pub options: CheckoutOptions,
}

/// A checkout that makes the first payment of an incomplete subscription.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivateSubscriptionCheckout {
    /// The subscription.
    pub target_subscription_id: SubscriptionId,
    /// Its price, which older API versions ask for.
    pub price_id: Option<PriceId>,
    /// The ways back, and what to attach.
    pub options: CheckoutOptions,
}

impl CustomerScope {
    /// Opens a checkout that buys a product (`POST /checkout-sessions`); send the person to its `url`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the slug is not in the customer's pricing model, [`Error::Api`] if Flowglad refuses. It
    /// is never sent twice: a lost answer is an error, not a second session.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{CheckoutOptions, PriceRef, ProductCheckout};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let back = CheckoutOptions::new("https://app.example.com/paid".parse()?, "https://app.example.com/".parse()?);
    /// let checkout = me.create_checkout_session(&ProductCheckout::one(PriceRef::Slug("pro_monthly".into()), back)).await?;
    /// println!("go to {}", checkout.url);
    /// # Ok(()) }
    /// ```
    pub async fn create_checkout_session(&self, checkout: &ProductCheckout) -> Result<Answer<HostedCheckout>, Error> {
        let price_id = match &checkout.price {
            PriceRef::Id(id) => id.clone(),
            PriceRef::Slug(slug) => self.price_id_of(slug).await?,
        };
        let (price, options) = (PriceRef::Id(price_id), checkout.options.clone());
        let session = NewCheckoutSession::product(self.who.external_id(), price, checkout.quantity, options);
        self.open_session(&session).await
    }

    /// Opens a checkout that stores a card (`POST /checkout-sessions`); send the person to its `url`.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Forbidden`] if the target subscription is not the customer's; else as
    /// [`create_checkout_session`](Self::create_checkout_session).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{AddPaymentMethodCheckout, CheckoutOptions};
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
    ) -> Result<Answer<HostedCheckout>, Error> {
        if let Some(target) = &checkout.target_subscription_id {
            self.owned(target).await?;
        }
        let (target, options) = (checkout.target_subscription_id.clone(), checkout.options.clone());
        self.open_session(&NewCheckoutSession::add_payment_method(self.who.external_id(), target, options)).await
    }

    /// Opens a checkout for the first payment of an incomplete subscription (`POST /checkout-sessions`).
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Forbidden`] if the subscription is not the customer's; else as
    /// [`create_checkout_session`](Self::create_checkout_session).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{ActivateSubscriptionCheckout, CheckoutOptions};
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
    ) -> Result<Answer<HostedCheckout>, Error> {
        let ActivateSubscriptionCheckout { target_subscription_id: target, price_id, options } = checkout.clone();
        self.owned(&target).await?;
        let session = NewCheckoutSession::activate_subscription(self.who.external_id(), target, options);
        self.open_session(&session.with_price(price_id)).await
    }

    async fn price_id_of(&self, slug: &str) -> Result<PriceId, Error> {
        let pricing_model = self.pricing_model().await?;
        let price = pricing_model.price(slug).ok_or_else(|| Error::not_found("price", slug))?;
        Ok(price.id.clone())
    }

    /// A refusal may mean that Flowglad does not know the customer yet. If it did not, no session can have been opened
    /// for it, so asking again after creating the customer opens the first one.
    async fn open_session(&self, session: &NewCheckoutSession) -> Result<Answer<HostedCheckout>, Error> {
        let open = || async { self.flowglad.checkout_sessions().create(session).await };
        match open().await {
            Err(refusal) if may_mean_unknown_customer(&refusal) => match self.find_or_create_noting().await? {
                (_, Before::Known) if !refusal.blames_the_customer() => Err(refusal),
                // Another request may have created the customer since the refusal.
                _ => open().await,
            },
            answer => answer,
        }
    }
}

fn may_mean_unknown_customer(refusal: &Error) -> bool {
    matches!(refusal, Error::Api { status: 400 | 404 | 500, message: Some(_), .. })
}
