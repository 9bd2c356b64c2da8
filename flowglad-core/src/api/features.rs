//! `/features`: what products can grant.

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
    model::{Feature, FeatureId, PricingModelId, RenewalFrequency, ResourceId, UsageMeterId},
};

/// A second send fails on the slug, which is taken by then.
pub(crate) const CREATE: Endpoint<CreateFeature<'_>, Feature> =
    Endpoint::post("features.create", "/features").under("feature");

pub(crate) const GET: Endpoint<(), Feature> = Endpoint::get("features.get", "/features/{id}").under("feature");

pub(crate) const UPDATE: Endpoint<UpdateFeature<'_>, Feature> =
    Endpoint::put("features.update", "/features/{id}").under("feature");

pub(crate) const LIST: ListEndpoint<Feature> = list("features.list", "/features");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateFeature<'a> {
    feature: &'a NewFeature,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateFeature<'a> {
    feature: WithId<'a, FeatureId, FeatureChanges>,
}

/// What a feature grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum FeatureGrant {
    /// A yes or no.
    Toggle,
    /// Credits on a usage meter.
    UsageCreditGrant {
        /// How many.
        amount: NonZeroU64,
        /// The meter.
        usage_meter_id: UsageMeterId,
        /// How often.
        renewal_frequency: RenewalFrequency,
    },
    /// Capacity of a resource, for example seats.
    Resource {
        /// How much.
        amount: NonZeroU64,
        /// The resource.
        resource_id: ResourceId,
    },
}

/// A feature to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewFeature {
    /// The pricing model that it belongs to.
    pub pricing_model_id: PricingModelId,
    /// The name that code asks for, unique in the pricing model.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// A sentence for people.
    pub description: String,
    /// What it grants.
    #[serde(flatten)]
    pub grant: FeatureGrant,
    /// Whether it can be granted. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl NewFeature {
    /// With everything that must be told.
    #[must_use]
    pub fn new(
        pricing_model_id: PricingModelId,
        slug: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<String>,
        grant: FeatureGrant,
    ) -> Self {
        let (slug, name, description) = (slug.into(), name.into(), description.into());
        Self { pricing_model_id, slug, name, description, grant, active: None }
    }
}

/// What to change of a feature. What is `None` stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FeatureChanges {
    /// What it grants. Its kind must be the one that it has.
    #[serde(flatten)]
    pub grant: FeatureGrant,
    /// The name that code asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it can be granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl FeatureChanges {
    /// Sets what it grants, which must always be told, and leaves the rest.
    #[must_use]
    pub fn new(grant: FeatureGrant) -> Self {
        Self { grant, slug: None, name: None, description: None, active: None }
    }
}

/// A feature by its id or its slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum FeatureRef {
    /// Flowglad's id.
    #[serde(rename = "featureId")]
    Id(FeatureId),
    /// The name that code asks for.
    #[serde(rename = "featureSlug")]
    Slug(String),
}

/// What products can grant (`/features`). Made by [`Flowglad::features`].
#[derive(Clone, Debug)]
pub struct Features {
    flowglad: Flowglad,
}

impl Flowglad {
    /// What products can grant (`/features`).
    #[must_use]
    pub fn features(&self) -> Features {
        Features { flowglad: self.clone() }
    }
}

impl Features {
    /// Creates a feature (`POST /features`). Never sent twice.
    ///
    /// # Errors
    /// A slug that is taken is a 500 of the API, not a 409; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{FeatureGrant, NewFeature};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let model = "pricing_model_1".parse()?;
    /// let export = NewFeature::new(model, "export_csv", "CSV export", "Any table", FeatureGrant::Toggle);
    /// println!("{}", flowglad.features().create(&export).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, feature: &NewFeature) -> Result<Response<Feature>, Error> {
        self.flowglad.call(&CREATE, Call::body(&CreateFeature { feature })).await
    }

    /// Reads a feature (`GET /features/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.features().get(&"feature_1".parse()?).await?.slug);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &FeatureId) -> Result<Response<Feature>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Changes a feature (`PUT /features/{id}`).
    ///
    /// # Errors
    /// As every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{FeatureChanges, FeatureGrant};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut changes = FeatureChanges::new(FeatureGrant::Toggle);
    /// changes.name = Some("Export as CSV".into());
    /// flowglad.features().update(&"feature_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, id: &FeatureId, changes: &FeatureChanges) -> Result<Response<Feature>, Error> {
        let body = UpdateFeature { feature: WithId { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// All features, page by page or one after the other (`GET /features`).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.features().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Feature> {
        List::new(&self.flowglad, &LIST)
    }
}
