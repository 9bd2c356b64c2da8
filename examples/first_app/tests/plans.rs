//! A pricing model of one's own, in Rust.
use flowglad_core::api::{PricingModelSetup, SetupPrice, SetupProduct};
use flowglad_core::model::IntervalUnit;
use flowglad_sandbox::{PricingModel, Sandbox};

#[tokio::test]
async fn the_team_plan_can_be_bought() -> Result<(), Box<dyn std::error::Error>> {
    let mut setup = PricingModelSetup::new("My plans"); // or PricingModel::from_yaml(include_str!("../pricing.yaml"))?
    let price = SetupPrice::every("team_monthly", IntervalUnit::Month, 4900);
    setup.products.push(SetupProduct::new("team", "Team", price, [""; 0]));
    let sandbox = Sandbox::builder().pricing_model(PricingModel::try_from(&setup)?).start().await?;
    sandbox.subscribe("ada", "team_monthly")?;
    Ok(())
}
