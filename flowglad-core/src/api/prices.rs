//! `/prices`: prices of products and of usage.

use std::num::{NonZeroU32, NonZeroU64};

use serde::Serialize;

use crate::{
    api::with_id::WithId,
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    input::Change,
    model::{IntervalUnit, Price, PriceId, PriceKind, ProductId, UsageMeterId},
};

/// Not idempotent: a retry would create a second price and deactivate the first.
pub(crate) const CREATE: Endpoint<CreatePrice<'_>, Price> = Endpoint::post("prices.create", "/prices").under("price");

pub(crate) const GET: Endpoint<(), Price> = Endpoint::get("prices.get", "/prices/{id}").under("price");

pub(crate) const UPDATE: Endpoint<UpdatePrice<'_>, Price> =
    Endpoint::put("prices.update", "/prices/{id}").under("price");

pub(crate) const LIST: ListEndpoint<Price> = list("prices.list", "/prices");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatePrice<'a> {
    price: PriceOf<'a>,
}

/// A price with the product or the usage meter that it belongs to.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum PriceOf<'a> {
    Product(ProductPrice<'a>),
    Usage(UsagePrice<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductPrice<'a> {
    pub(crate) product_id: &'a ProductId,
    #[serde(flatten)]
    pub(crate) price: &'a NewPrice,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsagePrice<'a> {
    #[serde(rename = "type")]
    kind: OnlyUsage,
    #[serde(flatten)]
    price: &'a NewUsagePrice,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum OnlyUsage {
    Usage,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdatePrice<'a> {
    price: WithId<'a, PriceId, PriceChanges>,
}

/// Names a price by its id or its slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum PriceRef {
    /// Flowglad's id.
    #[serde(rename = "priceId")]
    Id(PriceId),
    /// The slug: the name used in code. A checkout looks it up in the customer's own pricing model first, which costs
    /// one more request.
    #[serde(rename = "priceSlug")]
    Slug(String),
}

/// A price of a product to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewPrice {
    /// How the price is charged.
    #[serde(flatten)]
    pub terms: PriceTerms,
    /// The amount for a quantity of 1, in the smallest unit of the organization's currency. 0 is free.
    pub unit_price: u64,
    /// Whether it is the default price of its product. The API deactivates a product's other prices when it creates a
    /// new one.
    pub is_default: bool,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The slug: the name used in code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Whether it can be bought. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// How a price of a product is charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum PriceTerms {
    /// Charged once per billing period.
    Subscription {
        /// The unit of the billing period. The API starts subscriptions by month and year only.
        interval_unit: IntervalUnit,
        /// The length of one billing period, in interval units.
        interval_count: NonZeroU32,
        /// The length of the free trial of a new subscription, in days.
        #[serde(skip_serializing_if = "Option::is_none")]
        trial_period_days: Option<u32>,
    },
    /// Charged once.
    SinglePayment,
}

impl NewPrice {
    /// A price that is charged once per interval, for example every month, without a trial.
    #[must_use]
    pub fn every(interval_unit: IntervalUnit, unit_price: u64) -> Self {
        let interval_count = NonZeroU32::MIN;
        Self::new(PriceTerms::Subscription { interval_unit, interval_count, trial_period_days: None }, unit_price)
    }

    /// A price that is charged once.
    #[must_use]
    pub fn once(unit_price: u64) -> Self {
        Self::new(PriceTerms::SinglePayment, unit_price)
    }

    /// The default price of its product, without a name and a slug.
    #[must_use]
    pub fn new(terms: PriceTerms, unit_price: u64) -> Self {
        Self { terms, unit_price, is_default: true, name: None, slug: None, active: None }
    }
}

