//! The order of the source folders, as described in ARCHITECTURE.md.

const SRC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Lowest layer first. `flowglad/` is the client, on which the API's operations are methods.
const LAYERS: &[(&str, &[&str])] = &[
    ("input", &["input"]),
    ("model", &["model"]),
    ("error", &["error"]),
    ("clock", &["clock"]),
    ("observe", &["observe"]),
    ("client", &["client"]),
    ("billing", &["billing"]),
    ("cache", &["cache"]),
    ("outbox", &["outbox"]),
    ("flowglad", &["flowglad"]),
    ("api", &["api"]),
    ("customer", &["customer"]),
    ("gate", &["gate"]),
    ("usage", &["usage"]),
    ("adapter", &["adapter"]),
    ("webhook", &["webhook"]),
    ("fleet", &["fleet"]),
    ("auth", &["auth"]),
    ("action", &["action"]),
];

#[test]
fn imports_go_from_higher_layers_to_lower_ones() {
    if let Err(problems) = layering::check(SRC, LAYERS) {
        panic!("{}", problems.join("\n"));
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_eq!(layering::circles(SRC), Vec::<Vec<String>>::new());
}
