//! `/prices`.

use std::num::{NonZeroU32, NonZeroU64};

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
    input::Change,
    model::{IntervalUnit, Price, PriceId, PriceKind, ProductId, UsageMeterId},
};

/// A second send would make a second price, and deactivate the first.
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

/// A price together with what it is the price of.
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

/// A price by its id or by its slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum PriceRef {
    /// Flowglad's id.
    #[serde(rename = "priceId")]
    Id(PriceId),
    /// The name that code uses. A checkout looks it up in the customer's own pricing model first, which costs one more
    /// request.
    #[serde(rename = "priceSlug")]
    Slug(String),
}

/// A price of a product, to be created.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewPrice {
    /// How it is charged.
    #[serde(flatten)]
    pub terms: PriceTerms,
    /// In the smallest unit of the organization's currency. 0 is free.
    pub unit_price: u64,
    /// Whether it is the one that applies when none is named. The API makes the newest price of a product its only active
    /// one.
    pub is_default: bool,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name that code asks for.
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
    /// Again every period.
    Subscription {
        /// The unit of a paid period. The API starts subscriptions by month and year only.
        interval_unit: IntervalUnit,
        /// How many units one paid period has.
        interval_count: NonZeroU32,
        /// How many days of a new subscription are free.
        #[serde(skip_serializing_if = "Option::is_none")]
        trial_period_days: Option<u32>,
    },
    /// Once.
    SinglePayment,
}

impl NewPrice {
    /// A price that is charged every month, every year or the like, without a trial.
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

    /// The default price of its product, without a name.
    #[must_use]
    pub fn new(terms: PriceTerms, unit_price: u64) -> Self {
        Self { terms, unit_price, is_default: true, name: None, slug: None, active: None }
    }
}

/// A price of usage, to be created.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewUsagePrice {
    /// The meter that counts the usage.
    pub usage_meter_id: UsageMeterId,
    /// How many units of usage `unit_price` pays.
    pub usage_events_per_unit: NonZeroU64,
    /// In the smallest unit of the organization's currency.
    pub unit_price: u64,
    /// The unit of the period after which usage is charged.
    pub interval_unit: IntervalUnit,
    /// How many units that period has.
    pub interval_count: NonZeroU32,
    /// Whether it is the one that applies to usage of the meter when none is named.
    pub is_default: bool,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name that code asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Whether it can be used. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl NewUsagePrice {
    /// The default price of a meter, charged every month.
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

/// What to change of a price. Nothing else can change once a price was created: create another one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PriceChanges {
    /// How it is charged: the kind that it has.
    #[serde(rename = "type")]
    pub kind: PriceKind,
    /// Whether it is the one that applies when none is named.
    pub is_default: bool,
    /// The name that people see.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub name: Change<String>,
    /// The name that code asks for.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub slug: Change<String>,
    /// Whether it can be bought. Default: as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl PriceChanges {
    /// Sets what must always be told, and leaves the rest.
    #[must_use]
    pub fn new(kind: PriceKind, is_default: bool) -> Self {
        Self { kind, is_default, name: Change::Keep, slug: Change::Keep, active: None }
    }
}

/// What products and usage cost (`/prices`). Made by [`Flowglad::prices`].
#[derive(Clone, Debug)]
pub struct Prices {
    flowglad: Flowglad,
}

impl Flowglad {
    /// What products and usage cost (`/prices`).
    #[must_use]
    pub fn prices(&self) -> Prices {
        Prices { flowglad: self.clone() }
    }
}

impl Prices {
    /// Creates a price of a product, whose other prices can then not be bought any more (`POST /prices`). Never sent
    /// twice.
    ///
    /// # Errors
    /// [`Error::Api`] (403) for a second price of the default product, or one of another kind than the product has; else
    /// as every call.
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

    /// Creates a price of usage (`POST /prices`). Never sent twice.
    ///
    /// # Errors
    /// As every call.
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
    /// [`Error::is_not_found`] if there is none; else as every call.
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
    /// As every call.
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

    /// All prices, page by page or one after the other (`GET /prices`).
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
