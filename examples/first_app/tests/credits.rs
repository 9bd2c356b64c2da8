//! A customer who has paid, and what became of the credits.
use flowglad_sandbox::Sandbox;

#[tokio::test]
async fn ada_has_paid_for_a_thousand_calls() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let flowglad = sandbox.flowglad().build()?; // a client with the sandbox's URL, key and time
    sandbox.subscribe("ada", "pro_monthly")?; // a customer who has paid in a checkout
    assert_eq!(flowglad.customers().get("ada").await?.name, "ada"); // here your app does something with it, and then:
    assert_eq!(sandbox.balance("ada", "api_calls")?, 1000);
    assert!(sandbox.features("ada")?.contains(&"export_csv".to_owned()));
    assert!(sandbox.usage_ledger_of("ada").is_empty());
    Ok(())
}
