//! What a Rust test can do, a test in another process can do, and the README shows both.

use std::{collections::BTreeSet, fs, path::Path};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Methods of a sandbox that have no verb, since they are about the value in the test.
const OF_THE_VALUE: [&str; 8] =
    ["api_key", "base_url", "builder", "clock", "flowglad", "start", "stop", "stop_with_snapshot"];

fn read(path: &str) -> String {
    let file = Path::new(ROOT).join(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The rows of the table of controls: the verbs and the names of the methods.
fn rows() -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
    let readme = read("README.md");
    let (_, table) = readme.split_once("| request under `/_sandbox` |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let in_code = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
        let verbs = in_code(cells[0]).into_iter().filter(|code| code.contains(' ') && !code.starts_with('{'));
        let verbs = verbs.map(|verb| verb.split('?').next().unwrap_or_default().to_owned());
        let methods =
            in_code(cells[1]).into_iter().filter_map(|code| code.strip_prefix("Sandbox::").map(str::to_owned));
        (verbs.collect(), methods.collect())
    })
    .collect()
}

/// The verbs that the router has, such as `POST reset`.
fn routes() -> BTreeSet<String> {
    let source = read("src/http/control_api/mod.rs");
    let routes = source.split(".route(\"/_sandbox/").skip(1).flat_map(|route| {
        let (path, rest) = route.split_once('"').unwrap();
        let handlers = rest.lines().next().unwrap();
        ["get", "post", "delete"].into_iter().filter_map(move |method| {
            let has_it = [format!(" {method}("), format!(".{method}(")].iter().any(|call| handlers.contains(call));
            has_it.then(|| format!("{} {path}", method.to_uppercase()))
        })
    });
    routes.collect()
}

/// The public methods of a sandbox.
fn methods() -> BTreeSet<String> {
    let folder = Path::new(ROOT).join("src/sandbox");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let names = |source: String| -> Vec<String> {
        let begins = |line: &str| {
            let line = line.trim_start();
            line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub async fn ")).map(str::to_owned)
        };
        source
            .lines()
            .filter_map(begins)
            .map(|line| line.split(['(', '<']).next().unwrap_or_default().to_owned())
            .collect()
    };
    files.flat_map(names).filter(|name| !OF_THE_VALUE.contains(&name.as_str())).collect()
}

#[test]
fn every_verb_of_the_control_api_is_in_the_table_and_has_a_method() {
    let rows = rows();
    let in_table: BTreeSet<String> = rows.iter().flat_map(|(verbs, _)| verbs.clone()).collect();
    assert_eq!(in_table, routes());
    for (verbs, methods) in &rows {
        let is_constant = verbs.contains("GET api-key");
        assert!(is_constant || !methods.is_empty(), "{verbs:?} has no method");
    }
}

#[test]
fn every_method_of_a_sandbox_is_in_the_table_and_has_a_verb() {
    let rows = rows();
    let in_table: BTreeSet<String> = rows.iter().flat_map(|(_, methods)| methods.clone()).collect();
    assert_eq!(in_table, methods());
    assert!(rows.iter().all(|(verbs, _)| !verbs.is_empty()));
}
