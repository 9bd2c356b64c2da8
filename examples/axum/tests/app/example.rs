//! A running example: how it is started, asked and ended.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::Duration,
};

use flowglad_sandbox::Sandbox;
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};

/// The example of the package that compiles this test, which all examples share.
pub(crate) const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));
pub(crate) const SECRET: &str = "sk_test_never_to_be_seen_4f1c";

/// A running example, which is stopped when this value is dropped.
pub(crate) struct Example {
    process: Child,
    printed: Arc<Mutex<String>>,
    /// They read the output until the end, so that the program is never blocked by a full pipe.
    readers: Vec<JoinHandle<()>>,
    pub(crate) base_url: String,
    pub(crate) browser: Client,
    /// Its folder, if it is not the test's.
    usage: Option<Folder>,
    /// What it said before it listened.
    said: String,
}

impl Example {
    /// Starts it with a folder for usage of its own.
    pub(crate) fn start(environment: &[(&str, &str)]) -> Self {
        let usage = Folder::new();
        let mut started = Self::start_in(&usage, environment);
        started.usage = Some(usage);
        started
    }

    pub(crate) fn start_with(sandbox: &Sandbox, usage: &Folder) -> Self {
        let key = ("FLOWGLAD_SECRET_KEY", sandbox.api_key());
        Self::start_in(usage, &[key, ("FLOWGLAD_BASE_URL", sandbox.base_url())])
    }

    /// What the program says where it does not start.
    pub(crate) fn refuses_to_start(sandbox: &Sandbox, usage: &Folder) -> String {
        let mut program = Command::new(PROGRAM);
        program.env("PORT", "0").env("USAGE_DIR", &usage.0);
        program.env("FLOWGLAD_SECRET_KEY", sandbox.api_key()).env("FLOWGLAD_BASE_URL", sandbox.base_url());
        let output = program.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    /// How the program ends and what it says where it does not start.
    pub(crate) fn ends_at_start(environment: &[(&str, &str)]) -> (Option<i32>, String) {
        let usage = Folder::new();
        let mut program = Command::new(PROGRAM);
        program.env_remove("FLOWGLAD_SECRET_KEY").env("PORT", "0").env("USAGE_DIR", &usage.0);
        let output = without_auth(&mut program).envs(environment.iter().copied()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        drop(usage);
        (output.status.code(), said)
    }

    /// The URL and the key of the sandbox that it has started.
    pub(crate) fn own_sandbox(&self) -> (String, String) {
        let word_after = |words: &str| {
            let (_, after) = self.said.split_once(words).expect("it says so");
            after.split([' ', ',']).next().unwrap_or_default().to_owned()
        };
        (word_after("sandbox at "), word_after("with the key "))
    }

    fn start_in(usage: &Folder, environment: &[(&str, &str)]) -> Self {
        let mut process = without_auth(&mut Command::new(PROGRAM))
            .env_remove("FLOWGLAD_SECRET_KEY")
            .env_remove("FLOWGLAD_BASE_URL")
            .env_remove("SANDBOX_PORT")
            .env_remove("FLOWGLAD_WEBHOOK_SECRET")
            .env_remove("REDIS_URL")
            .env("PORT", "0")
            .env("USAGE_DIR", &usage.0)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut printed = String::new();
        let base_url = loop {
            let before = printed.len();
            assert!(stdout.read_line(&mut printed).unwrap() > 0, "ended before it listened:\n{printed}");
            if let Some(url) = printed[before..].strip_prefix("listening on ") {
                break url.trim().to_owned();
            }
        };
        let said = printed.clone();
        let printed = Arc::new(Mutex::new(printed));
        let errors = BufReader::new(process.stderr.take().unwrap());
        let readers = vec![read_along(&printed, stdout), read_along(&printed, errors)];
        let browser = Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
        Self { process, printed, readers, base_url, browser, usage: None, said }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.browser.post(format!("{}{path}", self.base_url)).json(&body).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.browser.get(format!("{}{path}", self.base_url)).send().await.unwrap()
    }

    /// A request that is not sent yet.
    pub(crate) fn asked(&self, path: &str) -> RequestBuilder {
        self.browser.get(format!("{}{path}", self.base_url))
    }

    pub(crate) async fn sign_in(&self, id: &str) {
        let user = json!({"id": id, "name": "Ada", "email": "ada@example.com"});
        assert_eq!(self.post("/login", user).await.status(), 204);
    }

    /// Stops the program at once (SIGKILL) and returns everything it printed.
    pub(crate) fn end(mut self) -> String {
        self.process.kill().unwrap();
        self.printed()
    }

    /// Asks the program to end by a signal, waits until it has, and returns how it ended and everything it printed.
    #[cfg(unix)]
    pub(crate) async fn end_by(mut self, signal: &str) -> (ExitStatus, String) {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
        // The test's own sandbox goes on meanwhile.
        let ended = tokio::task::spawn_blocking(move || (self.process.wait().unwrap(), self.printed()));
        ended.await.unwrap()
    }

    /// Whether the running program has printed this so far.
    pub(crate) fn has_printed(&self, words: &str) -> bool {
        self.printed.lock().unwrap().contains(words)
    }

    fn printed(&mut self) -> String {
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        self.printed.lock().unwrap().clone()
    }
}

/// What the machine that runs the test has set for another app.
fn without_auth(program: &mut Command) -> &mut Command {
    for name in ["AUTH", "CUSTOMER", "AUTH_SECRET", "AUTH_URL", "AUTH_COOKIE", "BETTER_AUTH_JWKS_URL"] {
        program.env_remove(name);
    }
    for name in ["CLERK_ISSUER", "CLERK_AUTHORIZED_PARTIES", "CLERK_SECRET_KEY", "SUPABASE_URL", "BETTER_AUTH_URL"] {
        program.env_remove(name);
    }
    program
}

fn read_along(text: &Arc<Mutex<String>>, output: impl BufRead + Send + 'static) -> JoinHandle<()> {
    let text = Arc::clone(text);
    std::thread::spawn(move || {
        for line in output.lines() {
            let line = line.unwrap();
            text.lock().unwrap().extend([&line, "\n"]);
        }
    })
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        drop(self.usage.take());
    }
}

/// A new folder, removed when this value is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let name = format!("usage-{}-{}", std::process::id(), FOLDERS.fetch_add(1, Relaxed));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        // A process of an earlier test may have had the same id.
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The status and body, after checking that they contain no secret.
pub(crate) async fn checked(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert!(!format!("{:?}", response.headers()).contains(SECRET));
    let body = response.text().await.unwrap();
    assert!(!body.contains(SECRET), "{body}");
    (status, body)
}

/// Asks again and again until it is so.
pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let asked_often = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        while !is_so().await {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asked_often).await.expect("it becomes so");
}
