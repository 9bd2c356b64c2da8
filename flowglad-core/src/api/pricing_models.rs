//! `/pricing-models`: what can be bought.

use serde::Deserialize;

use crate::{client::endpoint::Endpoint, model::PricingModel};

/// The pricing that strangers see.
pub(crate) const DEFAULT: Endpoint<(), PricingModelReply> =
    Endpoint::get("pricing_models.default", "/pricing-models/default");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PricingModelReply {
    pub(crate) pricing_model: PricingModel,
}
