//! `/pricing-models`: products, their prices and features, and usage meters.

use serde::Serialize;

use crate::{
    api::{
        pricing_model_setup::{PricingModelExport, PricingModelSetup},
        with_id::WithId,
    },
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    model::{IntervalUnit, PricingModel, PricingModelId},
};

pub(crate) const CREATE: Endpoint<CreatePricingModel<'_>, PricingModel> =
    Endpoint::post("pricing_models.create", "/pricing-models").under("pricingModel");

/// Not idempotent: a retry would create a second pricing model.
pub(crate) const SETUP: Endpoint<PricingModelSetup, PricingModel> =
    Endpoint::post("pricing_models.setup", "/pricing-models/setup").under("pricingModel");

pub(crate) const GET: Endpoint<(), PricingModel> =
    Endpoint::get("pricing_models.get", "/pricing-models/{id}").under("pricingModel");

/// The pricing model shown to users who are not signed in.
pub(crate) const DEFAULT: Endpoint<(), PricingModel> =
    Endpoint::get("pricing_models.default", "/pricing-models/default").under("pricingModel");

/// Not idempotent: it may replace everything in the pricing model, and a retry would create the content again.
pub(crate) const UPDATE: Endpoint<UpdatePricingModel<'_>, PricingModel> =
    Endpoint::put("pricing_models.update", "/pricing-models/{id}").not_idempotent().under("pricingModel");

pub(crate) const CLONE: Endpoint<ClonePricingModel<'_>, PricingModel> =
    Endpoint::post("pricing_models.clone", "/pricing-models/{id}/clone").under("pricingModel");

pub(crate) const EXPORT: Endpoint<(), PricingModelExport> =
    Endpoint::get("pricing_models.export", "/pricing-models/{id}/export");

pub(crate) const LIST: ListEndpoint<PricingModel> = list("pricing_models.list", "/pricing-models");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatePricingModel<'a> {
    pricing_model: NamedPricingModel<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_plan_interval_unit: Option<&'a IntervalUnit>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NamedPricingModel<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_default: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdatePricingModel<'a> {
    pricing_model: WithId<'a, PricingModelId, PricingModelChanges>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClonePricingModel<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_environment: Option<DestinationEnvironment>,
}

/// A pricing model to create. It has no products of its own; the API adds a free plan.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewPricingModel {
    /// The name shown in the dashboard.
    pub name: String,
    /// Whether new customers get this pricing model by default. Default: no.
    pub is_default: Option<bool>,
    /// The unit of the free plan's billing period. Default: the free plan does not renew.
    pub default_plan_interval_unit: Option<IntervalUnit>,
}

impl NewPricingModel {
    /// Sets the name and leaves the other fields at their defaults.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_default: None, default_plan_interval_unit: None }
    }
}

/// Changes to a pricing model: to its name, or to everything in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum PricingModelChanges {
    /// Changes the name only.
    Rename {
        /// The new name.
        name: String,
        /// Whether it becomes the default pricing model of new customers. Default: unchanged.
        #[serde(skip_serializing_if = "Option::is_none")]
        is_default: Option<bool>,
    },
    /// Replaces everything: products that are not in the setup can no longer be bought. The API refuses a partial
    /// pricing model, so the setup is always a whole one.
    Replace(PricingModelSetup),
}

/// The mode that a pricing model is cloned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DestinationEnvironment {
    /// Live mode: real payments.
    Livemode,
    /// Test mode: no real payments.
    Testmode,
}

/// Operations on pricing models (`/pricing-models`). Returned by [`Flowglad::pricing_models`].
///
/// An API key can read every pricing model of its mode, but products, prices and other records of its own pricing model
/// only.
#[derive(Clone, Debug)]
pub struct PricingModels {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on pricing models (`/pricing-models`).
    #[must_use]
    pub fn pricing_models(&self) -> PricingModels {
        PricingModels { flowglad: self.clone() }
    }

    /// Reads the default pricing model, which is shown to users who are not signed in (`GET /pricing-models/default`).
    /// Shorthand for [`pricing_models().default_model()`](PricingModels::default_model).
    ///
    /// # Errors
    /// [`Error::Api`] if the organization has no default pricing model.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// for product in &flowglad.default_pricing_model().await?.products {
    ///     println!("{}", product.name);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn default_pricing_model(&self) -> Result<Response<PricingModel>, Error> {
        self.pricing_models().default_model().await
    }
}

impl PricingModels {
    /// Creates a pricing model with a free plan only (`POST /pricing-models`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::NewPricingModel;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let model = flowglad.pricing_models().create(&NewPricingModel::new("Europe")).await?;
    /// println!("{}", model.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, pricing_model: &NewPricingModel) -> Result<Response<PricingModel>, Error> {
        let NewPricingModel { name, is_default, default_plan_interval_unit } = pricing_model;
        let body = CreatePricingModel {
            pricing_model: NamedPricingModel { name, is_default: *is_default },
            default_plan_interval_unit: default_plan_interval_unit.as_ref(),
        };
        self.flowglad.call(&CREATE, Call::body(&body)).await
    }

    /// Creates a pricing model with all its content (`POST /pricing-models/setup`).
    /// Not retried after it was sent.
    ///
    /// The API creates it in test mode, even with a live-mode key. The response contains products and usage meters;
    /// read the resources with [`Resources::list`](crate::api::Resources::list).
    ///
    /// # Errors
    /// [`Error::Api`] (400) that names the fields that the API refuses.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
    pub async fn setup(&self, setup: &PricingModelSetup) -> Result<Response<PricingModel>, Error> {
        self.flowglad.call(&SETUP, Call::body(setup)).await
    }

    /// Reads a pricing model (`GET /pricing-models/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no pricing model has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.pricing_models().get(&"pricing_model_1".parse()?).await?.name);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &PricingModelId) -> Result<Response<PricingModel>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Reads the default pricing model, which is shown to users who are not signed in (`GET /pricing-models/default`).
    ///
    /// # Errors
    /// [`Error::Api`] if the organization has no default pricing model.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} products", flowglad.pricing_models().default_model().await?.products.len());
    /// # Ok(()) }
    /// ```
    pub async fn default_model(&self) -> Result<Response<PricingModel>, Error> {
        self.flowglad.call(&DEFAULT, Call::empty()).await
    }

    /// Renames a pricing model or replaces everything in it (`PUT /pricing-models/{id}`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::PricingModelChanges;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let changes = PricingModelChanges::Rename { name: "Europe 2027".into(), is_default: Some(true) };
    /// flowglad.pricing_models().update(&"pricing_model_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(
        &self,
        id: &PricingModelId,
        changes: &PricingModelChanges,
    ) -> Result<Response<PricingModel>, Error> {
        let body = UpdatePricingModel { pricing_model: WithId { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Copies a pricing model under another name (`POST /pricing-models/{id}/clone`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no pricing model has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
    ) -> Result<Response<PricingModel>, Error> {
        let body = ClonePricingModel { name, destination_environment };
        self.flowglad.call(&CLONE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Exports a pricing model as a document for [`setup`](Self::setup) (`GET /pricing-models/{id}/export`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no pricing model has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let export = flowglad.pricing_models().export(&"pricing_model_1".parse()?).await?;
    /// std::fs::write("pricing.json", serde_json::to_string_pretty(&export.pricing_model)?)?;
    /// # Ok(()) }
    /// ```
    pub async fn export(&self, id: &PricingModelId) -> Result<Response<PricingModelExport>, Error> {
        self.flowglad.call(&EXPORT, Call::id(id.as_str())).await
    }

    /// Lists all pricing models without their content (`GET /pricing-models`), page by page or record by record.
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
