//! The whole state of a sandbox as JSON.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    clock::Clock,
    ids::{IdPosition, Ids},
    snapshot_check::check,
    store::{Store, tables::Tables},
};

/// Written into every snapshot, so that one of another form is refused instead of misread.
const VERSION: u32 = 1;

/// The whole state of a sandbox: its records, its time, and the position in its sequence of ids. It contains the
/// secrets of webhooks, but no API key.
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
    /// Omits the content: it is large and contains secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

/// Why a sandbox cannot restore a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fail_payments_of: BTreeMap<String, u32>,
    ids: IdPosition,
    tables: Map<String, Value>,
}

impl Snapshot {
    pub(crate) fn from_store(store: &Store, clock: &Clock) -> Self {
        let content = Content {
            version: VERSION,
            now: clock.now_ms(),
            organization_id: store.organization_id.clone(),
            key_model_id: store.key_model_id.clone(),
            fail_next_payments: store.fail_next_payments,
            fail_payments_of: store.fail_payments_of.clone(),
            ids: store.ids().position(),
            tables: store.tables.to_json(),
        };
        Self(serde_json::to_value(content).expect("records have text keys and no failing parts"))
    }

    /// The state as a new store, and the time to set.
    pub(crate) fn to_store(&self, clock: &Clock, ids: &Ids) -> Result<(Store, i64), SnapshotError> {
        let content: Content = Content::deserialize(&self.0).map_err(|error| SnapshotError(error.to_string()))?;
        if content.version != VERSION {
            return Err(SnapshotError(format!("version {} is not {VERSION}", content.version)));
        }
        let tables = Tables::from_json(content.tables).map_err(SnapshotError)?;
        check(content.now, &tables).map_err(SnapshotError)?;
        let mut store = Store::with_tables(clock.clone(), ids.resume(&content.ids), tables);
        store.organization_id = content.organization_id;
        store.key_model_id = content.key_model_id;
        store.fail_next_payments = content.fail_next_payments;
        store.fail_payments_of = content.fail_payments_of.into_iter().filter(|(_, times)| *times > 0).collect();
        Ok((store, content.now))
    }
}
