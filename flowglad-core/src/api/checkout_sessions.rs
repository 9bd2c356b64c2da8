//! `/checkout-sessions`: sessions of the hosted checkout.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::{
    api::prices::PriceRef,
    client::{
        endpoint::{Changes, Endpoint},
        json::Response,
        subject::Subject,
        transport::Call,
    },
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    input::{Metadata, ReturnUrl},
    model::{CheckoutSession, CheckoutSessionId, HostedCheckout, PriceId, SubscriptionId},
};

/// Not idempotent: a retry would open a second session, and a person with two open pages can pay twice.
pub(crate) const CREATE: Endpoint<CreateCheckoutSession<'_>, HostedCheckout> =
    Endpoint::post("checkout_sessions.create", "/checkout-sessions").changes(Changes::Named);

pub(crate) const GET: Endpoint<(), HostedCheckout> = Endpoint::get("checkout_sessions.get", "/checkout-sessions/{id}");

pub(crate) const LIST: ListEndpoint<CheckoutSession> = list("checkout_sessions.list", "/checkout-sessions");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateCheckoutSession<'a> {
    checkout_session: &'a NewCheckoutSession,
}

/// A checkout session to open, for a customer or an anonymous buyer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewCheckoutSession {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anonymous: Option<bool>,
    #[serde(flatten)]
    price: Option<PriceRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<NonZeroU64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_subscription_id: Option<SubscriptionId>,
    /// Whether the new subscription keeps the billing cycle of the free subscription that it replaces. Default: a new
    /// cycle starts now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preserve_billing_cycle_anchor: Option<bool>,
    /// The return URLs, and the metadata to attach.
    #[serde(flatten)]
    pub options: CheckoutOptions,
}

/// The kinds of session that a caller can create. Records can have one more kind, which the API creates itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Product,
    AddPaymentMethod,
    ActivateSubscription,
}

impl NewCheckoutSession {
    /// Lets a customer buy a product at one of its prices.
    #[must_use]
    pub fn product(
        customer_external_id: impl Into<String>,
        price: PriceRef,
        quantity: NonZeroU64,
        options: CheckoutOptions,
    ) -> Self {
        let (customer_external_id, quantity) = (Some(customer_external_id.into()), Some(quantity));
        let price = Some(price);
        Self { customer_external_id, price, quantity, ..Self::empty(Kind::Product, options) }
    }

    /// Lets an anonymous buyer buy a product. When the payment succeeds, the API creates a customer with an external id
    /// that it chooses.
    #[must_use]
    pub fn anonymous_product(price: PriceRef, quantity: NonZeroU64, options: CheckoutOptions) -> Self {
        let (price, quantity) = (Some(price), Some(quantity));
        Self { anonymous: Some(true), price, quantity, ..Self::empty(Kind::Product, options) }
    }

    /// Lets a customer store a card. The card becomes the default of the customer and of the given subscription; the
    /// API ignores requests to change other subscriptions.
    #[must_use]
    pub fn add_payment_method(
        customer_external_id: impl Into<String>,
        target_subscription_id: Option<SubscriptionId>,
        options: CheckoutOptions,
    ) -> Self {
        let customer_external_id = Some(customer_external_id.into());
        let empty = Self::empty(Kind::AddPaymentMethod, options);
        Self { customer_external_id, target_subscription_id, ..empty }
    }

    /// Lets a customer make the first payment of an incomplete subscription.
    #[must_use]
    pub fn activate_subscription(
        customer_external_id: impl Into<String>,
        target_subscription_id: SubscriptionId,
        options: CheckoutOptions,
    ) -> Self {
        let customer_external_id = Some(customer_external_id.into());
        let target_subscription_id = Some(target_subscription_id);
        let empty = Self::empty(Kind::ActivateSubscription, options);
        Self { customer_external_id, target_subscription_id, ..empty }
    }

    /// Older versions of the API require the price of the subscription to activate.
    pub(crate) fn with_price(self, price: Option<PriceId>) -> Self {
        Self { price: price.map(PriceRef::Id), ..self }
    }

    fn empty(kind: Kind, options: CheckoutOptions) -> Self {
        Self {
            kind,
            customer_external_id: None,
            anonymous: None,
            price: None,
            quantity: None,
            target_subscription_id: None,
            preserve_billing_cycle_anchor: None,
            options,
        }
    }
}

