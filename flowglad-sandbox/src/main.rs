//! Runs a sandbox until it is interrupted.
#![expect(clippy::print_stdout, reason = "the program prints the address it listens on")]

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    process::ExitCode,
};

use flowglad_sandbox::{DEFAULT_API_KEY, ErrorMode, PricingModel, Sandbox};
use lexopt::prelude::{Long, Short, ValueExt as _};

const HELP: &str = "\
Runs a local emulator of the Flowglad API. Its state is in memory, and payments are simulated.

The dashboard is at the printed address, the control API for tests under /_sandbox.

Usage: flowglad-sandbox [OPTIONS]

Options:
  --host ADDRESS  IP address to listen on (default: 127.0.0.1)
  --port PORT     port to listen on (default: 4010; 0 takes a free one)
  --pricing-model FILE
                  pricing model to start with, as JSON in the form of the API's setup operation
                  (default: a small one with a free and a paid plan, a credit pack, a meter and seats)
  --api-key KEY   API key that the sandbox accepts (default: sk_test_sandbox)
  --errors MODE   statuses of refusals by billing rules: upstream, mostly 500 as on the real API, or intended,
                  the 400, 404 and 409 that it intends (default: upstream)
  --orderly       let requests that run at the same time see each other's effects (default: claims on resources and
                  usage events race as on the real API)
  --key-stays     keep the API key with the pricing model of the start, as on the real platform (default: it follows the
                  model that was set up last)
  --control-api   open dashboard and control API also on an address that other computers can reach; everyone who
                  can reach it can then read and change everything
  --webhooks-anywhere
                  deliver webhooks to other computers too, not only to this one
  --help          print this and exit

The default pricing model is pricing_models/starter_saas.json in the source of this crate. Copy it to write your own.
";

/// The command line.
#[expect(clippy::struct_excessive_bools, reason = "each one is a switch of the command line")]
#[derive(Debug)]
struct Options {
    host: IpAddr,
    port: u16,
    pricing_model_file: Option<PathBuf>,
    api_key: String,
    errors: ErrorMode,
    orderly: bool,
    key_stays: bool,
    control_api: bool,
    webhooks_anywhere: bool,
    help: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 4010,
            pricing_model_file: None,
            api_key: DEFAULT_API_KEY.to_owned(),
            errors: ErrorMode::Upstream,
            orderly: false,
            key_stays: false,
            control_api: false,
            webhooks_anywhere: false,
            help: false,
        }
    }
}

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
    let options = parse_options()?;
    if options.help {
        print!("{HELP}");
        return Ok(());
    }
    let pricing_model = read_pricing_model(options.pricing_model_file)?;
    let mut sandbox = Sandbox::builder()
        .host(options.host)
        .port(options.port)
        .api_key(options.api_key)
        .pricing_model(pricing_model)
        .errors(options.errors);
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
    let sandbox = sandbox.start().await?;
    println!("flowglad-sandbox listening on {}", sandbox.base_url());
    println!("FLOWGLAD_SECRET_KEY={} FLOWGLAD_BASE_URL={}", sandbox.api_key(), sandbox.base_url());
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}

fn parse_options() -> Result<Options, lexopt::Error> {
    let mut options = Options::default();
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("host") => options.host = arguments.value()?.parse()?,
            Long("port") => {
                let port = arguments.value()?;
                let problem = || format!("--port must be a number from 0 to 65535, not {}", port.to_string_lossy());
                options.port = port.to_str().and_then(|port| port.parse().ok()).ok_or_else(problem)?;
            }
            Long("pricing-model") => options.pricing_model_file = Some(arguments.value()?.into()),
            Long("api-key") => options.api_key = arguments.value()?.string()?,
            Long("errors") => {
                options.errors = match arguments.value()?.string()?.as_str() {
                    "upstream" => ErrorMode::Upstream,
                    "intended" => ErrorMode::Intended,
                    other => return Err(format!("--errors must be upstream or intended, not {other}").into()),
                }
            }
            Long("orderly") => options.orderly = true,
            Long("key-stays") => options.key_stays = true,
            Long("control-api") => options.control_api = true,
            Long("webhooks-anywhere") => options.webhooks_anywhere = true,
            Long("help") | Short('h') => options.help = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(options)
}

fn read_pricing_model(file: Option<PathBuf>) -> Result<PricingModel, Box<dyn Error>> {
    let Some(file) = file else { return Ok(PricingModel::starter_saas()) };
    let json = std::fs::read_to_string(&file)
        .map_err(|error| format!("cannot read the pricing model {}: {error}", file.display()))?;
    PricingModel::from_json(&json).map_err(|error| format!("{} is {error}", file.display()).into())
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
