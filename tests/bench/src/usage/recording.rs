//! Durable records per second.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use flowglad_axum::flowglad_core::{Flowglad, api::NewUsageEvent};
use futures_util::future::try_join_all;

use super::{Folder, customer, recorder};
use crate::{Failure, pass_through::Settings, say};

const CALLERS: [usize; 3] = [1, 8, 64];

/// Nothing is sent to it.
const NOWHERE: &str = "http://127.0.0.1:9";

#[tokio::main(flavor = "multi_thread")]
pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    say("\ndurable records (each is on the disk when `record` returns)\n");
    say("| callers | records/s | p50 | p99 | worst |");
    say("| --- | --- | --- | --- | --- |");
    for callers in CALLERS {
        let folder = Folder::new("recording")?;
        let flowglad = recorder(folder.path(), NOWHERE)?;
        for _ in 0..settings.rounds {
            let end = Instant::now() + Duration::from_secs(settings.seconds);
            let began = Instant::now();
            let calls: Vec<_> =
                (0..callers).map(|caller| tokio::spawn(record_until(flowglad.clone(), caller, end))).collect();
            let mut waits = Vec::new();
            for of_caller in try_join_all(calls).await? {
                waits.extend(of_caller?);
            }
            let seconds = began.elapsed().as_secs_f64();
            say(&row(callers, seconds, waits));
        }
    }
    Ok(())
}

async fn record_until(flowglad: Flowglad, caller: usize, end: Instant) -> Result<Vec<Duration>, Failure> {
    let mut waits = Vec::new();
    let mut number = caller;
    while Instant::now() < end {
        number += 64;
        let customer = customer(number)?;
        let began = Instant::now();
        flowglad.usage().record(&customer, NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN)).await?;
        waits.push(began.elapsed());
    }
    Ok(waits)
}

fn row(callers: usize, seconds: f64, mut waits: Vec<Duration>) -> String {
    waits.sort_unstable();
    let at = |part: usize| waits[(waits.len() * part / 1_000).min(waits.len() - 1)];
    #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
    let rate = waits.len() as f64 / seconds;
    format!("| {callers} | {rate:.0} | {:.2?} | {:.2?} | {:.2?} |", at(500), at(990), at(1_000))
}
