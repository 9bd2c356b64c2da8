//! `/pricing-models`: what can be bought.

use std::num::{NonZeroU32, NonZeroU64};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Answer, Error, Flowglad, List,
    client::{
        endpoint::{Endpoint, Resend},
        transport::Call,
    },
    list::{ListEndpoint, list},
    model::{
        AggregationType, Currency, FeatureKind, IntervalUnit, PriceKind, PricingModel, PricingModelId,
        RenewalFrequency, Timestamp, null_as_default,
    },
};

pub(crate) const CREATE: Endpoint<CreatePricingModel<'_>, PricingModel> =
    Endpoint::post("pricing_models.create", "/pricing-models").under("pricingModel");

/// A second send makes a second model.
pub(crate) const SETUP: Endpoint<PricingModelSetup, PricingModel> =
    Endpoint::post("pricing_models.setup", "/pricing-models/setup").under("pricingModel");

pub(crate) const GET: Endpoint<(), PricingModel> =
    Endpoint::get("pricing_models.get", "/pricing-models/{id}").under("pricingModel");

/// The pricing that strangers see.
pub(crate) const DEFAULT: Endpoint<(), PricingModel> =
    Endpoint::get("pricing_models.default", "/pricing-models/default").under("pricingModel");

/// It may replace everything in the model, which is made anew by each send.
pub(crate) const UPDATE: Endpoint<UpdatePricingModel<'_>, PricingModel> =
    Endpoint::put("pricing_models.update", "/pricing-models/{id}").resend(Resend::IfNotDelivered).under("pricingModel");

pub(crate) const CLONE: Endpoint<ClonePricingModel<'_>, PricingModel> =
    Endpoint::post("pricing_models.clone", "/pricing-models/{id}/clone").under("pricingModel");

pub(crate) const EXPORT: Endpoint<(), PricingModelExport> =
    Endpoint::get("pricing_models.export", "/pricing-models/{id}/export");

pub(crate) const LIST: ListEndpoint<PricingModel> = list("pricing_models.list", "/pricing-models");

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatePricingModel<'a> {
    pricing_model: NamedPricingModel<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_plan_interval_unit: Option<&'a IntervalUnit>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct NamedPricingModel<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_default: Option<bool>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdatePricingModel<'a> {
    pricing_model: PricingModelUpdate<'a>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct PricingModelUpdate<'a> {
    id: &'a PricingModelId,
    #[serde(flatten)]
    changes: &'a PricingModelChanges,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClonePricingModel<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_environment: Option<DestinationEnvironment>,
}

/// An empty pricing model to create. The API gives it a free plan.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewPricingModel {
    /// Its name in the dashboard.
    pub name: String,
    /// Whether customers get it unless told otherwise. Default: no.
    pub is_default: Option<bool>,
    /// The unit of the free plan's period. Default: the free plan does not renew.
    pub default_plan_interval_unit: Option<IntervalUnit>,
}

impl NewPricingModel {
    /// With a name and nothing else.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_default: None, default_plan_interval_unit: None }
    }
}

/// What to change of a pricing model: its name, whether it is the default, or everything in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModelChanges {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_default: Option<bool>,
    #[serde(flatten)]
    catalog: Option<Catalog>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// All that a pricing model consists of. The API refuses a part of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Catalog {
    features: Vec<SetupFeature>,
    products: Vec<SetupProduct>,
    usage_meters: Vec<SetupUsageMeter>,
    resources: Vec<SetupResource>,
}

impl PricingModelChanges {
    /// Changes the name only.
    #[must_use]
    pub fn rename(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_default: None, catalog: None, extra: Map::new() }
    }

    /// Replaces everything: what is not in `setup` can then not be bought any more.
    #[must_use]
    pub fn replace(setup: PricingModelSetup) -> Self {
        let PricingModelSetup { name, is_default, features, products, usage_meters, resources, extra } = setup;
        let catalog = Catalog { features, products, usage_meters, resources };
        Self { name, is_default, catalog: Some(catalog), extra }
    }

    /// Makes it the one that customers get unless told otherwise.
    #[must_use]
    pub fn make_default(mut self) -> Self {
        self.is_default = Some(true);
        self
    }
}

/// Where a cloned pricing model goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DestinationEnvironment {
    /// Where real money moves.
    Livemode,
    /// Where none does.
    Testmode,
}

