//! The rate at which waiting usage is delivered to a sandbox.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use flowglad_axum::flowglad_core::api::NewUsageEvent;
use flowglad_sandbox::Sandbox;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{CUSTOMERS, Folder, customer, recorder};
use crate::{Failure, pass_through::this_program, process::Server, say, servers::API_KEY};

const EVENTS: usize = 50_000;

/// A sandbox that takes the key of the bench.
#[tokio::main(flavor = "multi_thread")]
pub(crate) async fn serve_sandbox() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().api_key(API_KEY).start().await?;
    say(&format!("listening on {}", sandbox.base_url()));
    std::future::pending().await
}

#[tokio::main(flavor = "multi_thread")]
pub(super) async fn run() -> Result<(), Failure> {
    let sandbox = Server::start("sandbox", this_program(&["serve", "sandbox"])?)?;
    let folder = Folder::new("delivery")?;
    let flowglad = recorder(folder.path(), &format!("http://{}", sandbox.address))?;
    let scopes = (0..CUSTOMERS).map(|number| Ok::<_, Failure>(flowglad.customer(&customer(number)?)));
    let create = async |scope: Result<flowglad_axum::flowglad_core::CustomerScope, Failure>| {
        scope?.find_or_create().await?;
        Ok::<_, Failure>(())
    };
    stream::iter(scopes).map(create).buffer_unordered(16).try_collect::<()>().await?;
    let record = async |number| {
        let event = NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN);
        flowglad.usage().record(&customer(number)?, event).await?;
        Ok::<_, Failure>(())
    };
    stream::iter(0..EVENTS).map(record).buffer_unordered(256).try_collect::<()>().await?;
    let began = Instant::now();
    let delivery = flowglad.usage().start_delivery()?;
    let left = delivery.flush(Duration::from_secs(300)).await;
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
    let rate = (EVENTS as f64 - left.pending as f64) / seconds;
    say(&format!(
        "\ndelivery to a sandbox: {EVENTS} events of {CUSTOMERS} customers in {seconds:.2} s, {rate:.0} events/s; left: \
         {} pending, {} dead letters",
        left.pending, left.dead_letters
    ));
    delivery.shutdown(Duration::from_secs(5)).await;
    Ok(())
}
