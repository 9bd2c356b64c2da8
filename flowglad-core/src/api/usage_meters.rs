//! `/usage-meters`: the meters that count usage.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::{
    api::with_id::WithId,
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    model::{AggregationType, UsageMeter, UsageMeterId},
};

/// Not idempotent: a retry after success fails, because the slug is taken.
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
    /// The display name.
    pub name: String,
    /// The slug: the name used in code, unique in the pricing model.
    pub slug: String,
    /// How the meter aggregates events. Default: the sum of their amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregation_type: Option<AggregationType>,
    /// The price of its usage. Default: free.
    #[serde(skip)]
    pub price: Option<UsageMeterPrice>,
}

/// The first price of a new usage meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageMeterPrice {
    /// The amount in the currency's smallest unit.
    pub unit_price: u64,
    /// The number of units of usage that `unit_price` pays for.
    pub usage_events_per_unit: NonZeroU64,
}

impl NewUsageMeter {
    /// A usage meter that sums up amounts, at no charge.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self { name: name.into(), slug: slug.into(), aggregation_type: None, price: None }
    }
}

/// Changes to a usage meter. Fields that are `None` keep their values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[derive(Default)]
pub struct UsageMeterChanges {
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The slug: the name used in code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// How the meter aggregates events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregation_type: Option<AggregationType>,
}

/// Operations on usage meters (`/usage-meters`). Returned by [`Flowglad::usage_meters`].
#[derive(Clone, Debug)]
pub struct UsageMeters {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on usage meters (`/usage-meters`).
    #[must_use]
    pub fn usage_meters(&self) -> UsageMeters {
        UsageMeters { flowglad: self.clone() }
    }
}

impl UsageMeters {
    /// Creates a usage meter in the pricing model of the API key (`POST /usage-meters`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::is_conflict`] if the slug is taken.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
    /// [`Error::is_not_found`] if no usage meter has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Lists all usage meters without their prices (`GET /usage-meters`), page by page or record by record.
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
