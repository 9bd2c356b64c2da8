//! One instance of the example.

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering::SeqCst},
    },
    time::Duration,
};

use redis_process::Failure;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};

const READY: &str = "listening on ";
/// As a service manager waits, and long enough to see what the others do.
const START_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// The examples end within ten.
const END_WITHIN: Duration = Duration::from_secs(12);

/// What every instance is started with.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) program: PathBuf,
    pub(crate) redis_url: String,
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    pub(crate) webhook_secret: String,
    /// A folder for a folder of each.
    pub(crate) usage: PathBuf,
}

/// An instance that is started again whenever it ends, until it is asked to end.
pub(crate) struct Instance {
    port: u16,
    state: Arc<State>,
    kept_running: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    is_to_end: AtomicBool,
    /// 0 while none runs.
    process: AtomicI32,
}

impl Instance {
    /// Starts it, and waits until it listens.
    pub(crate) async fn start(settings: Settings, port: u16) -> Result<Self, Failure> {
        let state = Arc::<State>::default();
        let process = spawn(&settings, port, &state).await?;
        let kept_running = tokio::spawn(keep_running(process, settings, port, Arc::clone(&state)));
        Ok(Self { port, state, kept_running })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Lets it end by itself.
    pub(crate) fn ask_to_end(&self) {
        self.state.is_to_end.store(true, SeqCst);
        if let Some(process) = Pid::from_raw(self.state.process.load(SeqCst)) {
            // It may have ended just now.
            let _ = kill_process(process, Signal::TERM);
        }
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(mut self) {
        if timeout(END_WITHIN, &mut self.kept_running).await.is_err() {
            println!("[{}] did not end in time, and is killed", self.port);
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // Drops the process, which ends with its value.
        self.kept_running.abort();
    }
}

async fn keep_running(mut process: Child, settings: Settings, port: u16, state: Arc<State>) {
    loop {
        let status = process.wait().await;
        state.process.store(0, SeqCst);
        if state.is_to_end.load(SeqCst) {
            return;
        }
        println!("[{port}] {}, and is started again in 5 seconds", ending(status));
        loop {
            sleep(START_AGAIN_AFTER).await;
            if state.is_to_end.load(SeqCst) {
                return;
            }
            match spawn(&settings, port, &state).await {
                Ok(started) => break process = started,
                Err(failure) => println!("[{port}] {failure}"),
            }
        }
    }
}

fn ending(status: std::io::Result<ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| format!("ended with {status}"))
}

async fn spawn(settings: &Settings, port: u16, state: &State) -> Result<Child, Failure> {
    let mut command = Command::new(&settings.program);
    command.env("PORT", port.to_string()).env("REDIS_URL", &settings.redis_url);
    command.env("FLOWGLAD_BASE_URL", &settings.base_url).env("FLOWGLAD_SECRET_KEY", &settings.api_key);
    command.env("FLOWGLAD_WEBHOOK_SECRET", &settings.webhook_secret);
    command.env("USAGE_DIR", settings.usage.join(port.to_string()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process =
        command.spawn().map_err(|error| format!("cannot start {}: {error}", settings.program.display()))?;
    let id = process.id().unwrap_or_default();
    state.process.store(id.try_into().unwrap_or_default(), SeqCst);
    let (is_ready, mut ready) = mpsc::channel(1);
    if let (Some(output), Some(errors)) = (process.stdout.take(), process.stderr.take()) {
        tokio::spawn(show(output, port, Some(is_ready)));
        tokio::spawn(show(errors, port, None));
    }
    match ready.recv().await {
        Some(()) => println!("[{port}] runs as process {id}"),
        None => return Err(format!("the instance at port {port} {}", ending(process.wait().await)).into()),
    }
    Ok(process)
}

/// Prints what an instance prints, and says when it listens.
async fn show(output: impl AsyncRead + Unpin, port: u16, mut is_ready: Option<mpsc::Sender<()>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        println!("[{port}] {line}");
        if line.contains(READY)
            && let Some(is_ready) = is_ready.take()
        {
            // It waits until then, or has been ended.
            let _ = is_ready.send(()).await;
        }
    }
}
