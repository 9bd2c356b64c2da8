//! The program that is killed: an app that meters with all that there is, a cache, an outbox on disk and its delivery.

use std::{
    io::Write as _,
    num::{NonZeroU64, NonZeroUsize},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use flowglad_core::{
    Flowglad, RequestingCustomer,
    api::NewUsageEvent,
    cache::BillingCache,
    fleet::Fleet,
    usage::{NotHeld, Outbox, Undelivered, UsageDelivery},
};
use lexopt::{Arg, Parser, ValueExt as _};

use crate::{
    Failure,
    call::{Call, Kind, MOST_CALLS, TASKS},
    line::Line,
};

/// How long the last run may send.
const LONGEST_SENDING: Duration = Duration::from_secs(60);
/// Small, so that a kill meets many beginnings and ends of batches.
const BATCH: NonZeroUsize = NonZeroUsize::new(25).expect("25 is not 0");

/// In a fleet, work with the same key of an instance that was killed is waited for.
const WAIT_FOR_KEY: Duration = Duration::from_secs(10);

/// Long, so that only a server that is killed counts as away. An instance that goes on alone for a slow disk would record a
/// repeated call as new, which the comparison takes for a mistake.
const PATIENCE: Duration = Duration::from_secs(5);

/// Short, so that what a killed instance had taken is soon taken by another.
const DEAD_AFTER: Duration = Duration::from_secs(1);

/// Short, so that a kill meets sending.
const COLLECTING: Duration = Duration::from_millis(2);

/// The arguments of the program.
#[derive(Debug, Default)]
struct Options {
    base_url: String,
    api_key: String,
    folder: PathBuf,
    redis: Option<String>,
    pause: Duration,
    run: u32,
    again: Vec<Call>,
    send_all: bool,
}

/// Runs the program with the arguments that follow.
///
/// # Errors
/// If an argument is wrong, the outbox does not open, or a call fails as none should.
pub async fn run(arguments: Parser) -> Result<(), Failure> {
    let options = options(arguments)?;
    let fleet = match &options.redis {
        Some(url) => Some(Fleet::builder(url).patience(PATIENCE).dead_after(DEAD_AFTER).connect().await?),
        None => None,
    };
    let flowglad = client_of(&options.base_url, &options.api_key, &options.folder, fleet.as_ref())?;
    let delivery = flowglad.usage().start_delivery()?;
    if options.send_all {
        let left = send_all(&delivery).await;
        print_dead_letters(&flowglad).await?;
        print(&Line::Left { pending: left.pending, dead_letters: left.dead_letters })?;
        delivery.shutdown(LONGEST_SENDING).await;
        if let Some(fleet) = fleet {
            fleet.shutdown(LONGEST_SENDING).await;
        }
        return Ok(());
    }
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let again = options.again.iter().copied().filter(|call| call.task == task).collect();
        tasks.spawn(make_calls(flowglad.clone(), options.run, task, again, options.pause));
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Err("all calls are made, and the program was not killed".into())
}

/// Sends until nothing is left, also of what instances had taken that are dead, but not for ever.
async fn send_all(delivery: &UsageDelivery) -> Undelivered {
    let deadline = Instant::now() + LONGEST_SENDING;
    loop {
        let limit = deadline.saturating_duration_since(Instant::now());
        let left = delivery.flush(limit).await;
        if left.pending == 0 || limit.is_zero() {
            return left;
        }
    }
}

/// A client that keeps usage in a folder.
///
/// # Errors
/// If the folder cannot be used.
pub fn client(base_url: &str, api_key: &str, folder: &Path) -> Result<Flowglad, Failure> {
    client_of(base_url, api_key, folder, None)
}

/// A client that shares what it knows with a fleet, and keeps usage in a folder while the fleet's server is away.
fn client_of(base_url: &str, api_key: &str, folder: &Path, fleet: Option<&Fleet>) -> Result<Flowglad, Failure> {
    let mut outbox = Outbox::open(folder)?.batch(BATCH).collect_for(COLLECTING);
    let mut cache = BillingCache::default();
    if let Some(fleet) = fleet {
        (cache, outbox) = (cache.store(fleet.billing()), fleet.outbox(outbox)?);
    }
    let client = Flowglad::builder().api_key(api_key).base_url(base_url).max_retries(0);
    Ok(client.cache(cache).usage(outbox).build()?)
}

fn options(mut arguments: Parser) -> Result<Options, Failure> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("base-url") => options.base_url = arguments.value()?.string()?,
            Arg::Long("api-key") => options.api_key = arguments.value()?.string()?,
            Arg::Long("folder") => options.folder = arguments.value()?.into(),
            Arg::Long("redis") => options.redis = Some(arguments.value()?.string()?),
            Arg::Long("pause-micros") => options.pause = Duration::from_micros(arguments.value()?.parse()?),
            Arg::Long("run") => options.run = arguments.value()?.parse()?,
            Arg::Long("again") => {
                let code = arguments.value()?.parse()?;
                options.again.push(Call::from_code(code).ok_or("there is no such call")?);
            }
            Arg::Long("send-all") => options.send_all = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

async fn print_dead_letters(flowglad: &Flowglad) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = flowglad.usage().dead_letters(after, 100).await?;
        for letter in &page {
            let (transaction_id, reason) = (letter.transaction_id().to_string(), letter.reason().to_string());
            print(&Line::DeadLetter { transaction_id, reason })?;
        }
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.sequence());
    }
}

