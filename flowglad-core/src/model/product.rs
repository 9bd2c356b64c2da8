//! Products.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Feature, OrganizationId, Price, PricingModelId, ProductId, Timestamp, null_as_default};

/// A product that can be bought.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Product {
    /// Flowglad's id.
    pub id: ProductId,
    /// The display name.
    pub name: String,
    /// The slug: the name used in code.
    #[serde(default)]
    pub slug: Option<String>,
    /// A description for display.
    #[serde(default)]
    pub description: Option<String>,
    /// The URL of a picture.
    #[serde(rename = "imageURL", default)]
    pub image_url: Option<String>,
    /// The label of one unit, for example `seat`.
    #[serde(default)]
    pub singular_quantity_label: Option<String>,
    /// The label of several units, for example `seats`.
    #[serde(default)]
    pub plural_quantity_label: Option<String>,
    /// Whether every new customer is subscribed to it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub default: bool,
    /// Whether it can be bought.
    #[serde(default)]
    pub active: Option<bool>,
    /// The prices: the active ones in a pricing model, all of them from [`Products::get`](crate::api::Products::get).
    /// Empty in lists and in the responses of create and update.
    #[serde(default, deserialize_with = "null_as_default")]
    pub prices: Vec<Price>,
    /// The default price.
    #[serde(default)]
    pub default_price: Option<Box<Price>>,
    /// The features that it grants. Empty in lists and in the responses of create and update.
    #[serde(default, deserialize_with = "null_as_default")]
    pub features: Vec<Feature>,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// `true` in live mode (real payments), `false` in test mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
