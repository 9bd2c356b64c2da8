use std::{path::Path, sync::Arc, sync::Mutex, sync::PoisonError, time::Duration};

use flowglad_core::{
    cache::StoreError,
    webhook::{Claim, Claimed, DeliveryLog, WebhookEvent},
};
use futures_util::{FutureExt as _, future::BoxFuture};
use rusqlite::{Connection, Error, Result as SqlResult, Transaction, TransactionBehavior::Immediate, params};

/// A delivery without `claimed_by` was handled. The database's clock counts, so that processes agree.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS webhook_deliveries (
        delivery TEXT PRIMARY KEY, claimed_by TEXT, claimed_until REAL NOT NULL) STRICT;
    DELETE FROM webhook_deliveries WHERE claimed_until < unixepoch() - 3 * 24 * 60 * 60;";
const CLAIM: &str = "INSERT INTO webhook_deliveries VALUES (?1, ?2, unixepoch('subsec') + ?3)
    ON CONFLICT (delivery) DO UPDATE SET claimed_by = ?2, claimed_until = unixepoch('subsec') + ?3
    WHERE claimed_by IS NOT NULL AND claimed_until <= unixepoch('subsec')";
const IS_DONE: &str = "SELECT claimed_by IS NULL FROM webhook_deliveries WHERE delivery = ?1";
const MARK: &str = "UPDATE webhook_deliveries SET claimed_by = NULL WHERE delivery = ?1 AND claimed_by IS NOT NULL";
const RELEASE: &str = "DELETE FROM webhook_deliveries WHERE delivery = ?1 AND claimed_by = ?2";

/// The app's database, which also remembers what was handled.
#[derive(Clone, Debug)]
pub struct Database(Arc<Mutex<Connection>>);

impl Database {
    pub fn open(file: &Path) -> SqlResult<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(TABLE)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs a transaction on a thread that may block, and commits it if `act` succeeds.
    pub async fn transaction<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> SqlResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Self(connection) = self.clone();
        let run = move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction_with_behavior(Immediate)?;
            let result = act(&transaction)?;
            transaction.commit().map(|()| result)
        };
        Ok(tokio::task::spawn_blocking(run).await??)
    }
}

/// Marks an event as handled. In one transaction with its effect, both happen or neither does.
pub fn mark_handled(transaction: &Transaction<'_>, event: &WebhookEvent) -> SqlResult<()> {
    match transaction.execute(MARK, [event.delivery_key()])? {
        1 => Ok(()),
        // The claim ended, and the event was handled elsewhere: the error undoes this effect.
        _ => Err(Error::QueryReturnedNoRows),
    }
}

impl DeliveryLog for Database {
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        let (delivery, token) = (claim.delivery_key().to_owned(), claim.token().to_owned());
        let seconds = claim.expires_in().as_secs_f64();
        let claimed = self.transaction(move |transaction| {
            if transaction.execute(CLAIM, params![delivery, token, seconds])? == 1 {
                return Ok(Claimed::Now);
            }
            let is_done = transaction.query_row(IS_DONE, [delivery], |row| row.get(0))?;
            Ok(if is_done { Claimed::Done } else { Claimed::InFlight })
        });
        claimed.boxed()
    }

    fn done<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        let delivery = claim.delivery_key().to_owned();
        self.transaction(move |transaction| transaction.execute(MARK, [delivery]).map(drop)).boxed()
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        let (delivery, token) = (claim.delivery_key().to_owned(), claim.token().to_owned());
        self.transaction(move |transaction| transaction.execute(RELEASE, [delivery, token]).map(drop)).boxed()
    }
}
