//! `/checkout-sessions`: visits to the hosted checkout.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::{
    api::prices::PriceRef,
    client::{
        endpoint::Endpoint,
        json::Response,
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    input::{Metadata, ReturnUrl},
    model::{CheckoutSession, CheckoutSessionId, HostedCheckout, PriceId, SubscriptionId},
};

/// Every send opens another session, and a person with two open pages can pay twice.
pub(crate) const CREATE: Endpoint<CreateCheckoutSession<'_>, HostedCheckout> =
    Endpoint::post("checkout_sessions.create", "/checkout-sessions");

pub(crate) const GET: Endpoint<(), HostedCheckout> = Endpoint::get("checkout_sessions.get", "/checkout-sessions/{id}");

pub(crate) const LIST: ListEndpoint<CheckoutSession> = list("checkout_sessions.list", "/checkout-sessions");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateCheckoutSession<'a> {
    checkout_session: &'a NewCheckoutSession,
}

/// A checkout to open, for a customer or for somebody who is not known yet.
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
    /// Whether the new subscription keeps the paid period of the free one before it. Default: it begins now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preserve_billing_cycle_anchor: Option<bool>,
    /// The ways back, and what to attach.
    #[serde(flatten)]
    pub options: CheckoutOptions,
}

/// What can be opened. There is one more kind in the records, which the API does not let anybody make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Product,
    AddPaymentMethod,
    ActivateSubscription,
}

impl NewCheckoutSession {
    /// A customer buys a product at a price of it.
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

    /// Somebody who is not known yet buys a product. The API makes a customer with an external id of its own choice when
    /// the payment comes through.
    #[must_use]
    pub fn anonymous_product(price: PriceRef, quantity: NonZeroU64, options: CheckoutOptions) -> Self {
        let (price, quantity) = (Some(price), Some(quantity));
        Self { anonymous: Some(true), price, quantity, ..Self::empty(Kind::Product, options) }
    }

    /// A customer stores a card. It becomes the default of the customer and of the named subscription; the API does not
    /// heed a wish to change other subscriptions.
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

    /// A customer makes the first payment of an incomplete subscription.
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

    /// Older versions of the API ask for the price of the subscription that is activated.
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

/// What every checkout needs to know.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    pub fn new(price: PriceRef, options: CheckoutOptions) -> Self {
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

/// Visits to the hosted checkout (`/checkout-sessions`). Made by [`Flowglad::checkout_sessions`].
#[derive(Clone, Debug)]
pub struct CheckoutSessions {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Visits to the hosted checkout (`/checkout-sessions`).
    #[must_use]
    pub fn checkout_sessions(&self) -> CheckoutSessions {
        CheckoutSessions { flowglad: self.clone() }
    }
}

impl CheckoutSessions {
    /// Opens a checkout; send the person to its `url` (`POST /checkout-sessions`). Never sent twice.
    ///
    /// A price slug is looked up in the pricing model of the customer, or in the default one for somebody unknown.
    ///
    /// # Errors
    /// The API words most refusals as 500 (unknown customer or price, a usage price, the default product); else as every
    /// call.
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
        self.flowglad.call(&CREATE, Call::body(&CreateCheckoutSession { checkout_session: session })).await
    }

    /// Reads a checkout, for example to see whether it was paid (`GET /checkout-sessions/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
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

    /// All checkouts, page by page or one after the other (`GET /checkout-sessions`).
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
