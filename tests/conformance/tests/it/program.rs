//! The program itself, as it is run.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use serde_json::{Value, json};

use super::facts_of;

/// The facts of one operation, which the client fits, but for all others, which are not described.
fn one_operation() -> Value {
    facts_of("payments.get")
}

const OTHERS: &str = "* operation extra # not looked at here";

fn run(test: &str, facts: &Value, allowed: &str, more: &[&str]) -> Output {
    let facts = file(&format!("{test}.json"), &facts.to_string());
    run_spec(test, facts.to_str().unwrap(), allowed, more)
}

/// A run with `allowed` as the lines of allowed drift.
fn run_spec(test: &str, spec: &str, allowed: &str, more: &[&str]) -> Output {
    let allowed = file(&format!("{test}.allowed"), &format!("{allowed}\n{OTHERS}"));
    command().args(["--spec", spec, "--allowed"]).arg(allowed).args(more).output().unwrap()
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flowglad-conformance"));
    // A proxy of the machine has no business between us and a server on it.
    command.env("NO_PROXY", "127.0.0.1");
    command
}

/// A file for one test alone.
fn file(name: &str, content: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, content).unwrap();
    file
}

/// The same with one more field, which the client does not read.
fn one_changed_operation() -> Value {
    let mut facts = one_operation();
    facts["operations"]["payments.get"]["reply"]["properties"]["vat"] = json!({"type": "number"});
    facts
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn complaint(output: &Output) -> &str {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty());
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn it_compares_the_recorded_facts_and_ends_with_0_if_there_is_no_drift() {
    let output = command().output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    insta::assert_snapshot!(out(&output), @"
    operations  82 of 82 called, by 164 calls
    parameters  36
    fields      420 in bodies, 3405 in replies
    values      1043
    replies     1085 read
    drift       0 unexplained, 83 allowed
            15  a page that says there are more, but not where they begin, would end a list too early
             4  a usage price belongs to a meter, not to a product; `create_for_usage` makes one
             4  a usage price belongs to a meter, not to a product; the setup has it there
             2  it can only be `null`: usage has no trial
            28  items are named by price and quantity; the API replaces all items and drops their ids
             2  no plan has a period of so many units
             1  no trial is so long
             1  one call sends an event type that is not known yet, as an app may
             1  the API ignores it
             1  the API ignores it and refunds everything, so a part cannot be asked for
             1  the API takes no JSON value for it
             3  the React actions take it; the API ignores it today
             3  the address once more inside of itself; kept in `extra`
            15  the cursor that the client itself has just sent
             1  the price of a meter can only be a usage price, which is the default
             1  the pricing model under its old name; `pricingModel` is read
    ");
}

#[test]
fn it_ends_with_1_if_there_is_drift() {
    let output = run("some", &one_changed_operation(), "", &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let (table, _) = out(&output).split_once("drift ").unwrap();
    insta::assert_snapshot!(table, @"
    OPERATION           PROBLEM  WHERE
    GET /payments/{id}  unread   reply vat

    operations  1 of 1 called, by 164 calls
    parameters  0
    fields      0 in bodies, 35 in replies
    values      24
    replies     18 read
    ");
}

#[test]
fn it_ends_with_0_if_all_drift_is_allowed_and_with_1_if_a_line_is_stale() {
    let allowed = run("allowed", &one_changed_operation(), "* reply vat unread # not needed", &[]);
    assert_eq!(allowed.status.code(), Some(0), "{allowed:?}");
    let stale = run("stale", &one_operation(), "* reply vat unread # not needed", &[]);
    assert_eq!(stale.status.code(), Some(1));
    let line = "allowed drift, line 1: `* reply vat unread` fits nothing any more";
    assert!(out(&stale).starts_with(line), "{}", out(&stale));
}

#[test]
fn json_holds_everything() {
    let output = run("json", &one_changed_operation(), "*nowhere # gone", &["--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let unread = json!({
        "id": "GET /payments/{id} reply vat unread", "method": "GET", "path": "/payments/{id}", "where": "reply",
        "at": "vat", "problem": "unread",
    });
    assert_eq!(report["drift"], json!([unread]));
    assert_eq!(report["stale"], json!([{"line": 1, "pattern": "*nowhere", "reason": "gone"}]));
    assert_eq!(report["allowed"][0]["reason"], "not looked at here");
    assert_eq!(report["totals"]["operationsDescribed"], 1);
    assert_eq!(report["totals"]["operationsCalled"], 1);
    assert_eq!(report["totals"]["driftUnexplained"], 1);
    assert_eq!(report["totals"]["allowancesStale"], 1);
}

#[test]
fn facts_are_recorded_from_a_description() {
    let description = json!({"paths": {"/api/v1/things": {"get": {
        "operationId": "things-get", "description": "Prose",
        "responses": {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}},
    }}}});
    let spec = file("record-spec.json", &description.to_string());
    let recorded = file("recorded.json", "");
    let output = command().arg("--record").arg(&recorded).arg("--spec").arg(spec).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    insta::assert_snapshot!(fs::read_to_string(recorded).unwrap(), @r#"
    {"operations": {"things.get": {"method": "GET", "path": "/things", "reply": {"type": "object"}}}, "shapes": {}}
    "#);
}

#[test]
fn a_description_is_fetched_from_a_url() {
    let url = serve("200 OK", one_operation().to_string().into_bytes());
    let output = run_spec("url", &format!("{url}/api/openapi"), "", &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["totals"]["operationsCalled"], 1);
}

#[test]
fn a_url_without_a_description_is_an_error() {
    let output = run_spec("404", &serve("404 Not Found", b"{}".to_vec()), "", &[]);
    let complaint_of_404 = complaint(&output);
    assert!(complaint_of_404.contains("cannot fetch http://127.0.0.1:"), "{complaint_of_404}");
    assert!(complaint_of_404.contains("404"), "{complaint_of_404}");
    let output = run_spec("html", &serve("200 OK", b"<!doctype html>".to_vec()), "", &[]);
    assert!(complaint(&output).contains("is not JSON"));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output = run_spec("refused", &format!("http://127.0.0.1:{port}"), "", &[]);
    assert!(complaint(&output).contains("cannot fetch"));
}

#[test]
fn an_unusable_file_is_an_error() {
    let output = run_spec("absent", "/nowhere/openapi.json", "", &[]);
    assert!(complaint(&output).starts_with("flowglad-conformance: cannot read /nowhere/openapi.json: "));
    for (name, content, problem) in [
        ("text", "openapi: 3.1.0", "is not JSON"),
        ("deep", &"[".repeat(100_000), "is not JSON"),
        ("empty", "{}", "not an API description: it has no `paths`"),
        ("missing", r##"{"operations":{}, "shapes":{"A": {"$ref":"#/shapes/B"}}}"##, "`B` leads nowhere"),
    ] {
        let spec = file(&format!("hostile-{name}.json"), content);
        let output = run_spec(&format!("hostile-{name}"), spec.to_str().unwrap(), "", &[]);
        assert!(complaint(&output).contains(problem), "{output:?}");
    }
}

#[test]
fn an_unusable_file_of_allowed_drift_is_an_error() {
    let output = run("no-reason", &one_operation(), "\nPOST /things body name missing", &[]);
    assert!(complaint(&output).contains("line 2 gives no reason"));
    let output = command().args(["--allowed", "/nowhere"]).output().unwrap();
    assert!(complaint(&output).contains("cannot read /nowhere"));
}

#[test]
fn wrong_arguments_are_an_error_and_help_is_not() {
    assert!(complaint(&command().args(["--record", "x"]).output().unwrap()).contains("needs --spec FILE|URL"));
    assert!(complaint(&command().args(["--sepc", "x"]).output().unwrap()).contains("--sepc"));
    let help = command().arg("--help").output().unwrap();
    assert_eq!(help.status.code(), Some(0));
    insta::assert_snapshot!(out(&help), @"
    Compares what the typed client sends and reads with the facts of Flowglad's API.

    Usage: flowglad-conformance [--spec FILE|URL] [--json] [--allowed FILE]
           flowglad-conformance --record FILE --spec FILE|URL

    Options:
      --spec FILE|URL  the API's description as OpenAPI 3 in JSON, which Flowglad serves at /api/openapi, or recorded facts
                       (default: tests/spec/api.json)
      --json           one JSON document in place of the table
      --allowed FILE   drift that is meant (default: tests/conformance/allowed-drift), one line each:
                       <pattern> # <reason>      * in the pattern stands for any run of characters
      --record FILE    write the facts of the description to FILE, and compare nothing
      --help           print this and exit

    It ends with 0 if there is no drift, with 1 if there is drift that no line allows or a line that allows nothing,
    and with 2 if the comparison could not be made.
    ");
}

/// Answers one request with `body`.
fn serve(status: &'static str, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            connection.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(&body).unwrap();
    });
    url
}