/// A price of usage to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewUsagePrice {
    /// The usage meter whose usage it prices.
    pub usage_meter_id: UsageMeterId,
    /// The number of units of usage that `unit_price` pays for.
    pub usage_events_per_unit: NonZeroU64,
    /// The amount in the smallest unit of the organization's currency.
    pub unit_price: u64,
    /// The unit of the billing period for usage.
    pub interval_unit: IntervalUnit,
    /// The length of that period, in interval units.
    pub interval_count: NonZeroU32,
    /// Whether it is the default price of its usage meter.
    pub is_default: bool,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The slug: the name used in code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Whether it can be used. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl NewUsagePrice {
    /// The default price of a usage meter, charged every month.
    #[must_use]
    pub fn monthly(usage_meter_id: UsageMeterId, unit_price: u64, usage_events_per_unit: NonZeroU64) -> Self {
        Self {
            usage_meter_id,
            usage_events_per_unit,
            unit_price,
            interval_unit: IntervalUnit::Month,
            interval_count: NonZeroU32::MIN,
            is_default: true,
            name: None,
            slug: None,
            active: None,
        }
    }
}

/// Changes to a price. The API allows no other changes; create a new price instead.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PriceChanges {
    /// How the price is charged. Required; must be the current kind.
    #[serde(rename = "type")]
    pub kind: PriceKind,
    /// Whether it is the default price.
    pub is_default: bool,
    /// The display name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub name: Change<String>,
    /// The slug: the name used in code.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub slug: Change<String>,
    /// Whether it can be bought. Default: unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl PriceChanges {
    /// Sets the required fields; every other field keeps its value.
    #[must_use]
    pub fn new(kind: PriceKind, is_default: bool) -> Self {
        Self { kind, is_default, name: Change::Keep, slug: Change::Keep, active: None }
    }
}

/// Operations on the prices of products and of usage (`/prices`). Returned by [`Flowglad::prices`].
#[derive(Clone, Debug)]
pub struct Prices {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on the prices of products and of usage (`/prices`).
    #[must_use]
    pub fn prices(&self) -> Prices {
        Prices { flowglad: self.clone() }
    }
}

impl Prices {
    /// Creates a price of a product and deactivates the product's other prices (`POST /prices`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::Api`] (403) for a second price of the default product, or a price of another kind than the product's.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{api::NewPrice, model::IntervalUnit};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut yearly = NewPrice::every(IntervalUnit::Year, 20_000);
    /// yearly.slug = Some("pro_yearly".into());
    /// println!("{}", flowglad.prices().create(&"prod_1".parse()?, &yearly).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, product: &ProductId, price: &NewPrice) -> Result<Response<Price>, Error> {
        self.send(PriceOf::Product(ProductPrice { product_id: product, price })).await
    }

    /// Creates a price of usage (`POST /prices`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::NewUsagePrice;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let overage = NewUsagePrice::monthly("usage_meter_1".parse()?, 1, 10.try_into()?);
    /// println!("{}", flowglad.prices().create_for_usage(&overage).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create_for_usage(&self, price: &NewUsagePrice) -> Result<Response<Price>, Error> {
        self.send(PriceOf::Usage(UsagePrice { kind: OnlyUsage::Usage, price })).await
    }

    async fn send(&self, price: PriceOf<'_>) -> Result<Response<Price>, Error> {
        self.flowglad.call(&CREATE, Call::body(&CreatePrice { price })).await
    }

    /// Reads a price (`GET /prices/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no price has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", flowglad.prices().get(&"price_1".parse()?).await?.money());
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &PriceId) -> Result<Response<Price>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Changes a price (`PUT /prices/{id}`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{api::PriceChanges, model::PriceKind};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut changes = PriceChanges::new(PriceKind::Subscription, true);
    /// changes.name = "Pro, monthly".into();
    /// flowglad.prices().update(&"price_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, id: &PriceId, changes: &PriceChanges) -> Result<Response<Price>, Error> {
        let body = UpdatePrice { price: WithId { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Lists all prices (`GET /prices`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.prices().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Price> {
        List::new(&self.flowglad, &LIST)
    }
}
