//! `/pricing-models`: what can be bought.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{client::endpoint::Endpoint, model::PricingModel};

/// The pricing that strangers see.
pub(crate) const DEFAULT: Endpoint<(), PricingModelReply> =
    Endpoint::get("pricing_models.default", "/pricing-models/default");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PricingModelReply {
    pub(crate) pricing_model: PricingModel,
}

/// Where the pricing model lies in the reply's bytes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PricingModelPart<'a> {
    #[serde(borrow)]
    pub(crate) pricing_model: &'a RawValue,
}
