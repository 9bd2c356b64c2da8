//! The log of the process, to be looked at by cases.

use std::{
    io,
    sync::{LazyLock, Mutex},
};

use tokio::sync::watch;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

/// All that was logged at debug or above since [`Log::start`] was first called.
static LOGGED: LazyLock<watch::Sender<String>> = LazyLock::new(|| watch::Sender::new(String::new()));

static STARTED: Mutex<bool> = Mutex::new(false);

/// The log of the process.
#[derive(Debug)]
pub struct Log(watch::Receiver<String>);

impl Log {
    /// Starts logging, for the whole process.
    #[must_use]
    pub fn start() -> Self {
        let mut started = STARTED.lock().unwrap();
        if !*started {
            // Without the bridge from the crate `log`, by which Rocket writes whole requests at this level.
            let logger = tracing_subscriber::fmt().with_ansi(false).with_max_level(Level::DEBUG).with_writer(Writer);
            tracing::subscriber::set_global_default(logger.finish()).unwrap();
            *started = true;
        }
        Self(LOGGED.subscribe())
    }

    /// Waits for a line that holds all these texts, and returns it.
    pub async fn line_with(&mut self, texts: &[&str]) -> String {
        let is_it = |line: &&str| texts.iter().all(|text| line.contains(text));
        let logged = self.0.wait_for(|logged| logged.lines().any(|line| is_it(&line))).await.unwrap();
        logged.lines().find(is_it).unwrap().to_owned()
    }

    /// All lines so far.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.borrow().clone()
    }
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        LOGGED.send_modify(|logged| logged.push_str(&String::from_utf8_lossy(text)));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Writer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
