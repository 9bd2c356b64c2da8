//! The sandbox's pages and the example's page have one palette and one scale of type sizes.

use std::{collections::BTreeMap, fs};

const SANDBOX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/pages.css");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/web/public/pages.css");

/// The variables of a stylesheet, with the scheme that they are for.
fn variables(path: &str) -> BTreeMap<(&'static str, String), String> {
    let styles = fs::read_to_string(path).unwrap();
    let mut blocks = styles.split(":root");
    let before_light = blocks.next().unwrap();
    assert!(!before_light.contains("--ground"));
    let mut found = BTreeMap::new();
    for (scheme, block) in ["light", "dark"].into_iter().zip(blocks.by_ref()) {
        let block = block.split('}').next().unwrap();
        for (name, value) in block.split([';', '{']).filter_map(|line| line.split_once(':')) {
            if let Some(name) = name.trim().strip_prefix("--") {
                found.insert((scheme, name.to_owned()), value.trim().to_owned());
            }
        }
    }
    found
}

#[test]
fn every_variable_of_the_sandboxs_pages_is_the_same_on_the_examples_page() {
    let (sandbox, example) = (variables(SANDBOX), variables(EXAMPLE));
    assert!(sandbox.len() > 40, "{sandbox:?}");
    for (variable, value) in &sandbox {
        assert_eq!(example.get(variable), Some(value), "{variable:?}");
    }
}
