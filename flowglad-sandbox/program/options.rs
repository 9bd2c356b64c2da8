//! The command line.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

use flowglad_sandbox::{DEFAULT_API_KEY, ErrorMode};
use lexopt::{
    Parser,
    prelude::{Long, Short, Value, ValueExt as _},
};

const HELP: &str = "\
Runs a local emulator of the Flowglad API. Its state is in memory, and payments are simulated.

The dashboard is at the printed address, the control API for tests under /_sandbox.

Usage: flowglad-sandbox [OPTIONS]
       flowglad-sandbox export [OPTIONS]   write a pricing model; see flowglad-sandbox export --help

Options:
  --host ADDRESS  IP address to listen on (default: 127.0.0.1)
  --port PORT     port to listen on (default: 4010; 0 takes a free one)
  --pricing-model FILE
                  pricing model to start with, as JSON or YAML in the form of the API's setup operation, of an export,
                  or of an older published file, which is converted with a note
                  (default: a small one with a free and a paid plan, a credit pack, a meter and seats); with a state
                  that is loaded from a file, it is there only after a reset
  --webhook URL   deliver all events to this address, also after a reset
  --webhook-secret SECRET
                  sign them with this secret, whsec_ and base64 (default: one that is printed, always the same)
  --state FILE    load the state from this file, if it is there, and save it there when the program is interrupted,
                  terminated or loses its terminal; webhook deliveries, faults and the log of requests are not saved
  --watch         print each API request in one line
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

The default pricing model is pricing_models/starter_saas.json in the source of this crate. Write it to a file with
`flowglad-sandbox export --starter`, and change it.
";

const EXPORT_HELP: &str = "\
Writes a pricing model as JSON, in the form that --pricing-model and the API's setup operation read.

Usage: flowglad-sandbox export [OPTIONS]

Options:
  --from URL      the running sandbox to read from (default: http://127.0.0.1:4010)
  --api-key KEY   its key (default: sk_test_sandbox)
  --account       read from an account instead: with the key in FLOWGLAD_SECRET_KEY, at FLOWGLAD_BASE_URL or Flowglad's own
                  address
  --starter       write the default pricing model of the sandbox
  --output FILE   write to this file, and not to the standard output
  --help          print this and exit
";

/// What the program is to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print this.
    Help(&'static str),
    Serve(Box<Options>),
    Export(ExportOptions),
}

/// The options of a running sandbox.
#[expect(clippy::struct_excessive_bools, reason = "each one is a switch of the command line")]
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
    pub(crate) pricing_model_file: Option<PathBuf>,
    pub(crate) webhook: Option<String>,
    pub(crate) webhook_secret: Option<String>,
    pub(crate) state_file: Option<PathBuf>,
    pub(crate) watch: bool,
    pub(crate) api_key: String,
    pub(crate) errors: ErrorMode,
    pub(crate) orderly: bool,
    pub(crate) key_stays: bool,
    pub(crate) control_api: bool,
    pub(crate) webhooks_anywhere: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 4010,
            pricing_model_file: None,
            webhook: None,
            webhook_secret: None,
            state_file: None,
            watch: false,
            api_key: DEFAULT_API_KEY.to_owned(),
            errors: ErrorMode::Upstream,
            orderly: false,
            key_stays: false,
            control_api: false,
            webhooks_anywhere: false,
        }
    }
}

/// Where a pricing model comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Sandbox { base_url: String, api_key: String },
    Account,
    Starter,
}

/// The options of an export.
#[derive(Debug)]
pub(crate) struct ExportOptions {
    pub(crate) source: Source,
    pub(crate) output: Option<PathBuf>,
}

pub(crate) fn parse() -> Result<Command, lexopt::Error> {
    let mut arguments = Parser::from_env();
    let mut options = Options::default();
    let mut is_first = true;
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(verb) if is_first && verb == "export" => return parse_export(arguments),
            Long("host") => options.host = arguments.value()?.parse()?,
            Long("port") => {
                let port = arguments.value()?;
                let problem = || format!("--port must be a number from 0 to 65535, not {}", port.to_string_lossy());
                options.port = port.to_str().and_then(|port| port.parse().ok()).ok_or_else(problem)?;
            }
            Long("pricing-model") => options.pricing_model_file = Some(arguments.value()?.into()),
            Long("webhook") => options.webhook = Some(arguments.value()?.string()?),
            Long("webhook-secret") => options.webhook_secret = Some(arguments.value()?.string()?),
            Long("state") => options.state_file = Some(arguments.value()?.into()),
            Long("watch") => options.watch = true,
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
            Long("help") | Short('h') => return Ok(Command::Help(HELP)),
            other => return Err(other.unexpected()),
        }
        is_first = false;
    }
    if options.webhook.is_none() && options.webhook_secret.is_some() {
        return Err("--webhook-secret goes with --webhook URL".into());
    }
    Ok(Command::Serve(Box::new(options)))
}

fn parse_export(mut arguments: Parser) -> Result<Command, lexopt::Error> {
    let (mut base_url, mut api_key, mut output) = (None, None, None);
    let (mut account, mut starter) = (false, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("from") => base_url = Some(arguments.value()?.string()?),
            Long("api-key") => api_key = Some(arguments.value()?.string()?),
            Long("account") => account = true,
            Long("starter") => starter = true,
            Long("output") => output = Some(arguments.value()?.into()),
            Long("help") | Short('h') => return Ok(Command::Help(EXPORT_HELP)),
            other => return Err(other.unexpected()),
        }
    }
    let of_sandbox = base_url.is_some() || api_key.is_some();
    let source = match (of_sandbox, account, starter) {
        (_, false, false) => Source::Sandbox {
            base_url: base_url.unwrap_or_else(|| "http://127.0.0.1:4010".to_owned()),
            api_key: api_key.unwrap_or_else(|| DEFAULT_API_KEY.to_owned()),
        },
        (false, true, false) => Source::Account,
        (false, false, true) => Source::Starter,
        _ => return Err("only one of --from with --api-key, --account and --starter can be given".into()),
    };
    Ok(Command::Export(ExportOptions { source, output }))
}
