//! The signals that ask the program to stop: those of a terminal, and those of a supervisor where there are such.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

pub(crate) struct StopSignals {
    #[cfg(unix)]
    kinds: Vec<Signal>,
}

impl StopSignals {
    #[cfg(unix)]
    pub(crate) fn new() -> io::Result<Self> {
        let mut kinds = vec![signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        if !outlives_terminal() {
            kinds.push(signal(SignalKind::hangup())?);
        }
        Ok(Self { kinds })
    }

    #[cfg(unix)]
    pub(crate) async fn received(mut self) -> io::Result<()> {
        let each = self.kinds.iter_mut().map(|kind| Box::pin(kind.recv()));
        futures_util::future::select_all(each).await;
        Ok(())
    }

    #[cfg(not(unix))]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(crate) async fn received(self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}

/// Whether the program was started so that the end of its terminal does not end it, as by `nohup`. A handler would undo that.
/// Only Linux says so.
#[cfg(unix)]
fn outlives_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The first bit is SIGHUP, which is signal 1.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
