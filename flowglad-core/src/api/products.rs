//! `/products`: the products that can be bought.

use serde::Serialize;

use crate::{
    api::{
        prices::{NewPrice, ProductPrice},
        with_id::WithId,
    },
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    input::Change,
    model::{FeatureId, PricingModelId, Product, ProductId},
};

/// Not idempotent: a retry after success fails, because the slug is taken.
pub(crate) const CREATE: Endpoint<CreateProduct<'_>, Product> =
    Endpoint::post("products.create", "/products").under("product");

/// The response is the record itself, without a key around it.
pub(crate) const GET: Endpoint<(), Product> = Endpoint::get("products.get", "/products/{id}");

/// Not idempotent: if the changes include a price, a retry would create another one.
pub(crate) const UPDATE: Endpoint<UpdateProduct<'_>, Product> =
    Endpoint::put("products.update", "/products/{id}").not_idempotent().under("product");

pub(crate) const LIST: ListEndpoint<Product> = list("products.list", "/products");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateProduct<'a> {
    product: &'a NewProduct,
    price: &'a NewPrice,
    #[serde(skip_serializing_if = "Option::is_none")]
    feature_ids: Option<&'a [FeatureId]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateProduct<'a> {
    product: WithId<'a, ProductId, ProductChanges>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<ProductPrice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feature_ids: Option<&'a [FeatureId]>,
}

/// A product to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewProduct {
    /// The pricing model that it belongs to.
    pub pricing_model_id: PricingModelId,
    /// The display name.
    pub name: String,
    /// The slug: the name used in code, unique in the pricing model.
    pub slug: String,
    /// Whether it can be bought.
    pub active: bool,
    /// A description for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The URL of a picture.
    #[serde(rename = "imageURL", skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The label of one unit, for example `seat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub singular_quantity_label: Option<String>,
    /// The label of several units, for example `seats`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural_quantity_label: Option<String>,
    /// Whether every new customer is subscribed to it. The API refuses `true` here, because the default product is
    /// created with its pricing model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
}

impl NewProduct {
    /// Sets the required fields of a product that can be bought.
    #[must_use]
    pub fn new(pricing_model_id: PricingModelId, slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            pricing_model_id,
            name: name.into(),
            slug: slug.into(),
            active: true,
            description: None,
            image_url: None,
            singular_quantity_label: None,
            plural_quantity_label: None,
            default: None,
        }
    }
}

/// Changes to a product. Fields that are not set keep their values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductChanges {
    /// The display name.
    pub name: String,
    /// Whether it can be bought.
    pub active: bool,
    /// The slug: the name used in code. The API gives the same slug to the product's price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// A description for display.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub description: Change<String>,
    /// The URL of a picture.
    #[serde(rename = "imageURL", skip_serializing_if = "Change::is_keep")]
    pub image_url: Change<String>,
    /// The label of one unit, for example `seat`.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub singular_quantity_label: Change<String>,
    /// The label of several units, for example `seats`.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub plural_quantity_label: Change<String>,
    /// Whether every new customer is subscribed to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// A new price that replaces the current one.
    #[serde(skip)]
    pub price: Option<NewPrice>,
    /// The ids of all features that the product grants from now on.
    #[serde(skip)]
    pub feature_ids: Option<Vec<FeatureId>>,
}

impl ProductChanges {
    /// Sets the required fields; every other field keeps its value.
    #[must_use]
    pub fn new(name: impl Into<String>, active: bool) -> Self {
        Self {
            name: name.into(),
            active,
            slug: None,
            description: Change::Keep,
            image_url: Change::Keep,
            singular_quantity_label: Change::Keep,
            plural_quantity_label: Change::Keep,
            default: None,
            price: None,
            feature_ids: None,
        }
    }
}

/// Operations on products (`/products`). Returned by [`Flowglad::products`].
#[derive(Clone, Debug)]
pub struct Products {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on products (`/products`).
    #[must_use]
    pub fn products(&self) -> Products {
        Products { flowglad: self.clone() }
    }
}

impl Products {
    /// Creates a product with its price and features (`POST /products`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::is_conflict`] if the slug is taken.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{api::{NewPrice, NewProduct}, model::IntervalUnit};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut team = NewProduct::new("pricing_model_1".parse()?, "team", "Team");
    /// team.singular_quantity_label = Some("seat".into());
    /// let monthly = NewPrice::every(IntervalUnit::Month, 5000);
    /// println!("{}", flowglad.products().create(&team, &monthly, &["feature_1".parse()?]).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(
        &self,
        product: &NewProduct,
        price: &NewPrice,
        features: &[FeatureId],
    ) -> Result<Response<Product>, Error> {
        let feature_ids = (!features.is_empty()).then_some(features);
        self.flowglad.call(&CREATE, Call::body(&CreateProduct { product, price, feature_ids })).await
    }

    /// Reads a product with all its prices and features (`GET /products/{id}`).
    ///
    /// # Errors
    /// The API answers 500 without an explanation if no product has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} prices", flowglad.products().get(&"prod_1".parse()?).await?.prices.len());
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &ProductId) -> Result<Response<Product>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Changes a product (`PUT /products/{id}`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::Api`] (400) for any change of the default product except to its names, description and picture.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{NewPrice, ProductChanges};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut changes = ProductChanges::new("Credit pack", true);
    /// changes.price = Some(NewPrice::once(1200));
    /// flowglad.products().update(&"prod_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, id: &ProductId, changes: &ProductChanges) -> Result<Response<Product>, Error> {
        let body = UpdateProduct {
            product: WithId { id, changes },
            price: changes.price.as_ref().map(|price| ProductPrice { product_id: id, price }),
            feature_ids: changes.feature_ids.as_deref(),
        };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Lists all products without their prices and features (`GET /products`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.products().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Product> {
        List::new(&self.flowglad, &LIST)
    }
}
