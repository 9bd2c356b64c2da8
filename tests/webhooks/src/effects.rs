//! What the program did, in its database.

use rusqlite::{Connection, Result as SqlResult, Transaction};
use std::{path::Path, time::Duration};

use flowglad_core::webhook::WebhookEvent;

/// Nothing in it keeps an effect from happening twice.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS effects (delivery TEXT NOT NULL, object_id TEXT NOT NULL) STRICT";

/// Makes the table of effects.
///
/// # Errors
/// If the database fails.
pub fn make_table(transaction: &Transaction<'_>) -> SqlResult<()> {
    transaction.execute(TABLE, []).map(drop)
}

/// Makes the effect of an event.
///
/// # Errors
/// If the database fails.
pub fn make(transaction: &Transaction<'_>, event: &WebhookEvent) -> SqlResult<()> {
    let values = [event.delivery_key(), &event.id];
    transaction.execute("INSERT INTO effects VALUES (?1, ?2)", values).map(drop)
}

/// The deliveries whose effects are in a database, sorted; one that has two is there twice.
///
/// # Errors
/// If the database fails.
pub fn all(file: &Path) -> SqlResult<Vec<String>> {
    let connection = open(file)?;
    let mut rows = connection.prepare("SELECT delivery FROM effects ORDER BY delivery")?;
    rows.query_map([], |row| row.get(0))?.collect()
}

/// Lets the time of all claims run out, as if a killed program were away for long.
///
/// # Errors
/// If the database fails.
pub fn end_claims(file: &Path) -> SqlResult<usize> {
    open(file)?.execute("UPDATE webhook_deliveries SET claimed_until = 0 WHERE claimed_by IS NOT NULL", [])
}

fn open(file: &Path) -> SqlResult<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}
