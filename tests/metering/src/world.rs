//! The sandbox that the metered program is charged at.

use flowglad_sandbox::{PricingModel, Sandbox};
use serde_json::{Value, json};

use crate::{
    Failure,
    call::{CUSTOMERS, OPEN_METER},
};

/// More than any run uses.
const CREDITS: u64 = 1_000_000_000;

/// Starts a sandbox whose customers have a plan with credits on one meter, and use another one as they like.
///
/// # Errors
/// If the sandbox does not start.
pub async fn start() -> Result<Sandbox, Failure> {
    start_with(CREDITS).await
}

/// As [`start`], with so many credits a month.
///
/// # Errors
/// If the sandbox does not start.
pub async fn start_with(credits: u64) -> Result<Sandbox, Failure> {
    let sandbox = Sandbox::builder().pricing_model(pricing_model(credits)?).start().await?;
    for customer in CUSTOMERS {
        sandbox.subscribe(customer, "pro_monthly")?;
    }
    Ok(sandbox)
}

fn pricing_model(credits: u64) -> Result<PricingModel, Failure> {
    let mut form: Value =
        serde_json::from_str(include_str!("../../../flowglad-sandbox/pricing_models/starter_saas.json"))?;
    let features = form["features"].as_array_mut().ok_or("the starter model has features")?;
    for feature in features.iter_mut().filter(|feature| feature["slug"] == "pro_api_credits") {
        feature["amount"] = json!(credits);
    }
    let mut open_meter = form["usageMeters"][0].clone();
    open_meter["usageMeter"]["slug"] = json!(OPEN_METER);
    open_meter["prices"][0]["slug"] = json!("bytes_price");
    form["usageMeters"].as_array_mut().ok_or("the starter model has meters")?.push(open_meter);
    Ok(PricingModel::from_json(&form.to_string())?)
}
