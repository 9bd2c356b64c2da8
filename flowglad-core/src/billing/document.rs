//! The billing document as bytes, and its parts as slices of them.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    billing::{
        source::Source,
        view::{Billing, View, in_force},
    },
    client::{
        endpoint::Route,
        json::{DecodeError, RawJson, Response},
    },
    error::Error,
    model::{Customer, InvoiceWithLineItems, PaymentMethod, PricingModel, Purchase, Subscription},
};

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
    /// The operation that read it, for errors.
    route: Route,
    /// Decoded when it is first asked for, as the browser takes the bytes only.
    view: OnceLock<Result<Arc<View>, Error>>,
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
    pub(crate) fn new(raw: RawJson, route: Route) -> Self {
        Self { raw, route, view: OnceLock::new() }
    }

    pub(crate) fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// The document as the app gets it.
    pub(crate) fn billing(&self, source: Source, age: Duration) -> Result<Billing, Error> {
        Ok(Billing::new(self.view()?, self.raw.clone(), source, age))
    }

    /// The typed view, which is decoded at most once.
    fn view(&self) -> Result<Arc<View>, Error> {
        let decode = || View::decode(&self.raw).map(Arc::new).map_err(|error| self.not_as_expected(error));
        self.view.get_or_init(decode).clone()
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
        let missing = || self.not_as_expected(DecodeError::new("pricingModel", "the field is missing"));
        self.record(self.parts()?.pricing_model.ok_or_else(missing)?)
    }

    fn parts(&self) -> Result<Parts<'_>, Error> {
        self.raw.decode_borrowed().map_err(|error| self.not_as_expected(error))
    }

    fn records<T: DeserializeOwned>(&self, parts: Option<Vec<&RawValue>>) -> Result<Vec<Response<T>>, Error> {
        parts.unwrap_or_default().into_iter().map(|part| self.record(part)).collect()
    }

    fn record<T: DeserializeOwned>(&self, part: &RawValue) -> Result<Response<T>, Error> {
        let raw = self.raw.slice(part);
        Ok(Response::new(raw.decode().map_err(|error| self.not_as_expected(error))?, raw))
    }

    fn not_as_expected(&self, error: DecodeError) -> Error {
        error.into_error(&self.route, None)
    }
}
