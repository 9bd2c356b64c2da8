//! `/usage-meters`: what counts usage.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::{
    api::with_id::WithId,
    client::{
        endpoint::Endpoint,
        json::Response,
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    model::{AggregationType, UsageMeter, UsageMeterId},
};

/// A second send fails on the slug, which is taken by then.
pub(crate) const CREATE: Endpoint<CreateUsageMeter<'_>, UsageMeter> =
    Endpoint::post("usage_meters.create", "/usage-meters").under("usageMeter");

pub(crate) const GET: Endpoint<(), UsageMeter> =
    Endpoint::get("usage_meters.get", "/usage-meters/{id}").under("usageMeter");

pub(crate) const UPDATE: Endpoint<UpdateUsageMeter<'_>, UsageMeter> =
    Endpoint::put("usage_meters.update", "/usage-meters/{id}").under("usageMeter");

pub(crate) const LIST: ListEndpoint<UsageMeter> = list("usage_meters.list", "/usage-meters");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateUsageMeter<'a> {
    usage_meter: &'a NewUsageMeter,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<UsageMeterPrice>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateUsageMeter<'a> {
    usage_meter: WithId<'a, UsageMeterId, UsageMeterChanges>,
}

/// A usage meter to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewUsageMeter {
    /// The name that people see.
    pub name: String,
    /// The name that code asks for, unique in the pricing model.
    pub slug: String,
    /// How events become an amount of usage. Default: the sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregation_type: Option<AggregationType>,
    /// What its usage costs. Default: nothing.
    #[serde(skip)]
    pub price: Option<UsageMeterPrice>,
}

/// The price with which a usage meter begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageMeterPrice {
    /// In the currency's smallest unit.
    pub unit_price: u64,
    /// How many units of usage `unit_price` pays.
    pub usage_events_per_unit: NonZeroU64,
}

impl NewUsageMeter {
    /// A meter that sums up amounts and costs nothing.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self { name: name.into(), slug: slug.into(), aggregation_type: None, price: None }
    }
}

/// What to change of a usage meter. What is `None` stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[derive(Default)]
pub struct UsageMeterChanges {
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name that code asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// How events become an amount of usage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregation_type: Option<AggregationType>,
}

/// What counts usage (`/usage-meters`). Made by [`Flowglad::usage_meters`].
#[derive(Clone, Debug)]
pub struct UsageMeters {
    flowglad: Flowglad,
}

impl Flowglad {
    /// What counts usage (`/usage-meters`).
    #[must_use]
    pub fn usage_meters(&self) -> UsageMeters {
        UsageMeters { flowglad: self.clone() }
    }
}

impl UsageMeters {
    /// Creates a usage meter in the pricing model of the key (`POST /usage-meters`). Never sent twice.
    ///
    /// # Errors
    /// [`Error::is_conflict`] if the slug is taken; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{NewUsageMeter, UsageMeterPrice};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut calls = NewUsageMeter::new("api_calls", "API calls");
    /// calls.price = Some(UsageMeterPrice { unit_price: 1, usage_events_per_unit: 10.try_into()? });
    /// println!("{}", flowglad.usage_meters().create(&calls).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, usage_meter: &NewUsageMeter) -> Result<Response<UsageMeter>, Error> {
        let body = CreateUsageMeter { usage_meter, price: usage_meter.price };
        self.flowglad.call(&CREATE, Call::body(&body)).await
    }

    /// Reads a usage meter (`GET /usage-meters/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.usage_meters().get(&"usage_meter_1".parse()?).await?.slug);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &UsageMeterId) -> Result<Response<UsageMeter>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Changes a usage meter (`PUT /usage-meters/{id}`).
    ///
    /// # Errors
    /// As every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::UsageMeterChanges;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut changes = UsageMeterChanges::default();
    /// changes.name = Some("Calls".into());
    /// flowglad.usage_meters().update(&"usage_meter_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, id: &UsageMeterId, changes: &UsageMeterChanges) -> Result<Response<UsageMeter>, Error> {
        let body = UpdateUsageMeter { usage_meter: WithId { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// All usage meters, without their prices, page by page or one after the other (`GET /usage-meters`).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.usage_meters().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<UsageMeter> {
        List::new(&self.flowglad, &LIST)
    }
}
