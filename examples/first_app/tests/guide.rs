//! The guide to the sandbox shows this app as it is, and a pricing file that loads.

use std::{error::Error, fs};

use flowglad_sandbox::PricingModel;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// The blocks of a language in the guide.
fn blocks(language: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let guide = fs::read_to_string(format!("{FOLDER}/../../docs/guides/sandbox.md"))?;
    let fence = format!("\n```{language}\n");
    Ok(guide
        .split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```"))
        .map(|(block, _)| format!("{block}\n"))
        .collect())
}

#[test]
fn the_guide_shows_the_app_and_it_has_sixty_lines() -> Result<(), Box<dyn Error>> {
    let app = fs::read_to_string(format!("{FOLDER}/src/main.rs"))?;
    assert!(app.lines().count() <= 60);
    assert_eq!(blocks("rust,no_run")?, [app]);
    Ok(())
}

#[test]
fn the_tests_of_the_guide_are_run() -> Result<(), Box<dyn Error>> {
    let run = ["credits", "plans"].map(|name| fs::read_to_string(format!("{FOLDER}/tests/{name}.rs")));
    let run = run.into_iter().collect::<Result<Vec<_>, _>>()?;
    let shown: Vec<String> = blocks("rust")?.into_iter().filter(|block| block.contains("#[tokio::test]")).collect();
    assert_eq!(shown, run);
    Ok(())
}

#[test]
fn the_pricing_file_of_the_guide_loads_as_it_is() -> Result<(), Box<dyn Error>> {
    for yaml in blocks("yaml")? {
        assert_eq!(PricingModel::from_yaml(&yaml)?.notes(), [""; 0]);
    }
    assert_eq!(blocks("yaml")?.len(), 1);
    Ok(())
}