/// The options that every kind of checkout has.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckoutOptions {
    /// The URL to return to after paying.
    pub success_url: ReturnUrl,
    /// The URL to return to after canceling.
    pub cancel_url: ReturnUrl,
    /// The name of the purchase or subscription that the checkout creates. Default: the product's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_name: Option<String>,
    /// The metadata for the purchase or subscription that the checkout creates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_metadata: Option<Metadata>,
}

impl CheckoutOptions {
    /// Sets the two return URLs and leaves the other options at their defaults.
    #[must_use]
    pub fn new(success_url: ReturnUrl, cancel_url: ReturnUrl) -> Self {
        Self { success_url, cancel_url, output_name: None, output_metadata: None }
    }
}

/// A checkout that buys a product.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductCheckout {
    /// The price to buy.
    pub price: PriceRef,
    /// The quantity.
    pub quantity: NonZeroU64,
    /// The return URLs, and the metadata to attach.
    pub options: CheckoutOptions,
}

impl ProductCheckout {
    /// Buys a quantity of 1.
    #[must_use]
    pub fn new(price: PriceRef, options: CheckoutOptions) -> Self {
        Self { price, quantity: NonZeroU64::MIN, options }
    }
}

/// A checkout that stores a card without buying anything.
#[derive(Clone, Debug, PartialEq)]
pub struct AddPaymentMethodCheckout {
    /// The subscription to charge to the new card from now on. `None` changes no subscription.
    pub target_subscription_id: Option<SubscriptionId>,
    /// The return URLs, and the metadata to attach.
    pub options: CheckoutOptions,
}

/// A checkout that makes the first payment of an incomplete subscription.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivateSubscriptionCheckout {
    /// The id of the subscription.
    pub target_subscription_id: SubscriptionId,
    /// The price of the subscription, which older API versions require.
    pub price_id: Option<PriceId>,
    /// The return URLs, and the metadata to attach.
    pub options: CheckoutOptions,
}

/// Operations on sessions of the hosted checkout (`/checkout-sessions`). Returned by [`Flowglad::checkout_sessions`].
#[derive(Clone, Debug)]
pub struct CheckoutSessions {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on sessions of the hosted checkout (`/checkout-sessions`).
    #[must_use]
    pub fn checkout_sessions(&self) -> CheckoutSessions {
        CheckoutSessions { flowglad: self.clone() }
    }
}

impl CheckoutSessions {
    /// Creates a checkout session; redirect the person to its `url` (`POST /checkout-sessions`).
    /// Not retried after it was sent.
    ///
    /// The API looks up a price slug in the customer's pricing model, or in the default one for an anonymous buyer.
    ///
    /// # Errors
    /// The API answers most refusals with 500: an unknown customer or price, a usage price, the default product.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use std::num::NonZeroU64;
    /// use flowglad_core::api::{CheckoutOptions, NewCheckoutSession, PriceRef};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let back = CheckoutOptions::new("https://app.example.com/paid".parse()?, "https://app.example.com/".parse()?);
    /// let price = PriceRef::Slug("pro_monthly".into());
    /// let session = NewCheckoutSession::product("user_42", price, NonZeroU64::MIN, back);
    /// println!("go to {}", flowglad.checkout_sessions().create(&session).await?.url);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, session: &NewCheckoutSession) -> Result<Response<HostedCheckout>, Error> {
        let body = CreateCheckoutSession { checkout_session: session };
        // The customer is about to buy.
        let buyer = session.customer_external_id.as_deref().map(Subject::Customer);
        self.flowglad.call(&CREATE, Call::body(&body).about(buyer)).await
    }

    /// Reads a checkout session, for example to see whether it was paid (`GET /checkout-sessions/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no checkout session has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let checkout = flowglad.checkout_sessions().get(&"chckt_session_1".parse()?).await?;
    /// println!("{:?}", checkout.checkout_session.status);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &CheckoutSessionId) -> Result<Response<HostedCheckout>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Lists all checkout sessions (`GET /checkout-sessions`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.checkout_sessions().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<CheckoutSession> {
        List::new(&self.flowglad, &LIST)
    }
}
