//! What a fleet costs: gates, reads, holds and records with a Redis behind, and how soon others see a change.

mod reads;
mod writes;

use std::{path::Path, time::Duration};

use flowglad_axum::flowglad_core::{
    CustomerScope, Flowglad, RequestingCustomer, cache::BillingCache, fleet::Fleet, usage::Outbox,
};
use redis_process::RedisProcess;

use crate::{
    Failure,
    document::Size,
    pass_through::{Settings, commit, machine, this_program},
    process::Server,
    say,
    servers::API_KEY,
    usage::Folder,
};

#[tokio::main(flavor = "multi_thread")]
pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    let stub = Server::start("stub-api", this_program(&["serve", "stub-api"])?)?;
    let api_url = format!("http://{}", stub.address);
    say(&format!("{}, commit {}", machine(), commit()));
    let redis = RedisProcess::builder().append_only().start().await?;
    reads::run(&redis, &api_url).await?;
    writes::holds(&redis, &api_url, settings).await?;
    writes::records(&redis, "everysec", settings).await?;
    let always = RedisProcess::builder().fsync_always().start().await?;
    writes::records(&always, "always", settings).await
}

/// An instance of an app.
struct Instance {
    // Before the fleet, as in an app.
    flowglad: Flowglad,
    fleet: Fleet,
    _folder: Folder,
}

impl Instance {
    async fn start(redis: &RedisProcess, api_url: &str, name: &str) -> Result<Self, Failure> {
        let folder = Folder::new(&format!("fleet-{name}"))?;
        let fleet = Fleet::connect(redis.url()).await?;
        let flowglad = client(&fleet, api_url, folder.path())?;
        Ok(Self { flowglad, fleet, _folder: folder })
    }

    fn customer(&self, size: Size, number: usize) -> Result<CustomerScope, Failure> {
        let customer = RequestingCustomer::new(size.customer(number), "Ada", "ada@example.com")?;
        Ok(self.flowglad.customer(&customer))
    }
}

/// The billing must not become old while it is measured.
fn client(fleet: &Fleet, api_url: &str, folder: &Path) -> Result<Flowglad, Failure> {
    let cache = BillingCache::new().fresh_for(Duration::from_secs(60 * 60)).store(fleet.billing());
    let outbox = fleet.outbox(Outbox::open(folder)?)?;
    Ok(Flowglad::builder().api_key(API_KEY).base_url(api_url).cache(cache).usage(outbox).build()?)
}

/// `p50 | p99 | worst` of what was waited for.
fn quantiles(mut waits: Vec<Duration>) -> String {
    waits.sort_unstable();
    let at = |part: usize| waits[(waits.len() * part / 1_000).min(waits.len() - 1)];
    format!("{:.2?} | {:.2?} | {:.2?}", at(500), at(990), at(1_000))
}
