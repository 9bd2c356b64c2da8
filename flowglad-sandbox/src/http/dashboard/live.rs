//! Lets open pages know that there is something new, by server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use futures_util::{Stream, stream};
use tokio::sync::watch;

use crate::state::SandboxState;

/// How often a page can be made to load again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(300);

/// Ends when the sandbox stops.
#[derive(Clone)]
pub(crate) struct Stopped(pub(crate) watch::Receiver<()>);

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route("/dashboard/changes", get(changes))
}

async fn changes(
    State(state): State<Arc<SandboxState>>,
    Extension(stopped): Extension<Stopped>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let revisions = stream::unfold((state, stopped, String::new()), |(state, mut stopped, seen)| async move {
        let revision = next_revision(&state, &mut stopped, &seen).await?;
        let event = Event::default().data(&revision);
        Some((Ok(event), (state, stopped, revision)))
    });
    Sse::new(revisions).keep_alive(KeepAlive::default())
}

/// Waits for a revision that was not seen; none if the sandbox stops.
async fn next_revision(state: &SandboxState, stopped: &mut Stopped, seen: &str) -> Option<String> {
    loop {
        let revision = state.revision();
        if revision != seen {
            return Some(revision);
        }
        tokio::select! {
            () = tokio::time::sleep(SHORTEST_PAUSE) => {}
            changed = stopped.0.changed() => changed.ok()?,
        }
    }
}
