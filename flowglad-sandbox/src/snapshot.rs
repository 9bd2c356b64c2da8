//! The whole state of a sandbox as JSON, to be put back later or elsewhere.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::ids::{Ids, IdsState};
use crate::records::Record;
use crate::store::{Store, Table, Tables};

/// Told in every snapshot, so that one of another form is refused instead of misread.
const VERSION: u32 = 1;
/// Where a row has the fields that its record's JSON does not show.
const HIDDEN: &str = "hidden";

/// The whole state of a sandbox: its records, its time, and where its ids go on. It holds the secrets of webhooks,
/// and no API key.
///
/// # Examples
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use flowglad_sandbox::{Sandbox, Snapshot};
///
/// let sandbox = Sandbox::start().await?;
/// let customer = sandbox.create_customer("user_42")?;
/// let json = serde_json::to_string(&sandbox.snapshot())?;
///
/// let other = Sandbox::start().await?;
/// other.restore(&serde_json::from_str::<Snapshot>(&json)?)?;
/// assert!(other.create_customer("user_42").is_err(), "the customer came along");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Snapshot(Value);

impl fmt::Debug for Snapshot {
    /// Leaves the content out: it is large, and holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

/// Why a document is no snapshot that this sandbox can restore.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a snapshot of a sandbox: {0}")]
pub struct SnapshotError(String);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content {
    version: u32,
    now: i64,
    organization_id: String,
    key_model_id: String,
    fail_next_payments: u32,
    ids: IdsState,
    tables: Map<String, Value>,
}

impl Snapshot {
    pub(crate) fn of(store: &Store, clock: &Clock) -> Self {
        let content = Content {
            version: VERSION,
            now: clock.now_ms(),
            organization_id: store.organization_id.clone(),
            key_model_id: store.key_model_id.clone(),
            fail_next_payments: store.fail_next_payments,
            ids: store.ids().state(),
            tables: store.tables.to_json(),
        };
        Self(serde_json::to_value(content).expect("records have text keys and no failing parts"))
    }

    /// The state as a store of its own, and the time to set. Nothing is changed by an error.
    pub(crate) fn open(&self, clock: &Clock) -> Result<(Store, i64), SnapshotError> {
        let content: Content = Content::deserialize(&self.0).map_err(|error| SnapshotError(error.to_string()))?;
        if content.version != VERSION {
            return Err(SnapshotError(format!("version {} is not {VERSION}", content.version)));
        }
        let mut store = Store::new(clock.clone(), Ids::random()).with_ids(Ids::of_state(&content.ids));
        store.tables = Tables::from_json(content.tables)?;
        store.organization_id = content.organization_id;
        store.key_model_id = content.key_model_id;
        store.fail_next_payments = content.fail_next_payments;
        Ok((store, content.now))
    }
}

/// The rows of a table. `hidden` gives the fields of a record that its own JSON leaves out.
pub(crate) fn rows<R: Record + Serialize>(table: &Table<R>, hidden: impl Fn(&R) -> Map<String, Value>) -> Value {
    let rows = table.iter().map(|record| {
        let mut row = serde_json::to_value(record).expect("records have text keys and no failing parts");
        let hidden = hidden(record);
        if !hidden.is_empty() {
            row[HIDDEN] = Value::Object(hidden);
        }
        row
    });
    rows.collect()
}

/// Fills an empty table. `set_hidden` puts back what `hidden` took in [`rows`].
pub(crate) fn fill<R: Record + DeserializeOwned>(
    table: &mut Table<R>,
    name: &str,
    rows: Option<Value>,
    set_hidden: impl Fn(&mut R, &Value) -> Result<(), serde_json::Error>,
) -> Result<(), SnapshotError> {
    let refused = |index: usize, problem: String| SnapshotError(format!("{name}.{index}: {problem}"));
    let rows = match rows {
        None => Vec::new(),
        Some(Value::Array(rows)) => rows,
        Some(_) => return Err(SnapshotError(format!("{name} must be an array"))),
    };
    for (index, mut row) in rows.into_iter().enumerate() {
        let hidden = row.as_object_mut().and_then(|row| row.remove(HIDDEN)).unwrap_or_default();
        let mut record: R = serde_json::from_value(row).map_err(|error| refused(index, error.to_string()))?;
        set_hidden(&mut record, &hidden).map_err(|error| refused(index, error.to_string()))?;
        if table.find(&record.head().id).is_some() {
            return Err(refused(index, format!("there is a record {} already", record.head().id)));
        }
        table.insert(record);
    }
    table.forget_undo();
    Ok(())
}

pub(crate) fn unknown_table(name: &str) -> SnapshotError {
    SnapshotError(format!("there is no table {name}"))
}
