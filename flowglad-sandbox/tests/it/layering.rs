//! The modules of the sandbox import each other in one direction.

use std::{fs, path::Path};

const SRC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Lowest layer first.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "base",
        &[
            "availability",
            "clock",
            "exchange_log",
            "fault",
            "fault_list",
            "ids",
            "keys",
            "race",
            "refusal",
            "request_log",
        ],
    ),
    ("records", &["records"]),
    ("store", &["store"]),
    ("rules", &["rules"]),
    ("webhooks", &["webhooks"]),
    ("operations", &["operations"]),
    (
        "state",
        &[
            "error",
            "pricing_model",
            "published_form",
            "revision",
            "snapshot",
            "snapshot_check",
            "state",
            "test_steps",
            "usage_ledger",
        ],
    ),
    ("http", &["http"]),
    ("sandbox", &["builder", "sandbox"]),
];

/// Whose code would be the same behind another protocol.
const WITHOUT_HTTP: [&str; 4] = ["records", "store", "rules", "operations"];

#[test]
fn imports_point_from_upper_layers_to_lower_ones() {
    assert_eq!(layering::check(SRC, LAYERS), Ok(()));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_eq!(layering::circles(SRC), Vec::<Vec<String>>::new());
}

#[test]
fn records_store_rules_and_operations_know_no_web_framework() {
    let files: Vec<_> = WITHOUT_HTTP.iter().flat_map(|folder| files_below(&Path::new(SRC).join(folder))).collect();
    assert!(files.len() > WITHOUT_HTTP.len());
    for (file, source) in files {
        assert!(!source.contains("axum"), "{file}");
    }
}

/// The names and texts of all files in a folder and its subfolders.
fn files_below(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files_at = |path: std::path::PathBuf| {
        if path.is_dir() {
            files_below(&path)
        } else {
            vec![(path.display().to_string(), fs::read_to_string(&path).unwrap())]
        }
    };
    entries.flat_map(files_at).collect()
}