/// A whole pricing model, to be made in one request, or as it was exported. Slugs name what belongs together.
///
/// ```
/// use flowglad_core::api::{PricingModelSetup, SetupFeature, SetupPrice, SetupProduct, SetupUsageMeter};
/// use flowglad_core::model::{IntervalUnit, RenewalFrequency};
///
/// let mut setup = PricingModelSetup::new("Starter SaaS");
/// setup.usage_meters.push(SetupUsageMeter::new("api_calls", "API calls"));
/// setup.features.push(SetupFeature::toggle("export_csv", "CSV export", "Any table"));
/// setup.features.push(SetupFeature::credits(
///     "calls", "1000 calls", "Every month", "api_calls", 1000, RenewalFrequency::EveryBillingPeriod,
/// ));
/// let monthly = SetupPrice::every("pro_monthly", IntervalUnit::Month, 2000);
/// setup.products.push(SetupProduct::new("pro", "Pro", monthly, ["export_csv", "calls"]));
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModelSetup {
    /// Its name in the dashboard.
    pub name: String,
    /// Whether customers get it unless told otherwise. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// What products can grant.
    pub features: Vec<SetupFeature>,
    /// What can be bought. Without a default product the API adds a free plan.
    pub products: Vec<SetupProduct>,
    /// What counts usage. The API adds a price of 0 to each.
    pub usage_meters: Vec<SetupUsageMeter>,
    /// What can be held in numbers, for example seats.
    #[serde(default, deserialize_with = "null_as_default")]
    pub resources: Vec<SetupResource>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A pricing model as it was exported.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingModelExport {
    /// What it consists of.
    pub pricing_model: PricingModelSetup,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A feature in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupFeature {
    /// What sort of feature it is.
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// A sentence for people.
    pub description: String,
    /// Credits or capacity granted. `None` for toggles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// The meter that credits go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_meter_slug: Option<String>,
    /// How often credits are granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_frequency: Option<RenewalFrequency>,
    /// The resource that capacity is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_slug: Option<String>,
    /// Whether it can be granted. Default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupFeature {
    /// A yes or no.
    #[must_use]
    pub fn toggle(slug: impl Into<String>, name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            kind: FeatureKind::Toggle,
            slug: slug.into(),
            name: name.into(),
            description: description.into(),
            amount: None,
            usage_meter_slug: None,
            renewal_frequency: None,
            resource_slug: None,
            active: None,
            extra: Map::new(),
        }
    }

    /// Credits on a usage meter.
    #[must_use]
    pub fn credits(
        slug: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<String>,
        usage_meter_slug: impl Into<String>,
        amount: u64,
        renewal_frequency: RenewalFrequency,
    ) -> Self {
        Self {
            kind: FeatureKind::UsageCreditGrant,
            amount: Some(amount),
            usage_meter_slug: Some(usage_meter_slug.into()),
            renewal_frequency: Some(renewal_frequency),
            ..Self::toggle(slug, name, description)
        }
    }

    /// Capacity of a resource, for example seats.
    #[must_use]
    pub fn capacity(
        slug: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<String>,
        resource_slug: impl Into<String>,
        amount: u64,
    ) -> Self {
        Self {
            kind: FeatureKind::Resource,
            amount: Some(amount),
            resource_slug: Some(resource_slug.into()),
            ..Self::toggle(slug, name, description)
        }
    }
}

/// A product, its price and what it grants, in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupProduct {
    /// The product.
    pub product: SetupProductFields,
    /// Its price.
    pub price: SetupPrice,
    /// The slugs of the features that it grants.
    pub features: Vec<String>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupProduct {
    /// A product that can be bought.
    #[must_use]
    pub fn new<Slug: Into<String>>(
        slug: impl Into<String>,
        name: impl Into<String>,
        price: SetupPrice,
        features: impl IntoIterator<Item = Slug>,
    ) -> Self {
        let product = SetupProductFields {
            name: name.into(),
            slug: slug.into(),
            active: true,
            default: None,
            description: None,
            image_url: None,
            singular_quantity_label: None,
            plural_quantity_label: None,
            extra: Map::new(),
        };
        Self { product, price, features: features.into_iter().map(Into::into).collect(), extra: Map::new() }
    }
}

/// The product itself in a [`SetupProduct`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupProductFields {
    /// The name that people see.
    pub name: String,
    /// The name that code asks for.
    pub slug: String,
    /// Whether it can be bought.
    pub active: bool,
    /// Whether every customer starts with it. One product at most, and it must cost 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// A sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A picture.
    #[serde(rename = "imageURL", default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// What one of it is called, for example `seat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub singular_quantity_label: Option<String>,
    /// What several of it are called, for example `seats`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plural_quantity_label: Option<String>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A price in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupPrice {
    /// How it is charged.
    #[serde(rename = "type")]
    pub kind: PriceKind,
    /// In the smallest unit of the organization's currency.
    pub unit_price: u64,
    /// Whether it is the one that applies when none is named. The API refuses a product's price that is not.
    pub is_default: bool,
    /// The name that code asks for. The API refuses a product's price without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it can be bought. The description lets it be left out, but the API refuses a product's price without
    /// `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The unit of a paid period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_unit: Option<IntervalUnit>,
    /// How many units one paid period has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_count: Option<NonZeroU32>,
    /// How many days of a new subscription are free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_period_days: Option<u32>,
    /// How many units of usage `unit_price` pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_events_per_unit: Option<NonZeroU64>,
    /// The currency, in an export. The API takes the organization's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupPrice {
    /// A price of a product that is charged every month, every year or the like.
    #[must_use]
    pub fn every(slug: impl Into<String>, interval_unit: IntervalUnit, unit_price: u64) -> Self {
        Self {
            interval_unit: Some(interval_unit),
            interval_count: Some(NonZeroU32::MIN),
            ..Self::of(PriceKind::Subscription, slug, unit_price)
        }
    }

    /// A price of a product that is charged once.
    #[must_use]
    pub fn once(slug: impl Into<String>, unit_price: u64) -> Self {
        Self::of(PriceKind::SinglePayment, slug, unit_price)
    }

    /// A price of usage that is charged every month.
    #[must_use]
    pub fn usage(slug: impl Into<String>, unit_price: u64, usage_events_per_unit: NonZeroU64) -> Self {
        Self {
            usage_events_per_unit: Some(usage_events_per_unit),
            interval_unit: Some(IntervalUnit::Month),
            interval_count: Some(NonZeroU32::MIN),
            ..Self::of(PriceKind::Usage, slug, unit_price)
        }
    }

    fn of(kind: PriceKind, slug: impl Into<String>, unit_price: u64) -> Self {
        Self {
            kind,
            unit_price,
            is_default: true,
            slug: Some(slug.into()),
            name: None,
            active: Some(true),
            interval_unit: None,
            interval_count: None,
            trial_period_days: None,
            usage_events_per_unit: None,
            currency: None,
            extra: Map::new(),
        }
    }
}

