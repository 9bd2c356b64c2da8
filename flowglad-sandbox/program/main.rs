//! Runs a sandbox until it is interrupted, or writes the pricing model of one.

mod export;
mod options;
mod pricing_file;
mod state_file;
mod stop_signals;

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
};

use flowglad_sandbox::{DEFAULT_WEBHOOK_SECRET, Sandbox, SandboxBuilder, SeenRequest, Snapshot};

use crate::{
    options::{Command, Options},
    stop_signals::StopSignals,
};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flowglad-sandbox: {}\n(see --help)", with_causes(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    match options::parse()? {
        Command::Help(text) => Ok(io::stdout().write_all(text.as_bytes())?),
        Command::Export(options) => export::run(&options).await,
        Command::Serve(options) => serve(*options).await,
    }
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let state_file = options.state_file.clone();
    let webhook_secret = options.webhook.as_ref().map(|_| options.webhook_secret.clone());
    let state = state_file.as_deref().map(state_file::read).transpose()?.flatten();
    if let Some(file) = &state_file {
        state_file::ensure_writable(file)?;
    }
    let sandbox = builder(options, state)?.start().await?;
    // Who reads the address may stop the program at once.
    let stop = StopSignals::new()?;
    say(&format!("flowglad-sandbox listening on {}", sandbox.base_url()));
    say(&format!("FLOWGLAD_SECRET_KEY={} FLOWGLAD_BASE_URL={}", sandbox.api_key(), sandbox.base_url()));
    if let Some(secret) = webhook_secret {
        say(&format!("FLOWGLAD_WEBHOOK_SECRET={}", secret.as_deref().unwrap_or(DEFAULT_WEBHOOK_SECRET)));
    }
    stop.received().await?;
    let Some(file) = state_file else {
        sandbox.stop().await;
        return Ok(());
    };
    state_file::write(&file, &sandbox.stop_with_snapshot().await)
}

fn builder(options: Options, state: Option<Snapshot>) -> Result<SandboxBuilder, Box<dyn Error>> {
    let pricing_model = pricing_file::read(options.pricing_model_file.as_deref())?;
    for note in pricing_model.notes() {
        notice(note);
    }
    if let Some((file, _)) = options.pricing_model_file.as_deref().zip(state.as_ref()) {
        let file = file.display();
        notice(&format!("the state has a pricing model already, so that of {file} is there only after a reset"));
    }
    let mut sandbox = Sandbox::builder()
        .host(options.host)
        .port(options.port)
        .api_key(options.api_key)
        .pricing_model(pricing_model)
        .errors(options.errors)
        .on_notice(notice);
    if options.orderly {
        sandbox = sandbox.orderly();
    }
    if options.key_stays {
        sandbox = sandbox.key_stays();
    }
    if options.control_api {
        sandbox = sandbox.control_api(true);
    }
    if options.webhooks_anywhere {
        sandbox = sandbox.deliver_webhooks_anywhere();
    }
    if let Some(url) = options.webhook {
        let secret = options.webhook_secret.unwrap_or_else(|| DEFAULT_WEBHOOK_SECRET.to_owned());
        sandbox = sandbox.webhook(url, secret);
    }
    if let Some(state) = state {
        sandbox = sandbox.snapshot(state);
    }
    if options.watch {
        sandbox = sandbox.on_request(|request| say(&line(request)));
    }
    Ok(sandbox)
}

/// A request in one line, such as `GET /api/v1/customers?limit=1 200 0.4 ms`.
fn line(request: &SeenRequest) -> String {
    let query = request.query.as_deref().map_or_else(String::new, |query| format!("?{query}"));
    let status = request.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let micros = request.duration_us.unwrap_or_default();
    // What a client sends may contain anything, and this is a terminal.
    let target = format!("{}{query}", request.path).escape_debug().to_string();
    format!("{} {target} {status} {}.{} ms", request.method.escape_debug(), micros / 1000, micros % 1000 / 100)
}

/// Prints a line. A reader that has left stops no sandbox.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn notice(sentence: &str) {
    let _ = writeln!(io::stderr(), "note: {sentence}");
}

fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let sentence = error.to_string();
        // Some errors include the text of their cause.
        if !message.ends_with(&sentence) {
            message.push_str(": ");
            message.push_str(&sentence);
        }
        cause = error.source();
    }
    message
}
