//! The metered routes that every test app has, and what their handlers do.

use std::{
    collections::HashMap,
    num::NonZeroU64,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use bytes::Bytes;
use flowglad_core::usage::{Meter, MeteredRequest, MeteredResponse, UsageCounter};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::{mpsc, watch};

/// The request header that says what a handler does: a status to answer, `panic`, or the name of a [`Job`].
pub const WORK_HEADER: &str = "x-work";

/// The body of a handler's answer.
pub const DONE: &str = "done";

/// A handler that counts 7 units, and answers as the others do.
pub const COUNTED: &str = "/metered/counted";

/// Routes whose handlers answer with a stream of [`Job::send`], counting a unit for each byte.
#[must_use]
pub fn streams() -> Vec<(&'static str, Meter)> {
    vec![
        ("/metered/stream-of-bytes", Meter::new("api_calls").per_bytes(NonZeroU64::new(10).unwrap(), 1)),
        ("/metered/stream-of-tokens", Meter::new("api_calls").counted(1)),
    ]
}

/// The meter of [`COUNTED`].
pub fn counted() -> Meter {
    Meter::new("api_calls").counted(1)
}

/// Routes with a meter of their own. Each accepts POST, takes the customer and does what [`work`] does.
#[must_use]
pub fn meters() -> Vec<(&'static str, Meter)> {
    let three = || Meter::new("api_calls").cost(3);
    vec![
        ("/metered/one", "api_calls".into()),
        ("/metered/three", three()),
        ("/metered/free", three().cost(0)),
        ("/metered/of-request", Meter::new("api_calls").cost_of_request(units)),
        ("/metered/of-response", Meter::new("api_calls").cost_of_response(1, length)),
        ("/metered/bytes", Meter::new("api_calls").per_bytes(NonZeroU64::new(3).unwrap(), 1)),
        ("/metered/failures", three().charge_if(|status| status == 404)),
        ("/metered/upgrade", three().upgrade_url("/credits")),
        ("/metered/waits", three().wait_for_key(Duration::from_secs(600))),
        ("/metered/without-key", three().without_key()),
        ("/metered/key-of-path", three().key_from(|request| Some(request.path_and_query.to_owned()))),
        ("/metered/paid-afterwards", Meter::new("pages")),
        ("/metered/credits-only", Meter::new("pages").credits_only()),
        ("/metered/overdraft", Meter::new("api_calls").cost(1_000_000).allow_overdraft()),
    ]
}

/// The header `x-units`.
fn units(request: &MeteredRequest<'_>) -> u64 {
    request.headers.header("x-units").unwrap().parse().unwrap()
}

/// The bytes of a text.
fn length(response: &MeteredResponse<'_>) -> u64 {
    assert!(response.headers.header("content-type").unwrap().starts_with("text/plain"));
    response.body_bytes.unwrap()
}

/// What a handler does, by the header [`WORK_HEADER`]. Returns the status of its answer, which is [`DONE`].
pub async fn work(header: Option<&str>) -> u16 {
    match header {
        None => 200,
        Some("panic") => panic!("the app's own code panics, as this test wants it to"),
        Some(header) => match header.parse() {
            Ok(status) => status,
            Err(_) => Job::named(header).run().await,
        },
    }
}

/// The stream of the job that the header [`WORK_HEADER`] names.
pub fn streamed(header: &str, counter: UsageCounter) -> impl Stream<Item = Bytes> + Send + use<> {
    let chunks = Job::named(header).0.chunks.lock().unwrap().take().unwrap();
    let chunks = stream::unfold(chunks, |mut chunks| async { chunks.recv().await.map(|chunk| (chunk, chunks)) });
    chunks.inspect(move |chunk| counter.add(chunk.len() as u64))
}

static JOBS: LazyLock<Mutex<HashMap<String, Job>>> = LazyLock::new(Mutex::default);

/// The work of a handler, as a case sees and moves it.
#[derive(Clone, Debug)]
pub struct Job(Arc<State>);

#[derive(Debug)]
struct State {
    begun: watch::Sender<usize>,
    may_end: watch::Sender<bool>,
    succeeded: watch::Sender<usize>,
    ended: watch::Sender<usize>,
    sender: Mutex<Option<mpsc::UnboundedSender<Bytes>>>,
    chunks: Mutex<Option<mpsc::UnboundedReceiver<Bytes>>>,
}

impl Job {
    /// The job with this name, which is that of one case on one adapter.
    #[must_use]
    pub fn named(name: &str) -> Self {
        JOBS.lock().unwrap().entry(name.to_owned()).or_insert_with(Self::new).clone()
    }

    fn new() -> Self {
        let (sender, chunks) = mpsc::unbounded_channel();
        Self(Arc::new(State {
            begun: watch::Sender::new(0),
            may_end: watch::Sender::new(false),
            succeeded: watch::Sender::new(0),
            ended: watch::Sender::new(0),
            sender: Mutex::new(Some(sender)),
            chunks: Mutex::new(Some(chunks)),
        }))
    }

    async fn run(&self) -> u16 {
        let _ended = Ended(self.clone());
        self.0.begun.send_modify(|begun| *begun += 1);
        self.0.may_end.subscribe().wait_for(|may_end| *may_end).await.unwrap();
        self.0.succeeded.send_modify(|succeeded| *succeeded += 1);
        200
    }

    /// Waits until it runs in a handler.
    pub async fn begun(&self) {
        self.0.begun.subscribe().wait_for(|begun| *begun > 0).await.unwrap();
    }

    /// Lets it end.
    pub fn end(&self) {
        self.0.may_end.send_replace(true);
    }

    /// Waits until it has ended or was dropped, and returns how often it has succeeded.
    pub async fn succeeded(&self) -> usize {
        self.0.ended.subscribe().wait_for(|ended| *ended > 0).await.unwrap();
        *self.0.succeeded.borrow()
    }

    /// Sends a chunk of a stream.
    pub fn send(&self, chunk: &'static str) {
        self.0.sender.lock().unwrap().as_ref().unwrap().send(Bytes::from_static(chunk.as_bytes())).unwrap();
    }

    /// Sends a chunk of a stream, if it was not dropped.
    pub fn send_if_open(&self, chunk: &'static str) {
        let sender = self.0.sender.lock().unwrap();
        // Its receiver goes with the response.
        let _ = sender.as_ref().unwrap().send(Bytes::from_static(chunk.as_bytes()));
    }

    /// Ends a stream.
    pub fn end_stream(&self) {
        self.0.sender.lock().unwrap().take();
    }
}

struct Ended(Job);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.0.ended.send_modify(|ended| *ended += 1);
    }
}
