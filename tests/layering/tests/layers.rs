//! Which paths count as imports, and which imports are refused.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::{
    fs,
    path::{Path, PathBuf},
};

const LAYERS: &[(&str, &[&str])] = &[("records", &["records"]), ("rules", &["rules", "clock"]), ("http", &["http"])];

/// Writes a crate without wrong imports, in which `changed` replaces some files.
fn crate_with(name: &str, changed: &[(&str, &str)]) -> PathBuf {
    let src = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let files = [
        ("lib.rs", "mod clock; mod http; mod records; mod rules; pub use http::router::Router;"),
        ("clock.rs", "use crate::records::Record; pub struct Clock(Record);"),
        ("records/mod.rs", "mod record; pub(crate) use record::Record;"),
        ("records/record.rs", "pub struct Record;"),
        ("rules/mod.rs", "use super::clock::Clock; pub struct Rule(Clock);"),
        ("http/mod.rs", "pub mod page; pub mod router;"),
        ("http/page.rs", "use std::fmt; pub struct Page;"),
        ("http/router.rs", "use crate::{http::page::Page, rules::Rule}; pub struct Router(Page, Rule);"),
    ];
    for (file, source) in files.iter().chain(changed) {
        let file = src.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, source).unwrap();
    }
    src
}

fn refused(name: &str, file: &str, source: &str) -> Vec<String> {
    layering::check(crate_with(name, &[(file, source)]), LAYERS).unwrap_err()
}

#[test]
fn imports_from_the_same_layer_and_from_lower_ones_are_allowed() {
    let src = crate_with("allowed", &[]);
    assert_eq!(layering::check(&src, LAYERS), Ok(()));
    assert_eq!(layering::circles(&src), Vec::<Vec<String>>::new());
}

#[test]
fn an_import_from_a_higher_layer_is_refused_in_every_form() {
    for (name, source) in [
        ("use", "use crate::http::page::Page;"),
        ("nested", "use crate::{http::{page::{self, Page}}};"),
        ("super", "use super::super::http::page;"),
        ("glob", "use crate::http::page::*;"),
        ("inline", "fn f() { crate::http::page::render() }"),
        ("type", "struct S { page: Option<crate::http::page::Page> }"),
        ("macro", "fn f() { println!(\"{}\", crate::http::page::NAME) }"),
        ("attribute", "#[serde(with = \"crate::http::page\")] struct S;"),
        ("module", "mod inner { use super::super::super::http::page; }"),
    ] {
        let problems = refused(name, "records/record.rs", source);
        assert!(
            problems.iter().all(|problem| {
                problem.starts_with("records/record.rs:1 imports `crate::http::page")
                    && problem.ends_with("layer `records` is below layer `http`")
            }),
            "{name}: {problems:?}"
        );
    }
}

#[test]
fn an_import_through_the_crate_root_is_refused_or_counts_as_one_of_the_defining_module() {
    let problems = refused("through_root", "rules/mod.rs", "use crate::Router;");
    assert_eq!(problems, ["rules/mod.rs:1 imports `crate::Router`: layer `rules` is below layer `http`"]);
    let problems = refused("of_root", "rules/mod.rs", "use crate::Unknown;");
    assert_eq!(problems, ["rules/mod.rs:1 imports `crate::Unknown` from the crate root, not from its defining module"]);
}

#[test]
fn tests_inside_a_file_may_import_everything() {
    let src = crate_with("tests", &[("records/record.rs", "#[cfg(test)] mod tests { use crate::http::page::Page; }")]);
    assert_eq!(layering::check(src, LAYERS), Ok(()));
}

#[test]
fn every_module_has_a_layer_and_every_layer_has_its_modules() {
    let src = crate_with("listed", &[("stray.rs", "")]);
    let layers: &[(&str, &[&str])] = &[("all", &["records", "rules", "clock", "http", "gone"])];
    assert_eq!(
        layering::check(src, layers),
        Err(vec!["module `stray` is in no layer".into(), "module `gone` of a layer has no file".into()])
    );
}

#[test]
fn files_that_import_each_other_are_a_circle_also_through_a_third_and_a_reexport() {
    let src = crate_with(
        "circle",
        &[
            ("records/record.rs", "use crate::clock::Clock; pub struct Record;"),
            ("http/page.rs", "use super::router::Router; pub struct Page;"),
        ],
    );
    assert_eq!(layering::circles(src), [["clock.rs", "records/record.rs"], ["http/page.rs", "http/router.rs"]]);
}
