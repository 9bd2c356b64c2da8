//! `pricing-models/retrieve`, the one action that strangers may use.

use crate::{
    action::body::Body,
    adapter::failure::Failure,
    client::json::{RawJson, Response},
    customer::CustomerScope,
    flowglad::Flowglad,
    model::PricingModel,
};

/// The prices of somebody who is signed in. A failure is never covered up with the default prices.
pub(super) async fn of_customer(customer: CustomerScope, body: &Body) -> Result<RawJson, Failure> {
    body.read_strictly(&[], |_| Some(()))?;
    Ok(data(&customer.pricing_model().await?, "customer"))
}

/// The prices of strangers.
pub(super) async fn default(flowglad: &Flowglad, body: &Body) -> Result<RawJson, Failure> {
    body.read_strictly(&[], |_| Some(()))?;
    Ok(data(&flowglad.default_pricing_model().await?, "default"))
}

fn data(pricing_model: &Response<PricingModel>, source: &str) -> RawJson {
    RawJson::object(&[("pricingModel", pricing_model.raw()), ("source", &RawJson::from_value(source))])
}
