//! `/subscription-item-features`: the features that subscription items grant.

use serde::Serialize;

use crate::{
    api::{features::FeatureGrant, with_id::WithId},
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::Flowglad,
    input::Change,
    model::{
        FeatureId, ProductFeatureId, SubscriptionItemFeature, SubscriptionItemFeatureId, SubscriptionItemId, Timestamp,
    },
};

pub(crate) const CREATE: Endpoint<CreateSubscriptionItemFeature<'_>, SubscriptionItemFeature> =
    Endpoint::post("subscription_item_features.create", "/subscription-item-features").under(KEY);

pub(crate) const GET: Endpoint<(), SubscriptionItemFeature> =
    Endpoint::get("subscription_item_features.get", "/subscription-item-features/{id}").under(KEY);

pub(crate) const UPDATE: Endpoint<UpdateSubscriptionItemFeature<'_>, SubscriptionItemFeature> =
    Endpoint::put("subscription_item_features.update", "/subscription-item-features/{id}").under(KEY);

pub(crate) const EXPIRE: Endpoint<Expire, SubscriptionItemFeature> =
    Endpoint::post("subscription_item_features.expire", "/subscription-item-features/{id}/expire").under(KEY);

const KEY: &str = "subscriptionItemFeature";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateSubscriptionItemFeature<'a> {
    subscription_item_feature: &'a NewSubscriptionItemFeature,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateSubscriptionItemFeature<'a> {
    subscription_item_feature: WithId<'a, SubscriptionItemFeatureId, SubscriptionItemFeatureChanges>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Expire {
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_at: Option<Timestamp>,
}

/// A feature to grant to a subscription item.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewSubscriptionItemFeature {
    /// The id of the subscription item.
    pub subscription_item_id: SubscriptionItemId,
    /// The id of the feature.
    pub feature_id: FeatureId,
    /// The slug of the feature.
    pub slug: String,
    /// The display name of the feature.
    pub name: String,
    /// What the feature grants.
    #[serde(flatten)]
    pub grant: FeatureGrant,
    /// The product feature that it comes from. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_feature_id: Option<ProductFeatureId>,
    /// When the grant ends. Default: with the subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Timestamp>,
    /// When it was detached from its product feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detached_at: Option<Timestamp>,
    /// Why it was detached from its product feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detached_reason: Option<String>,
    /// Whether it is granted manually.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manually_created: Option<bool>,
}

impl NewSubscriptionItemFeature {
    /// Sets the required fields and leaves the others at their defaults.
    #[must_use]
    pub fn new(
        subscription_item_id: SubscriptionItemId,
        feature_id: FeatureId,
        slug: impl Into<String>,
        name: impl Into<String>,
        grant: FeatureGrant,
    ) -> Self {
        Self {
            subscription_item_id,
            feature_id,
            slug: slug.into(),
            name: name.into(),
            grant,
            product_feature_id: None,
            expired_at: None,
            detached_at: None,
            detached_reason: None,
            manually_created: None,
        }
    }
}

/// Changes to a feature that a subscription item grants. Fields that are not set keep their values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubscriptionItemFeatureChanges {
    /// What the feature grants. Required; its kind must be the current one.
    #[serde(flatten)]
    pub grant: FeatureGrant,
    /// The subscription item that grants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_item_id: Option<SubscriptionItemId>,
    /// The id of the feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_id: Option<FeatureId>,
    /// The product feature that it comes from.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub product_feature_id: Change<ProductFeatureId>,
    /// When it ends.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub expired_at: Change<Timestamp>,
    /// When it was detached from its product feature.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub detached_at: Change<Timestamp>,
    /// Why it was detached from its product feature.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub detached_reason: Change<String>,
    /// Whether it was granted manually.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manually_created: Option<bool>,
}

impl SubscriptionItemFeatureChanges {
    /// Sets the required `grant`; every other field keeps its value.
    #[must_use]
    pub fn new(grant: FeatureGrant) -> Self {
        Self {
            grant,
            subscription_item_id: None,
            feature_id: None,
            product_feature_id: Change::Keep,
            expired_at: Change::Keep,
            detached_at: Change::Keep,
            detached_reason: Change::Keep,
            manually_created: None,
        }
    }
}

/// Operations on the features that subscription items grant (`/subscription-item-features`). Returned by
/// [`Flowglad::subscription_item_features`].
#[derive(Clone, Debug)]
pub struct SubscriptionItemFeatures {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on the features that subscription items grant (`/subscription-item-features`).
    #[must_use]
    pub fn subscription_item_features(&self) -> SubscriptionItemFeatures {
        SubscriptionItemFeatures { flowglad: self.clone() }
    }
}

impl SubscriptionItemFeatures {
    /// Grants a feature to a subscription item (`POST /subscription-item-features`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{FeatureGrant, NewSubscriptionItemFeature};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let (item, feature) = ("si_1".parse()?, "feature_1".parse()?);
    /// let export = NewSubscriptionItemFeature::new(item, feature, "export_csv", "CSV export", FeatureGrant::Toggle);
    /// println!("{}", flowglad.subscription_item_features().create(&export).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(
        &self,
        feature: &NewSubscriptionItemFeature,
    ) -> Result<Response<SubscriptionItemFeature>, Error> {
        let body = CreateSubscriptionItemFeature { subscription_item_feature: feature };
        self.flowglad.call(&CREATE, Call::body(&body)).await
    }

    /// Reads a feature that a subscription item grants (`GET /subscription-item-features/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no subscription item feature has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.subscription_item_features().get(&"sub_feature_1".parse()?).await?.slug);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &SubscriptionItemFeatureId) -> Result<Response<SubscriptionItemFeature>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Changes a feature that a subscription item grants (`PUT /subscription-item-features/{id}`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{api::{FeatureGrant, SubscriptionItemFeatureChanges}, input::Change};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut changes = SubscriptionItemFeatureChanges::new(FeatureGrant::Toggle);
    /// changes.expired_at = Change::Clear;
    /// flowglad.subscription_item_features().update(&"sub_feature_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(
        &self,
        id: &SubscriptionItemFeatureId,
        changes: &SubscriptionItemFeatureChanges,
    ) -> Result<Response<SubscriptionItemFeature>, Error> {
        let body = UpdateSubscriptionItemFeature { subscription_item_feature: WithId { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Expires a feature that a subscription item grants, immediately or at a given time
    /// (`POST /subscription-item-features/{id}/expire`).
    /// Not retried after it was sent.
    ///
    /// Flowglad's servers have this route but no implementation yet, and answer 404. Until they have one, set
    /// `expired_at` with [`update`](Self::update).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the server does not implement the operation.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// flowglad.subscription_item_features().expire(&"sub_feature_1".parse()?, None).await?;
    /// # Ok(()) }
    /// ```
    pub async fn expire(
        &self,
        id: &SubscriptionItemFeatureId,
        expired_at: Option<Timestamp>,
    ) -> Result<Response<SubscriptionItemFeature>, Error> {
        self.flowglad.call(&EXPIRE, Call::id(id.as_str()).and_body(&Expire { expired_at })).await
    }
}
