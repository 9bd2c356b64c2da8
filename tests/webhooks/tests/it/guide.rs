//! The guide shows the code that these tests kill.

#[test]
fn the_guide_of_webhooks_shows_this_log_as_it_is() {
    const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/webhooks_sql.md");
    let guide = std::fs::read_to_string(GUIDE).unwrap_or_else(|error| panic!("{GUIDE}: {error}"));
    assert!(guide.contains(include_str!("../../src/sql_log.rs")), "the code in the guide is another one");
}
