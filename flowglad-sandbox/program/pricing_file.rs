//! Reads the file of a pricing model.

use std::{error::Error, fs, path::Path};

use flowglad_sandbox::PricingModel;

/// The pricing model of a file, which is JSON if its name ends so, and YAML otherwise; the starter model without a file.
pub(crate) fn read(file: Option<&Path>) -> Result<PricingModel, Box<dyn Error>> {
    let Some(file) = file else { return Ok(PricingModel::starter_saas()) };
    let text = fs::read_to_string(file)
        .map_err(|error| format!("cannot read the pricing model {}: {error}", file.display()))?;
    let is_json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let read = if is_json { PricingModel::from_json(&text) } else { PricingModel::from_yaml(&text) };
    read.map_err(|error| format!("{} is {error}", file.display()).into())
}
