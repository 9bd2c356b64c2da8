//! A million records that wait: the memory that they take, and how long a start with them takes.

use std::{fs, num::NonZeroU64, path::Path, process::id, time::Instant};

use flowglad_axum::flowglad_core::api::NewUsageEvent;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Folder, customer, recorder};
use crate::{Failure, pass_through::this_program, process::resident_memory, say};

const EVENTS: usize = 1_000_000;

/// Nothing is sent to it.
const NOWHERE: &str = "http://127.0.0.1:9";

/// Each in a process of its own, so that its memory is of this only.
pub(super) fn run() -> Result<(), Failure> {
    let folder = Folder::new("backlog")?;
    let path = folder.path().to_str().ok_or("the temporary folder has a strange name")?;
    say(&format!("\n{EVENTS} events that wait\n"));
    for verb in ["fill", "start"] {
        let status = this_program(&[verb, path])?.status()?;
        if !status.success() {
            return Err("the process with the waiting events failed".into());
        }
    }
    Ok(())
}

#[tokio::main(flavor = "multi_thread")]
pub(crate) async fn fill(folder: &str) -> Result<(), Failure> {
    let flowglad = recorder(Path::new(folder), NOWHERE)?;
    let began = Instant::now();
    let record = async |number| {
        let event = NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN);
        flowglad.usage().record(&customer(number)?, event).await?;
        Ok::<_, Failure>(())
    };
    stream::iter(0..EVENTS).map(record).buffer_unordered(256).try_collect::<()>().await?;
    let (seconds, memory) = (began.elapsed().as_secs_f64(), resident_memory(id())?);
    let stats = flowglad.usage().stats();
    say(&format!(
        "recorded in {seconds:.1} s; {} pending; resident memory of the process {memory:.0} MiB",
        stats.pending
    ));
    Ok(())
}

#[tokio::main(flavor = "multi_thread")]
pub(crate) async fn start(folder: &str) -> Result<(), Failure> {
    let began = Instant::now();
    let flowglad = recorder(Path::new(folder), NOWHERE)?;
    let opened = began.elapsed();
    flowglad.usage().record(&customer(0)?, NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN)).await?;
    let ready = began.elapsed();
    let size: u64 =
        fs::read_dir(folder)?.map(|file| Ok(file?.metadata()?.len())).sum::<Result<u64, std::io::Error>>()?;
    let memory = resident_memory(id())?;
    say(&format!(
        "started again: opened in {opened:.2?}, first record durable after {ready:.2?}; {} pending; resident memory \
         {memory:.0} MiB; files {} MiB",
        flowglad.usage().stats().pending,
        size >> 20
    ));
    Ok(())
}
