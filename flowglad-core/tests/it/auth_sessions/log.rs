//! What core logs while a test runs.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};

use tracing::{Event, Level, Metadata, Subscriber, field::Field, span, subscriber::DefaultGuard};

/// The lines of core with their levels.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<(Level, String)>>>);

impl Log {
    /// Keeps the lines of this thread until the guard is dropped.
    pub(crate) fn keep() -> (Self, DefaultGuard) {
        let log = Self::default();
        let guard = tracing::subscriber::set_default(log.clone());
        (log, guard)
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        lines.iter().filter(|(level, _)| *level <= Level::WARN).map(|(_, text)| text.clone()).collect()
    }

    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n")
    }

    fn write(&self, level: Level, record: impl FnOnce(&mut dyn FnMut(&Field, &dyn Debug))) {
        let mut text = String::new();
        record(&mut |field, value| {
            let _ = write!(text, "{field}={value:?} ");
        });
        self.0.lock().unwrap().push((level, text));
    }
}

impl Subscriber for Log {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        of.target().starts_with("flowglad_core")
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        self.write(Level::TRACE, |visit| span.record(&mut |field: &Field, value: &dyn Debug| visit(field, value)));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        self.write(Level::TRACE, |visit| values.record(&mut |field: &Field, value: &dyn Debug| visit(field, value)));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let level = *event.metadata().level();
        self.write(level, |visit| event.record(&mut |field: &Field, value: &dyn Debug| visit(field, value)));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
