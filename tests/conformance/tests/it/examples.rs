//! The example records of the API (`tests/spec/examples`), read by the client's own methods.

use std::{collections::BTreeSet, fs, path::PathBuf};

use flowglad_conformance::{ScriptedApi, every_case};
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec/examples")
}

fn example(name: &str) -> Value {
    let file = folder().join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))).unwrap()
}

/// The names of all examples of replies.
fn replies() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
    names
        .filter(|name| !name.ends_with("-request") && !name.starts_with("error-") && name != "webhook-delivery")
        .collect()
}

#[tokio::test]
async fn every_operation_reads_the_apis_own_reply() {
    let api = ScriptedApi::start().await.unwrap();
    let mut read = BTreeSet::new();
    for case in every_case() {
        for name in case.examples {
            read.insert((*name).to_owned());
            let reply = example(name);
            api.reply_with(&reply);
            let records = case.call(&api.client).await.unwrap_or_else(|error| panic!("{case}: {name}: {error:?}"));
            let raw: Vec<&Value> = records.iter().map(|record| &record.raw).collect();
            assert_eq!(raw, case.records_in(&reply), "{case}: {name}");
        }
    }
    assert_eq!(read, replies());
}