/// A usage meter and its prices in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupUsageMeter {
    /// The meter.
    pub usage_meter: SetupUsageMeterFields,
    /// What its usage costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Vec<SetupPrice>>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupUsageMeter {
    /// A meter that sums up amounts, without a price of its own.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        let (name, slug) = (name.into(), slug.into());
        let usage_meter = SetupUsageMeterFields { name, slug, aggregation_type: None, extra: Map::new() };
        Self { usage_meter, prices: None, extra: Map::new() }
    }
}

/// The meter itself in a [`SetupUsageMeter`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupUsageMeterFields {
    /// The name that people see.
    pub name: String,
    /// The name that code asks for.
    pub slug: String,
    /// How events become an amount of usage. Default: the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation_type: Option<AggregationType>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A resource in a [`PricingModelSetup`].
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetupResource {
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// Whether it can be granted and claimed. Default: yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SetupResource {
    /// One that can be granted and claimed.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self { slug: slug.into(), name: name.into(), active: None, extra: Map::new() }
    }
}

impl PricingModelSetup {
    /// With nothing in it.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_default: None,
            features: Vec::new(),
            products: Vec::new(),
            usage_meters: Vec::new(),
            resources: Vec::new(),
            extra: Map::new(),
        }
    }
}

/// Everything that can be bought, and by whom it is measured (`/pricing-models`). Made by [`Flowglad::pricing_models`].
///
/// A key sees every pricing model of its mode, but products, prices and the like of its own model only.
#[derive(Clone, Debug)]
pub struct PricingModels {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Everything that can be bought, and by whom it is measured (`/pricing-models`).
    #[must_use]
    pub fn pricing_models(&self) -> PricingModels {
        PricingModels { flowglad: self.clone() }
    }
}

