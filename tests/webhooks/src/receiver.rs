//! The program that is killed: an app that handles webhooks in transactions of its own database.

use std::{
    io::{BufRead as _, Write as _},
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use axum::Router;
use flowglad_axum::webhook;
use flowglad_core::{
    Flowglad,
    cache::StoreError,
    webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets},
};
use lexopt::{Arg, Parser, ValueExt as _};
use tokio::net::TcpListener;

use crate::{
    Failure, effects,
    point::Point,
    sql_log::{Database, mark_handled},
};

/// The arguments of the program.
#[derive(Debug)]
struct Options {
    listen: SocketAddr,
    database: PathBuf,
    secrets: Option<WebhookSecrets>,
    stop_at: Option<Point>,
    failures: u32,
    marks_later: bool,
}

/// Runs the program with the arguments that follow. It prints its address, then the points where it stops.
///
/// # Errors
/// If an argument is wrong, the database does not open, or the address is in use.
pub async fn run(arguments: Parser) -> Result<(), Failure> {
    let options = options(arguments)?;
    let app = App {
        database: Database::open(&options.database)?,
        stop_at: options.stop_at,
        failures: Arc::new(AtomicU32::new(options.failures)),
        marks_later: options.marks_later,
    };
    app.database.transaction(effects::make_table).await?;
    // Its events name their customers, so that nothing is read.
    let flowglad = Flowglad::builder().api_key("sk_test_webhooks").base_url("http://127.0.0.1:9").build()?;
    let secrets = options.secrets.ok_or("--secret is missing")?;
    let log = app.database.clone();
    let receiver = WebhookReceiver::new(&flowglad, secrets, async move |event| app.handle(event).await).log(log);
    let listener = TcpListener::bind(options.listen).await?;
    print(&format!("listening on http://{}", listener.local_addr()?))?;
    axum::serve(listener, Router::new().route("/webhooks", webhook(receiver))).await?;
    Ok(())
}

fn options(mut arguments: Parser) -> Result<Options, Failure> {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut options =
        Options { listen, database: PathBuf::new(), secrets: None, stop_at: None, failures: 0, marks_later: false };
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("listen") => options.listen = arguments.value()?.parse()?,
            Arg::Long("database") => options.database = arguments.value()?.into(),
            Arg::Long("secret") => options.secrets = Some(arguments.value()?.parse()?),
            Arg::Long("stop-at") => options.stop_at = Some(arguments.value()?.string()?.parse()?),
            Arg::Long("failures") => options.failures = arguments.value()?.parse()?,
            Arg::Long("marks-later") => options.marks_later = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

#[derive(Clone)]
struct App {
    database: Database,
    stop_at: Option<Point>,
    /// How many events fail after their effect was made, from now on.
    failures: Arc<AtomicU32>,
    /// Leaves it to the receiver to mark a delivery as handled, which it does after the effect.
    marks_later: bool,
}

impl App {
    async fn handle(self, event: WebhookEvent) -> Result<(), StoreError> {
        let (database, app) = (self.database.clone(), self.clone());
        let key = event.delivery_key().to_owned();
        self.pass(Point::Claimed, &key);
        let handled = database.transaction(move |transaction| {
            effects::make(transaction, &event)?;
            app.pass(Point::Made, event.delivery_key());
            if app.failures.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
                // As any error of the app would.
                return Err(rusqlite::Error::ExecuteReturnedResults);
            }
            if app.marks_later { Ok(()) } else { mark_handled(transaction, &event) }
        });
        handled.await?;
        self.pass(Point::Committed, &key);
        Ok(())
    }

    /// Prints the point if it is where to stop, and waits for a line.
    fn pass(&self, point: Point, delivery: &str) {
        if self.stop_at == Some(point) && print(&format!("{point} {delivery}")).is_ok() {
            // It blocks a thread, as it stands for a program that is killed right here.
            let _ = std::io::stdin().lock().read_line(&mut String::new());
        }
    }
}

fn print(line: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}
