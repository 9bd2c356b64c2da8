//! The action `pricing-models/retrieve`, the only one that anonymous callers may run.

use crate::{
    action::body::Body,
    adapter::failure::Failure,
    client::json::{RawJson, Response},
    customer::CustomerScope,
    flowglad::Flowglad,
    model::PricingModel,
};

/// Returns the pricing model of the signed-in user. A failure is returned, never replaced by the default pricing model.
pub(super) async fn of_customer(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    body.read_strictly(&[], |_| Some(()))?;
    Ok(data(&customer.pricing_model().await?, "customer"))
}

/// Returns the default pricing model, for an anonymous caller.
pub(super) async fn default(flowglad: &Flowglad, body: Body) -> Result<RawJson, Failure> {
    body.read_strictly(&[], |_| Some(()))?;
    Ok(data(&flowglad.default_pricing_model().await?, "default"))
}

fn data(pricing_model: &Response<PricingModel>, source: &str) -> RawJson {
    RawJson::object(&[("pricingModel", pricing_model.raw()), ("source", &RawJson::from_value(source))])
}