/// Makes the calls of one task, one after the other.
async fn make_calls(flowglad: Flowglad, run: u32, task: u32, again: Vec<Call>, pause: Duration) -> Result<(), Failure> {
    for call in again {
        print(&made(&flowglad, call).await?)?;
    }
    for number in 0..MOST_CALLS {
        let call = Call { run, task, number };
        print(&made(&flowglad, call).await?)?;
        if call.is_made_twice() {
            print(&made(&flowglad, call).await?)?;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
    Ok(())
}

/// Makes a call, and returns what to print of it.
async fn made(flowglad: &Flowglad, call: Call) -> Result<Line, Failure> {
    let customer = customer(call)?;
    match call.kind() {
        Kind::Keyed | Kind::WithoutKey | Kind::OnUnknownMeter => recorded(flowglad, call).await,
        Kind::Held | Kind::SettledLater | Kind::Released => {
            let hold = flowglad.customer(&customer).hold(call.meter(), call.amount() * 2).key(call.key());
            let hold = match hold.wait_for_key(WAIT_FOR_KEY).await {
                Ok(hold) => hold,
                Err(NotHeld::Unavailable(_)) => return Ok(unacknowledged(call, "billing is not known")),
                Err(refused) => return Err(refused.into()),
            };
            match call.kind() {
                Kind::Held => {
                    let settled = hold.settle(call.amount()).await?;
                    Ok(Line::Acknowledged { call, is_repeated: settled.is_repeated, transaction_id: None })
                }
                Kind::SettledLater => {
                    hold.settle_later(call.amount());
                    Ok(unacknowledged(call, "settled later"))
                }
                _ => {
                    hold.release();
                    Ok(unacknowledged(call, "released"))
                }
            }
        }
    }
}

/// Records the usage of a call.
///
/// # Errors
/// If it is not recorded.
pub async fn recorded(flowglad: &Flowglad, call: Call) -> Result<Line, Failure> {
    let customer = customer(call)?;
    let amount = NonZeroU64::new(call.amount()).ok_or("a call costs something")?;
    let event = NewUsageEvent::for_meter(call.meter(), amount);
    let event = if call.kind() == Kind::WithoutKey { event } else { event.unique_for(&customer, &call.key()) };
    let recorded = flowglad.usage().record(&customer, event).await?;
    let transaction_id = Some(recorded.transaction_id().to_string());
    Ok(Line::Acknowledged { call, is_repeated: recorded.is_repeated(), transaction_id })
}

/// The user whom a call is charged to.
///
/// # Errors
/// If there cannot be such a customer.
pub fn customer(call: Call) -> Result<RequestingCustomer, Failure> {
    Ok(RequestingCustomer::new(call.customer(), call.customer(), "user@example.com")?)
}

fn unacknowledged(call: Call, reason: &str) -> Line {
    Line::Unacknowledged { call, reason: reason.to_owned() }
}

/// Prints a line in one write, so that a kill cannot cut it.
fn print(line: &Line) -> Result<(), Failure> {
    let line = format!("{line}\n");
    let mut output = std::io::stdout().lock();
    output.write_all(line.as_bytes())?;
    Ok(output.flush()?)
}
