//! `/features`: the features that products can grant.

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
    model::{Feature, FeatureId, PricingModelId, RenewalFrequency, ResourceId, UsageMeterId},
};

/// Not idempotent: a retry after success fails, because the slug is taken.
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
    /// A feature that is on or off.
    Toggle,
    /// Credits on a usage meter.
    UsageCreditGrant {
        /// The number of credits.
        amount: NonZeroU64,
        /// The id of the usage meter.
        usage_meter_id: UsageMeterId,
        /// How often the credits are granted.
        renewal_frequency: RenewalFrequency,
    },
    /// Capacity of a resource, for example seats.
    Resource {
        /// The amount of capacity.
        amount: NonZeroU64,
        /// The id of the resource.
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
    /// The slug: the name used in code, unique in the pricing model.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// A description for display.
    pub description: String,
    /// What the feature grants.
    #[serde(flatten)]
    pub grant: FeatureGrant,
    /// Whether products can grant it. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl NewFeature {
    /// Sets the required fields and leaves the others at their defaults.
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

/// Changes to a feature. Fields that are `None` keep their values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FeatureChanges {
    /// What the feature grants. Required; its kind must be the current one.
    #[serde(flatten)]
    pub grant: FeatureGrant,
    /// The slug: the name used in code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A description for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether products can grant it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl FeatureChanges {
    /// Sets the required `grant`; every other field keeps its value.
    #[must_use]
    pub fn new(grant: FeatureGrant) -> Self {
        Self { grant, slug: None, name: None, description: None, active: None }
    }
}

/// Names a feature by its id or its slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum FeatureRef {
    /// Flowglad's id.
    #[serde(rename = "featureId")]
    Id(FeatureId),
    /// The slug: the name used in code.
    #[serde(rename = "featureSlug")]
    Slug(String),
}

/// Operations on the features that products can grant (`/features`). Returned by [`Flowglad::features`].
#[derive(Clone, Debug)]
pub struct Features {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on the features that products can grant (`/features`).
    #[must_use]
    pub fn features(&self) -> Features {
        Features { flowglad: self.clone() }
    }
}

impl Features {
    /// Creates a feature (`POST /features`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// The API answers 500, not 409, if the slug is taken.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
    /// [`Error::is_not_found`] if no feature has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Lists all features (`GET /features`), page by page or record by record.
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
