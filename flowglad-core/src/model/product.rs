//! Products.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Feature, OrganizationId, Price, PricingModelId, ProductId, Timestamp, null_as_default};

/// Something that can be bought.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Product {
    /// Flowglad's id.
    pub id: ProductId,
    /// The name that people see.
    pub name: String,
    /// The name that code asks for.
    #[serde(default)]
    pub slug: Option<String>,
    /// A sentence for people.
    #[serde(default)]
    pub description: Option<String>,
    /// A picture.
    #[serde(rename = "imageURL", default)]
    pub image_url: Option<String>,
    /// What one of it is called, for example `seat`.
    #[serde(default)]
    pub singular_quantity_label: Option<String>,
    /// What several of it are called, for example `seats`.
    #[serde(default)]
    pub plural_quantity_label: Option<String>,
    /// Whether every customer starts with it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub default: bool,
    /// Whether it can be bought.
    #[serde(default)]
    pub active: Option<bool>,
    /// Its prices: in a pricing model the active ones, from [`Products::get`](crate::api::Products::get) all. Empty in
    /// lists and in the answers of create and update.
    #[serde(default, deserialize_with = "null_as_default")]
    pub prices: Vec<Price>,
    /// The price that applies when none is named.
    #[serde(default)]
    pub default_price: Option<Box<Price>>,
    /// What it grants. Empty in lists and in the answers of create and update.
    #[serde(default, deserialize_with = "null_as_default")]
    pub features: Vec<Feature>,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// Whether it belongs to live mode, where real money moves.
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
