//! The typed view of a billing document.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Deserialize;

use crate::{
    billing::source::Source,
    client::json::{DecodeError, RawJson},
    model::{
        Customer, InvoiceWithLineItems, PaymentMethod, Price, PricingModel, Product, Purchase, Subscription,
        SubscriptionId, UsageMeterBalance, null_as_default,
    },
};

/// All billing data of one customer (`GET /customers/{externalId}/billing`), read once.
///
/// The methods read from memory and send no request. Methods without a subscription parameter use the first current
/// subscription, as the React hooks do.
///
/// ```no_run
/// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
/// let billing = me.billing().await?;
/// if billing.check_feature_access("export_csv") { /* … */ }
/// if billing.check_usage_balance("api_calls").is_some_and(|balance| balance.available_balance > 0) { /* … */ }
/// # Ok(()) }
/// ```
///
/// Cloning is cheap: clones share the data.
#[derive(Clone)]
pub struct Billing {
    pub(super) view: Arc<View>,
    pub(super) raw: RawJson,
    pub(super) source: Source,
    pub(super) age: Duration,
    /// When the read began that this comes from, by the client's clock. `None` if no client has read it.
    #[cfg_attr(
        not(feature = "usage-recorder"),
        expect(dead_code, reason = "balances are counted by the recorder only")
    )]
    pub(super) began: Option<Instant>,
}

/// Shows the customer's id and the length of the document, but no names, addresses or cards.
impl fmt::Debug for Billing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Billing");
        debug.field("customer", &self.customer()).field("raw", &self.raw);
        debug.field("source", &self.source).field("age", &self.age).finish_non_exhaustive()
    }
}

/// Only the customer and the pricing model are required. The other parts may be missing: a missing list is read as
/// empty.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    customer: Customer,
    #[serde(default, deserialize_with = "null_as_default")]
    subscriptions: Vec<Subscription>,
    current_subscriptions: Option<Vec<Subscription>>,
    current_subscription: Option<Subscription>,
    #[serde(default, deserialize_with = "null_as_default")]
    invoices: Vec<InvoiceWithLineItems>,
    #[serde(default, deserialize_with = "null_as_default")]
    payment_methods: Vec<PaymentMethod>,
    #[serde(default, deserialize_with = "null_as_default")]
    purchases: Vec<Purchase>,
    pricing_model: PricingModel,
    billing_portal_url: Option<String>,
}

impl View {
    pub(crate) fn decode(raw: &RawJson) -> Result<Self, DecodeError> {
        let mut view: Self = raw.decode()?;
        let listed = view.current_subscriptions.take();
        view.current_subscriptions = Some(in_force(listed, &view.subscriptions, |one| one.current));
        Ok(view)
    }
}

impl Billing {
    /// The view of a document, if it can be decoded.
    pub(crate) fn new(view: Arc<View>, raw: RawJson, source: Source, age: Duration) -> Self {
        Self { view, raw, source, age, began: None }
    }

    /// The same, with when the read began that it comes from.
    pub(crate) fn read_at(self, began: Instant) -> Self {
        Self { began: Some(began), ..self }
    }

