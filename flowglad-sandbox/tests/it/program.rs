//! The program, from outside: its command line, its files, its signals.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use flowglad_sandbox::DEFAULT_WEBHOOK_SECRET;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{
    client, each, send,
    webhook_receiver::{Receiver, verifies},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_flowglad-sandbox");

/// A file of this test.
fn file(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("program-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// A sandbox in a process of its own.
struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    base_url: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        Self::start_by(Command::new(PROGRAM), arguments)
    }

    fn start_by(mut program: Command, arguments: &[&str]) -> Self {
        program.args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let base_url = next_line(&mut output).strip_prefix("flowglad-sandbox listening on ").unwrap().to_owned();
        assert!(next_line(&mut output).starts_with("FLOWGLAD_SECRET_KEY=sk_test_sandbox FLOWGLAD_BASE_URL=http://"));
        Self { child, output, base_url }
    }

    fn line(&mut self) -> String {
        next_line(&mut self.output)
    }

    fn api(&self, path: &str) -> RequestBuilder {
        client().get(format!("{}/api/v1{path}", self.base_url)).header("authorization", "sk_test_sandbox")
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        send(client().post(format!("{}/_sandbox/{path}", self.base_url)).json(&body)).await.ok()
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Ends it as a supervisor does. Returns what it wrote to the standard error.
    fn stop(self) -> String {
        self.stop_by("TERM")
    }

    fn stop_by(mut self, signal: &str) -> String {
        self.signal(signal);
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert!(self.child.wait().unwrap().success());
        errors
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn next_line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env_remove("FLOWGLAD_SECRET_KEY").output().unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn the_state_outlives_the_program() {
    let state = file("state.json");
    let arguments = ["--state", state.to_str().unwrap()];
    let first = Running::start(&arguments);
    first.control("subscribe", json!({ "customer": "u", "priceSlug": "pro_monthly" })).await;
    first.control("advance", json!({ "days": 31 })).await;
    let before = send(first.api("/customers/u/billing")).await.ok();
    first.stop();
    let second = Running::start(&arguments);
    let after = send(second.api("/customers/u/billing")).await.ok();
    assert_eq!(after["subscriptions"], before["subscriptions"]);
    assert_eq!(after["invoices"].as_array().unwrap().len(), 2);
    second.stop();
    assert!(refused(&["--port", "0", "--state", "/"]).contains("cannot read the state /"));
    std::fs::write(&state, "{").unwrap();
    assert!(refused(&["--port", "0", "--state", state.to_str().unwrap()]).contains("is no state of a sandbox"));
    std::fs::write(&state, "{}").unwrap();
    assert!(refused(&["--port", "0", "--state", state.to_str().unwrap()]).contains("not a snapshot"));
}

#[tokio::test]
async fn the_end_of_the_terminal_and_a_request_that_is_open_lose_no_state() {
    let state = file("state.json");
    let arguments = ["--state", state.to_str().unwrap()];
    let first = Running::start(&arguments);
    first.control("customers", json!({ "externalId": "before" })).await;
    first.stop_by("HUP");
    let second = Running::start(&arguments);
    send(second.api("/customers/before")).await.ok();
    second.control("slow", json!({ "delayMs": 500 })).await;
    let customer = json!({ "customer": { "externalId": "last", "name": "L", "email": "l@example.com" } });
    let create = client().post(format!("{}/api/v1/customers", second.base_url)).json(&customer);
    let open = tokio::spawn(send(create.header("authorization", "sk_test_sandbox")));
    let requests = || send(client().get(format!("{}/_sandbox/requests", second.base_url)));
    while requests().await.ok().as_array().unwrap().len() < 2 {}
    second.stop();
    open.await.unwrap().ok();
    let third = Running::start(&arguments);
    send(third.api("/customers/last")).await.ok();
    third.stop();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_is_to_outlive_its_terminal_does() {
    let mut nohup = Command::new("nohup");
    nohup.arg(PROGRAM).stdin(Stdio::null());
    let running = Running::start_by(nohup, &[]);
    running.signal("HUP");
    for name in ["u", "v", "w"] {
        running.control("customers", json!({ "externalId": name })).await;
    }
    running.stop();
}

#[test]
fn a_state_that_could_not_be_saved_is_refused_at_the_start() {
    let state = file("state.json").with_file_name("absent").join("state.json");
    let reason = refused(&["--port", "0", "--state", state.to_str().unwrap()]);
    assert!(reason.contains("cannot save the state"), "{reason}");
}

#[tokio::test]
async fn what_a_loaded_state_has_already_is_said() {
    let (state, model) = (file("state.json"), file("model.json"));
    std::fs::write(&model, run(&["export", "--starter"]).stdout).unwrap();
    let arguments = ["--state", state.to_str().unwrap(), "--pricing-model", model.to_str().unwrap()];
    let first = Running::start(&[&arguments[..], &["--webhook", "http://127.0.0.1:9/hook"]].concat());
    assert_eq!(first.stop(), "", "a new state has nothing");
    let notes = Running::start(&arguments).stop();
    let [of_model, of_webhook] = notes.lines().collect::<Vec<_>>()[..] else { panic!("{notes}") };
    assert!(of_model.contains("model.json is there only after a reset"), "{of_model}");
    assert!(of_webhook.contains("delivered to http://127.0.0.1:9/hook"), "{of_webhook}");
    let given_again = [&arguments[..2], &["--webhook", "http://127.0.0.1:9/hook"]].concat();
    assert_eq!(Running::start(&given_again).stop(), "");
}

#[cfg(target_os = "linux")]
#[test]
fn an_export_that_cannot_be_written_fails() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let export = Command::new(PROGRAM).args(["export", "--starter"]).stdout(full).output().unwrap();
    assert_eq!(export.status.code(), Some(2));
    assert!(String::from_utf8(export.stderr).unwrap().contains("cannot write the pricing model"));
}

#[tokio::test]
async fn each_watched_request_is_one_line() {
    let mut running = Running::start(&["--watch"]);
    send(running.api("/customers?limit=1")).await.ok();
    send(running.api("/customers/no%0Aone")).await;
    let line = running.line();
    assert!(line.starts_with("GET /api/v1/customers?limit=1 200 ") && line.ends_with(" ms"), "{line}");
    let line = running.line();
    assert!(line.starts_with("GET /api/v1/customers/no%0Aone 404 "), "{line}");
    running.stop();
}

#[tokio::test]
async fn the_webhook_of_the_command_line_gets_events_also_after_a_reset() {
    let (receiver, url) = Receiver::start(&[]).await;
    let mut running = Running::start(&["--webhook", &url]);
    assert_eq!(running.line(), format!("FLOWGLAD_WEBHOOK_SECRET={DEFAULT_WEBHOOK_SECRET}"));
    running.control("reset", json!({})).await;
    running.control("customers", json!({ "externalId": "u" })).await;
    send(client().get(format!("{}/_sandbox/webhooks/settled", running.base_url))).await.ok();
    assert_eq!(receiver.objects(), ["customer", "subscription"]);
    assert!(receiver.received().iter().all(|request| verifies(DEFAULT_WEBHOOK_SECRET, "svix", request)));

    let model = send(running.api("/pricing-models/default")).await.ok()["pricingModel"]["id"].clone();
    let webhook = json!({ "name": "App", "url": url, "filterTypes": [], "pricingModelId": model });
    let create =
        client().post(format!("{}/api/v1/webhooks", running.base_url)).header("authorization", "sk_test_sandbox");
    send(create.json(&json!({ "webhook": webhook }))).await.ok();
    assert!(running.stop().contains("note: webhook_"), "two webhooks with one address are noticed");

    let own = Running::start(&["--webhook", &url, "--webhook-secret", "whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5"]);
    own.stop();
    assert!(refused(&["--webhook-secret", "whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5"]).contains("--webhook URL"));
    assert!(refused(&["--port", "0", "--webhook", "https://app.example.com/"]).contains("plain http"));
}

#[tokio::test]
async fn a_pricing_file_is_converted_with_a_note_and_exported_in_the_form_of_today() {
    let credits = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pricing_files/credits.yaml");
    let running = Running::start(&["--pricing-model", credits]);
    let (exported, of_account) = (file("exported.json"), file("of_account.json"));
    assert!(run(&["export", "--from", &running.base_url, "--output", exported.to_str().unwrap()]).status.success());
    let account = Command::new(PROGRAM)
        .args(["export", "--account", "--output", of_account.to_str().unwrap()])
        .env("FLOWGLAD_SECRET_KEY", "sk_test_sandbox")
        .env("FLOWGLAD_BASE_URL", format!("{}/", running.base_url))
        .output()
        .unwrap();
    assert!(account.status.success());
    assert_eq!(std::fs::read(&exported).unwrap(), std::fs::read(&of_account).unwrap());
    let wrong = run(&["export", "--from", &running.base_url, "--api-key", "sk_test_other"]);
    let sentence = String::from_utf8(wrong.stderr).unwrap();
    assert!(sentence.contains("401") && !sentence.contains("sk_test_other"), "{sentence}");
    assert!(running.stop().contains("note: the usage price picture_usage"));

    let again = Running::start(&["--pricing-model", exported.to_str().unwrap()]);
    let model = send(again.api("/pricing-models/default")).await.ok()["pricingModel"].clone();
    assert_eq!(each(&model["products"], "slug"), ["small", "picture_pack", "free"]);
    assert_eq!(again.stop(), "");
}

#[test]
fn the_command_line_explains_itself_and_its_mistakes() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for option in ["--pricing-model", "--webhook", "--webhook-secret", "--state", "--watch", "export"] {
        assert!(help.contains(option), "{option}");
    }
    assert!(String::from_utf8(run(&["export", "--help"]).stdout).unwrap().contains("--account"));
    let starter: Value = serde_json::from_slice(&run(&["export", "--starter"]).stdout).unwrap();
    assert_eq!(starter["name"], "Starter SaaS");
    assert!(refused(&["export", "--starter", "--account"]).contains("only one of"));
    assert!(refused(&["export", "--account"]).contains("FLOWGLAD_SECRET_KEY"));
    assert!(refused(&["serve"]).contains("serve"));
    assert!(refused(&["--pricing-model", "nowhere.yaml"]).contains("cannot read the pricing model nowhere.yaml"));
}