impl PricingModels {
    /// Creates a pricing model that has a free plan only (`POST /pricing-models`). Never sent twice.
    ///
    /// # Errors
    /// As every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::NewPricingModel;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let model = flowglad.pricing_models().create(&NewPricingModel::new("Europe")).await?;
    /// println!("{}", model.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, pricing_model: &NewPricingModel) -> Result<Answer<PricingModel>, Error> {
        let NewPricingModel { name, is_default, default_plan_interval_unit } = pricing_model;
        let body = CreatePricingModel {
            pricing_model: NamedPricingModel { name, is_default: *is_default },
            default_plan_interval_unit: default_plan_interval_unit.as_ref(),
        };
        self.flowglad.call(&CREATE, Call::body(&body)).await
    }

    /// Creates a pricing model with all that is in it (`POST /pricing-models/setup`). Never sent twice.
    ///
    /// It is made in test mode, whatever the key. The answer holds products and meters; resources are read with
    /// [`Resources::list`](crate::api::Resources::list).
    ///
    /// # Errors
    /// [`Error::Api`] (400) names the fields that the API refuses; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{PricingModelSetup, SetupPrice, SetupProduct};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut setup = PricingModelSetup::new("Packs");
    /// setup.products.push(SetupProduct::new("pack", "Pack", SetupPrice::once("pack_500", 900), ["calls"]));
    /// println!("{}", flowglad.pricing_models().setup(&setup).await?.products.len());
    /// # Ok(()) }
    /// ```
    pub async fn setup(&self, setup: &PricingModelSetup) -> Result<Answer<PricingModel>, Error> {
        self.flowglad.call(&SETUP, Call::body(setup)).await
    }

    /// Reads a pricing model (`GET /pricing-models/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.pricing_models().get(&"pricing_model_1".parse()?).await?.name);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &PricingModelId) -> Result<Answer<PricingModel>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Reads the pricing that people see who are not signed in (`GET /pricing-models/default`).
    ///
    /// # Errors
    /// [`Error::Api`] if the organization has no default pricing model; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} products", flowglad.pricing_models().default_model().await?.products.len());
    /// # Ok(()) }
    /// ```
    pub async fn default_model(&self) -> Result<Answer<PricingModel>, Error> {
        self.flowglad.call(&DEFAULT, Call::empty()).await
    }

    /// Changes a pricing model, or replaces everything in it (`PUT /pricing-models/{id}`). Never sent twice.
    ///
    /// # Errors
    /// As every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::PricingModelChanges;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let changes = PricingModelChanges::rename("Europe 2027").make_default();
    /// flowglad.pricing_models().update(&"pricing_model_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(
        &self,
        id: &PricingModelId,
        changes: &PricingModelChanges,
    ) -> Result<Answer<PricingModel>, Error> {
        let body = UpdatePricingModel { pricing_model: PricingModelUpdate { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Copies a pricing model under another name (`POST /pricing-models/{id}/clone`). Never sent twice.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::DestinationEnvironment::Livemode;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let copy = flowglad.pricing_models().clone_model(&"pricing_model_1".parse()?, "Live", Some(Livemode)).await?;
    /// println!("{}", copy.id);
    /// # Ok(()) }
    /// ```
    pub async fn clone_model(
        &self,
        id: &PricingModelId,
        name: &str,
        destination_environment: Option<DestinationEnvironment>,
    ) -> Result<Answer<PricingModel>, Error> {
        let body = ClonePricingModel { name, destination_environment };
        self.flowglad.call(&CLONE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Reads a pricing model in the form in which it can be set up again (`GET /pricing-models/{id}/export`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let export = flowglad.pricing_models().export(&"pricing_model_1".parse()?).await?;
    /// std::fs::write("pricing.json", serde_json::to_string_pretty(&export.pricing_model)?)?;
    /// # Ok(()) }
    /// ```
    pub async fn export(&self, id: &PricingModelId) -> Result<Answer<PricingModelExport>, Error> {
        self.flowglad.call(&EXPORT, Call::id(id.as_str())).await
    }

    /// All pricing models, without what is in them, page by page or one after the other (`GET /pricing-models`).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.pricing_models().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<PricingModel> {
        List::new(&self.flowglad, &LIST)
    }
}