    /// When the read began that this comes from.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn began(&self) -> Option<Instant> {
        self.began
    }

    /// Where this comes from: from Flowglad just now, or from memory.
    #[must_use]
    pub fn source(&self) -> Source {
        self.source
    }

    /// How long ago the read began that this comes from.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// Whether the first current subscription grants the toggle feature `slug`.
    #[must_use]
    pub fn check_feature_access(&self, slug: &str) -> bool {
        self.first_current().is_some_and(|subscription| subscription.has_feature(slug))
    }

    /// Whether the named subscription is current and grants the toggle feature `slug`.
    #[must_use]
    pub fn check_feature_access_on(&self, subscription: &SubscriptionId, slug: &str) -> bool {
        self.current(subscription).is_some_and(|subscription| subscription.has_feature(slug))
    }

    /// The balance of the usage meter `slug` on the first current subscription. `None` if nothing was ever credited or
    /// used.
    #[must_use]
    pub fn check_usage_balance(&self, slug: &str) -> Option<&UsageMeterBalance> {
        balance(self.first_current()?, slug)
    }

    /// The balance of the usage meter `slug` on the named subscription. `None` if the subscription is not current.
    #[must_use]
    pub fn check_usage_balance_on(&self, subscription: &SubscriptionId, slug: &str) -> Option<&UsageMeterBalance> {
        balance(self.current(subscription)?, slug)
    }

    /// Finds the product `slug` in the customer's pricing model.
    #[must_use]
    pub fn get_product(&self, slug: &str) -> Option<&Product> {
        self.view.pricing_model.product(slug)
    }

    /// Finds the price `slug` in the customer's pricing model.
    #[must_use]
    pub fn get_price(&self, slug: &str) -> Option<&Price> {
        self.view.pricing_model.price(slug)
    }

    /// Whether the customer has a purchase of the product, one-time or as a subscription, at one of its active prices.
    ///
    /// As in the React hooks, purchases of every status count. To check whether a purchase was paid or refunded, read
    /// its status in [`purchases`](Self::purchases).
    #[must_use]
    pub fn has_purchased(&self, product_slug: &str) -> bool {
        let Some(product) = self.get_product(product_slug) else { return false };
        let is_purchased =
            |price: &Price| self.purchases().iter().any(|purchase| purchase.price_id.as_ref() == Some(&price.id));
        product.prices.iter().any(is_purchased)
    }

    /// The customer's record.
    #[must_use]
    pub fn customer(&self) -> &Customer {
        &self.view.customer
    }

    /// All subscriptions of the customer, current and past.
    #[must_use]
    pub fn subscriptions(&self) -> &[Subscription] {
        &self.view.subscriptions
    }

    /// The current subscriptions in the API's order, oldest record first.
    #[must_use]
    pub fn current_subscriptions(&self) -> &[Subscription] {
        self.view.current_subscriptions.as_deref().unwrap_or_default()
    }

    /// The most recently created current subscription, as chosen by the API.
    #[must_use]
    pub fn current_subscription(&self) -> Option<&Subscription> {
        self.view.current_subscription.as_ref()
    }

    /// The invoices that the customer may see, with their line items.
    #[must_use]
    pub fn invoices(&self) -> &[InvoiceWithLineItems] {
        &self.view.invoices
    }

    /// The customer's payment methods, for example cards.
    #[must_use]
    pub fn payment_methods(&self) -> &[PaymentMethod] {
        &self.view.payment_methods
    }

    /// The purchases that the customer made through checkout.
    #[must_use]
    pub fn purchases(&self) -> &[Purchase] {
        &self.view.purchases
    }

    /// The products and prices that apply to this customer.
    #[must_use]
    pub fn pricing_model(&self) -> &PricingModel {
        &self.view.pricing_model
    }

    /// The URL of Flowglad's own page where the customer manages billing.
    #[must_use]
    pub fn billing_portal_url(&self) -> Option<&str> {
        self.view.billing_portal_url.as_deref()
    }

    /// The billing document, byte for byte as Flowglad sent it.
    #[must_use]
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    pub(crate) fn first_current(&self) -> Option<&Subscription> {
        self.current_subscriptions().first()
    }

    fn current(&self, id: &SubscriptionId) -> Option<&Subscription> {
        self.current_subscriptions().iter().find(|subscription| subscription.id == *id)
    }
}

fn balance<'a>(subscription: &'a Subscription, slug: &str) -> Option<&'a UsageMeterBalance> {
    subscription.usage_meter_balances().iter().find(|balance| balance.slug == slug)
}

/// The current subscriptions as listed by the API. If the list is missing, those with `current: true`.
pub(super) fn in_force<T: Clone>(listed: Option<Vec<T>>, all: &[T], is_current: impl Fn(&T) -> bool) -> Vec<T> {
    listed.unwrap_or_else(|| all.iter().filter(|one| is_current(one)).cloned().collect())
}
