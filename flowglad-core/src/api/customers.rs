//! `/customers`: the app's users as the API knows them.

use serde::{Deserialize, Serialize};

use crate::{
    CustomerChanges, RequestingCustomer,
    client::endpoint::Endpoint,
    model::{Customer, UsageMeterBalance},
};

/// Reads one customer by the app's own id.
pub(crate) const GET: Endpoint<(), CustomerReply> = Endpoint::get("customers.get", "/customers/{externalId}");

/// A taken external id is a 409, but a lost answer leaves open whether the customer was made.
pub(crate) const CREATE: Endpoint<CreateCustomer<'_>, CustomerCreated> =
    Endpoint::post("customers.create", "/customers");

/// Sets fields to given values, so a second send changes nothing.
pub(crate) const UPDATE: Endpoint<UpdateCustomer<'_>, CustomerReply> =
    Endpoint::put("customers.update", "/customers/{externalId}");

/// Everything about a customer in one document.
pub(crate) const BILLING: Endpoint<(), BillingOwner> =
    Endpoint::get("customers.billing", "/customers/{externalId}/billing");

/// What is left on each usage meter.
pub(crate) const USAGE_BALANCES: Endpoint<(), UsageBalances> =
    Endpoint::get("customers.usage_balances", "/customers/{externalId}/usage-balances");

#[derive(Serialize)]
pub(crate) struct CreateCustomer<'a> {
    customer: NewCustomer<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewCustomer<'a> {
    email: &'a str,
    name: &'a str,
    external_id: &'a str,
}

impl<'a> CreateCustomer<'a> {
    pub(crate) fn of(who: &'a RequestingCustomer) -> Self {
        Self { customer: NewCustomer { email: who.email(), name: who.name(), external_id: who.external_id() } }
    }
}

#[derive(Serialize)]
pub(crate) struct UpdateCustomer<'a> {
    pub(crate) customer: &'a CustomerChanges,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CustomerReply {
    pub(crate) customer: Customer,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CustomerCreated {
    pub(crate) data: CustomerReply,
}

/// The one fact that is read of every billing document: whose it is. The rest is checked to be JSON and kept as bytes.
#[derive(Debug, Deserialize)]
pub(crate) struct BillingOwner {
    pub(crate) customer: Owner,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Owner {
    pub(crate) external_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageBalances {
    pub(crate) usage_meter_balances: Vec<UsageMeterBalance>,
}
