//! `/product-features`: the features that each product grants.

use serde::Serialize;

use crate::{
    client::{
        endpoint::{Endpoint, NoFields},
        json::Response,
        transport::Call,
    },
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    model::{ExpiredProductFeature, FeatureId, ProductFeature, ProductFeatureId, ProductId, Timestamp},
};

pub(crate) const CREATE: Endpoint<CreateProductFeature<'_>, ProductFeature> =
    Endpoint::post("product_features.create", "/product-features").under("productFeature");

pub(crate) const GET: Endpoint<(), ProductFeature> =
    Endpoint::get("product_features.get", "/product-features/{id}").under("productFeature");

pub(crate) const EXPIRE: Endpoint<NoFields, ExpiredProductFeature> =
    Endpoint::post("product_features.expire", "/product-features/{id}/expire");

pub(crate) const LIST: ListEndpoint<ProductFeature> = list("product_features.list", "/product-features");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateProductFeature<'a> {
    product_feature: &'a NewProductFeature,
}

/// A feature to attach to a product.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewProductFeature {
    /// The id of the product.
    pub product_id: ProductId,
    /// The id of the feature.
    pub feature_id: FeatureId,
    /// When the product stops granting it. Default: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Timestamp>,
}

impl NewProductFeature {
    /// Attaches a feature without an end date.
    #[must_use]
    pub fn new(product_id: ProductId, feature_id: FeatureId) -> Self {
        Self { product_id, feature_id, expired_at: None }
    }
}

/// Operations on the features attached to products (`/product-features`). Returned by [`Flowglad::product_features`].
#[derive(Clone, Debug)]
pub struct ProductFeatures {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on the features attached to products (`/product-features`).
    #[must_use]
    pub fn product_features(&self) -> ProductFeatures {
        ProductFeatures { flowglad: self.clone() }
    }
}

impl ProductFeatures {
    /// Attaches a feature to a product, so that the product grants it (`POST /product-features`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::NewProductFeature;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let grant = NewProductFeature::new("prod_1".parse()?, "feature_1".parse()?);
    /// println!("{}", flowglad.product_features().create(&grant).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, product_feature: &NewProductFeature) -> Result<Response<ProductFeature>, Error> {
        self.flowglad.call(&CREATE, Call::body(&CreateProductFeature { product_feature })).await
    }

    /// Reads the attachment of a feature to a product (`GET /product-features/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no product feature has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.product_features().get(&"product_feature_1".parse()?).await?.feature_id);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &ProductFeatureId) -> Result<Response<ProductFeature>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Expires a feature of a product, so that the product no longer grants it (`POST /product-features/{id}/expire`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// assert!(flowglad.product_features().expire(&"product_feature_1".parse()?).await?.success);
    /// # Ok(()) }
    /// ```
    pub async fn expire(&self, id: &ProductFeatureId) -> Result<Response<ExpiredProductFeature>, Error> {
        self.flowglad.call(&EXPIRE, Call::id(id.as_str()).and_body(&NoFields {})).await
    }

    /// Lists the features attached to all products (`GET /product-features`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.product_features().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<ProductFeature> {
        List::new(&self.flowglad, &LIST)
    }
}
