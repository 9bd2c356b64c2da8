//! The program itself, as it is run.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use serde_json::Value;

const DESCRIPTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/description.json");
const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/client.json");

/// A run with the fixture's client, and with `allowed` as the lines of allowed drift.
fn run(test: &str, spec: &str, allowed: &str, more: &[&str]) -> Output {
    let allowed = file(&format!("{test}.allowed"), allowed);
    command().args(["--spec", spec, "--client", CLIENT, "--allowed"]).arg(allowed).args(more).output().unwrap()
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

/// The fixture's description with one more field, which the client does not read.
fn changed_description(test: &str) -> String {
    let description = fs::read_to_string(DESCRIPTION).unwrap();
    let description =
        description.replace(r#""price": {"type": "number"}"#, r#""price": {"type": "number"}, "vat": {}"#);
    file(&format!("{test}.json"), &description).to_str().unwrap().to_owned()
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
fn it_ends_with_0_if_there_is_no_drift() {
    let output = run("none", DESCRIPTION, "", &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    insta::assert_snapshot!(out(&output), @"
    operations  4 of 4 described
    parameters  2 compared
    fields      5 in bodies and 24 in replies compared
    values      8 compared
    extras      1 read though not described (--json lists them)
    drift       0 unexplained, 0 allowed
    ");
}

#[test]
fn it_ends_with_1_if_there_is_drift() {
    let output = run("some", &changed_description("some"), "", &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    insta::assert_snapshot!(out(&output), @"
    OPERATION                  PROBLEM  WHERE
    GET /things                unread   reply data[].vat
    POST /things               unread   reply thing.vat
    POST /things/{id}/archive  unread   reply thing.vat

    operations  4 of 4 described
    parameters  2 compared
    fields      5 in bodies and 27 in replies compared
    values      8 compared
    extras      1 read though not described (--json lists them)
    drift       3 unexplained, 0 allowed
    ");
}

#[test]
fn it_ends_with_0_if_all_drift_is_allowed_and_with_1_if_a_line_is_stale() {
    let changed = changed_description("allowed");
    assert_eq!(run("allowed", &changed, "* reply *vat unread # not needed", &[]).status.code(), Some(0));
    let stale = run("stale", DESCRIPTION, "* reply *vat unread # not needed", &[]);
    assert_eq!(stale.status.code(), Some(1));
    let line = "allowed drift, line 1: `* reply *vat unread` fits nothing any more";
    assert!(out(&stale).starts_with(line), "{}", out(&stale));
}

#[test]
fn json_holds_everything() {
    let allowed = "POST /things reply *vat unread # not needed\n*nowhere # gone";
    let output = run("json", &changed_description("json"), allowed, &["--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    insta::assert_snapshot!(out(&output), @r#"
    {
      "totals": {
        "operationsDescribed": 4,
        "operationsCovered": 4,
        "queryParameters": 2,
        "bodyFields": 5,
        "replyFields": 27,
        "enumValues": 8,
        "driftUnexplained": 2,
        "driftAllowed": 1,
        "allowancesStale": 1,
        "extras": 1
      },
      "drift": [
        {
          "id": "GET /things reply data[].vat unread",
          "method": "GET",
          "path": "/things",
          "where": "reply",
          "at": "data[].vat",
          "problem": "unread"
        },
        {
          "id": "POST /things/{id}/archive reply thing.vat unread",
          "method": "POST",
          "path": "/things/{id}/archive",
          "where": "reply",
          "at": "thing.vat",
          "problem": "unread"
        }
      ],
      "allowed": [
        {
          "id": "POST /things reply thing.vat unread",
          "method": "POST",
          "path": "/things",
          "where": "reply",
          "at": "thing.vat",
          "problem": "unread",
          "reason": "not needed"
        }
      ],
      "stale": [
        {
          "line": 2,
          "pattern": "*nowhere",
          "reason": "gone"
        }
      ],
      "extras": [
        {
          "id": "GET /things reply data[].note extra",
          "method": "GET",
          "path": "/things",
          "where": "reply",
          "at": "data[].note",
          "problem": "extra"
        }
      ]
    }
    "#);
}

#[test]
fn a_description_is_fetched_from_a_url() {
    let description = fs::read(DESCRIPTION).unwrap();
    let url = serve("200 OK", description);
    let output = run("url", &format!("{url}/api/openapi"), "", &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["totals"]["operationsCovered"], 4);
}

#[test]
fn a_url_without_a_description_is_an_error() {
    let output = run("404", &serve("404 Not Found", b"{}".to_vec()), "", &[]);
    let complaint_of_404 = complaint(&output);
    assert!(complaint_of_404.contains("cannot fetch http://127.0.0.1:"), "{complaint_of_404}");
    assert!(complaint_of_404.contains("404"), "{complaint_of_404}");
    let output = run("html", &serve("200 OK", b"<!doctype html>".to_vec()), "", &[]);
    assert!(complaint(&output).contains("is not JSON"));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output = run("refused", &format!("http://127.0.0.1:{port}"), "", &[]);
    assert!(complaint(&output).contains("cannot fetch"));
}

#[test]
fn an_unusable_file_is_an_error() {
    let output = run("absent", "/nowhere/openapi.json", "", &[]);
    assert!(complaint(&output).starts_with("flowglad-conformance: cannot read /nowhere/openapi.json: "));
    for (name, content, problem) in [
        ("text", "openapi: 3.1.0", "is not JSON"),
        ("deep", &"[".repeat(100_000), "is not JSON"),
        ("empty", "{}", "not an API description: it has no `paths`"),
        ("circle", r##"{"paths":{"/api/v1/things":{"$ref":"#/paths/~1api~1v1~1things"}}}"##, "in a circle"),
        ("missing", r##"{"paths":{"/api/v1/things":{"$ref":"#/none"}}}"##, "`#/none` leads nowhere"),
    ] {
        let spec = file(&format!("hostile-{name}.json"), content);
        let output = run(&format!("hostile-{name}"), spec.to_str().unwrap(), "", &[]);
        assert!(complaint(&output).contains(problem), "{output:?}");
    }
}

#[test]
fn an_unusable_file_of_allowed_drift_is_an_error() {
    let output = run("no-reason", DESCRIPTION, "\nPOST /things body name missing", &[]);
    assert!(complaint(&output).contains("line 2 gives no reason"));
    let output = command().args(["--spec", DESCRIPTION, "--client", CLIENT, "--allowed", "/nowhere"]).output().unwrap();
    assert!(complaint(&output).contains("cannot read /nowhere"));
}

#[test]
fn wrong_arguments_are_an_error_and_help_is_not() {
    assert!(complaint(&command().output().unwrap()).contains("--spec FILE|URL is needed"));
    assert!(complaint(&command().args(["--sepc", "x"]).output().unwrap()).contains("--sepc"));
    let help = command().arg("--help").output().unwrap();
    assert_eq!(help.status.code(), Some(0));
    insta::assert_snapshot!(out(&help), @"
    Tells where the typed client and Flowglad's API description drift apart.

    Usage: flowglad-conformance --spec FILE|URL [--json] [--allowed FILE]

    Options:
      --spec FILE|URL  the API's description as OpenAPI 3 in JSON; Flowglad serves it at /api/openapi
      --json           one JSON document in place of the table
      --allowed FILE   drift that is as it should be (default: tests/conformance/allowed-drift), one line each:
                       <pattern> # <reason>      * in the pattern stands for any run of characters
      --client FILE    operations to compare in place of flowglad-core's, as JSON; for tests of this program
      --help           print this and exit

    It ends with 0 if there is no drift, with 1 if there is some that no line allows or a line that allows nothing any more,
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
