//! The billing document: its bytes, its parts, and a typed view.

use std::fmt;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    api::customers::{BILLING, Customers},
    client::json::{DecodeError, RawJson, Response},
    error::Error,
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
#[derive(Clone)]
pub struct Billing {
    view: View,
    current: Vec<Subscription>,
    raw: RawJson,
}

/// Shows the customer's id and the length of the document, but no names, addresses or cards.
impl fmt::Debug for Billing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Billing").field("customer", &self.customer()).field("raw", &self.raw).finish_non_exhaustive()
    }
}

/// Only the customer and the pricing model are required. The other parts may be missing: a missing list is read as
/// empty.
#[derive(Clone, Deserialize)]
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

impl Billing {
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
        &self.current
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

    fn first_current(&self) -> Option<&Subscription> {
        self.current_subscriptions().first()
    }

    fn current(&self, id: &SubscriptionId) -> Option<&Subscription> {
        self.current_subscriptions().iter().find(|subscription| subscription.id == *id)
    }
}

fn balance<'a>(subscription: &'a Subscription, slug: &str) -> Option<&'a UsageMeterBalance> {
    subscription.usage_meter_balances().iter().find(|balance| balance.slug == slug)
}

/// A customer's subscriptions, each with its raw JSON.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CustomerSubscriptions {
    /// All subscriptions of the customer, current and past.
    pub all: Vec<Response<Subscription>>,
    /// The current subscriptions, in the API's order.
    pub current: Vec<Response<Subscription>>,
    /// The most recently created current subscription, as chosen by the API.
    pub most_recent: Option<Response<Subscription>>,
}

/// A customer's payment methods, each with its raw JSON.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CustomerPaymentMethods {
    /// The payment methods, for example cards.
    pub methods: Vec<Response<PaymentMethod>>,
    /// The URL of Flowglad's own page where the customer manages them.
    pub billing_portal_url: Option<String>,
}

/// The billing document as bytes, checked to belong to the customer. Its parts are slices of the bytes and are never
/// serialized again.
pub(crate) struct BillingDocument {
    raw: RawJson,
}

/// The parts of the document as slices of its bytes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parts<'a> {
    #[serde(borrow)]
    customer: &'a RawValue,
    #[serde(borrow)]
    subscriptions: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    current_subscriptions: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    current_subscription: Option<&'a RawValue>,
    #[serde(borrow)]
    invoices: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    payment_methods: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    purchases: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pricing_model: Option<&'a RawValue>,
    billing_portal_url: Option<String>,
}

impl BillingDocument {
    pub(crate) fn into_raw(self) -> RawJson {
        self.raw
    }

    pub(crate) fn into_billing(self) -> Result<Billing, Error> {
        let mut view: View = self.raw.decode().map_err(not_as_expected)?;
        let current = in_force(view.current_subscriptions.take(), &view.subscriptions, |one| one.current);
        Ok(Billing { view, current, raw: self.raw })
    }

    pub(crate) fn customer(&self) -> Result<Response<Customer>, Error> {
        self.record(self.parts()?.customer)
    }

    pub(crate) fn subscriptions(&self) -> Result<CustomerSubscriptions, Error> {
        let parts = self.parts()?;
        let all: Vec<Response<Subscription>> = self.records(parts.subscriptions)?;
        let listed = parts.current_subscriptions.map(|parts| self.records(Some(parts))).transpose()?;
        let current = in_force(listed, &all, |one| one.current);
        let most_recent = parts.current_subscription.map(|part| self.record(part)).transpose()?;
        Ok(CustomerSubscriptions { all, current, most_recent })
    }

    pub(crate) fn invoices(&self) -> Result<Vec<Response<InvoiceWithLineItems>>, Error> {
        self.records(self.parts()?.invoices)
    }

    pub(crate) fn payment_methods(&self) -> Result<CustomerPaymentMethods, Error> {
        let Parts { payment_methods, billing_portal_url, .. } = self.parts()?;
        Ok(CustomerPaymentMethods { methods: self.records(payment_methods)?, billing_portal_url })
    }

    pub(crate) fn purchases(&self) -> Result<Vec<Response<Purchase>>, Error> {
        self.records(self.parts()?.purchases)
    }

    pub(crate) fn pricing_model(&self) -> Result<Response<PricingModel>, Error> {
        let missing = || not_as_expected(DecodeError::new("pricingModel", "the field is missing"));
        self.record(self.parts()?.pricing_model.ok_or_else(missing)?)
    }

    fn parts(&self) -> Result<Parts<'_>, Error> {
        self.raw.decode_borrowed().map_err(not_as_expected)
    }

    fn records<T: DeserializeOwned>(&self, parts: Option<Vec<&RawValue>>) -> Result<Vec<Response<T>>, Error> {
        parts.unwrap_or_default().into_iter().map(|part| self.record(part)).collect()
    }

    fn record<T: DeserializeOwned>(&self, part: &RawValue) -> Result<Response<T>, Error> {
        let raw = self.raw.slice(part);
        Ok(Response::new(raw.decode().map_err(not_as_expected)?, raw))
    }
}

impl Customers {
    /// Reads all billing data of a customer (`GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such customer; [`Error::WrongCustomer`] if the response is about another
    /// one. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let billing = flowglad.customers().billing("user_42").await?;
    /// println!("{} invoices", billing.invoices().len());
    /// # Ok(()) }
    /// ```
    pub async fn billing(&self, external_id: &str) -> Result<Billing, Error> {
        self.billing_document(external_id).await?.into_billing()
    }

    pub(crate) async fn billing_document(&self, external_id: &str) -> Result<BillingDocument, Error> {
        Ok(BillingDocument { raw: self.billing_json(external_id).await? })
    }
}

fn not_as_expected(error: DecodeError) -> Error {
    error.into_error(&BILLING.route(), None)
}

/// The current subscriptions as listed by the API. If the list is missing, those with `current: true`.
fn in_force<T: Clone>(listed: Option<Vec<T>>, all: &[T], is_current: impl Fn(&T) -> bool) -> Vec<T> {
    listed.unwrap_or_else(|| all.iter().filter(|one| is_current(one)).cloned().collect())
}
