//! `/product-features`: which product grants which feature.

use serde::Serialize;

use crate::{
    client::{
        endpoint::{Endpoint, NoFields},
        json::Response,
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
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

/// That a product is to grant a feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewProductFeature {
    /// The product.
    pub product_id: ProductId,
    /// The feature.
    pub feature_id: FeatureId,
    /// When the product stops granting it. Default: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Timestamp>,
}

impl NewProductFeature {
    /// Without an end.
    #[must_use]
    pub fn new(product_id: ProductId, feature_id: FeatureId) -> Self {
        Self { product_id, feature_id, expired_at: None }
    }
}

/// Which product grants which feature (`/product-features`). Made by [`Flowglad::product_features`].
#[derive(Clone, Debug)]
pub struct ProductFeatures {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Which product grants which feature (`/product-features`).
    #[must_use]
    pub fn product_features(&self) -> ProductFeatures {
        ProductFeatures { flowglad: self.clone() }
    }
}

impl ProductFeatures {
    /// Lets a product grant a feature (`POST /product-features`). Never sent twice.
    ///
    /// # Errors
    /// As every call.
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

    /// Reads which feature a product grants (`GET /product-features/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
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

    /// Ends a product's feature (`POST /product-features/{id}/expire`). Never sent twice.
    ///
    /// # Errors
    /// As every call.
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

    /// All grants of features by products, page by page or one after the other (`GET /product-features`).
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
