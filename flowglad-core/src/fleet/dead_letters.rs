//! The dead letters of a fleet: those of the stream, and those of the local outbox.

use crate::{
    cache::StoreError,
    fleet::{scripts, usage::FleetUsage},
    model::Timestamp,
    outbox::{DeadRecord, Sequence, StoredRecord},
};
use redis::cmd;

/// The dead letters of the local outbox come after those of the stream.
const LOCAL: Sequence = 1 << 63;

/// So many are read by one call at most.
const AT_ONCE: usize = 4_096;

impl FleetUsage {
    pub(super) async fn dead_after(&self, after: Sequence, limit: usize) -> Result<Vec<DeadRecord>, StoreError> {
        let mut letters = Vec::new();
        if after < LOCAL {
            let mut script = scripts::DEAD_LETTERS.key(self.dead_letters());
            let found: Vec<(Sequence, i64, Vec<u8>, Vec<u8>)> =
                self.shared.link.invoke(script.arg(after).arg(limit.min(AT_ONCE))).await?;
            letters.extend(found.into_iter().map(|(sequence, recorded_at, bytes, reason)| {
                let recorded_at = Timestamp::from_millis(recorded_at);
                DeadRecord {
                    record: StoredRecord { sequence, recorded_at, bytes: bytes.into() },
                    reason: reason.into(),
                }
            }));
        }
        if let Some(local) = self.local.as_ref().filter(|_| letters.len() < limit) {
            let of_local = local.dead(after.saturating_sub(LOCAL), limit - letters.len()).await?;
            letters.extend(of_local.into_iter().map(|mut letter| {
                letter.record.sequence |= LOCAL;
                letter
            }));
        }
        Ok(letters)
    }

    pub(super) async fn discard_all(&self, dead: Vec<Sequence>) -> Result<u64, StoreError> {
        let (of_local, of_stream): (Vec<_>, Vec<_>) = dead.into_iter().partition(|sequence| *sequence >= LOCAL);
        let mut discarded = 0;
        for sequence in of_stream {
            let mut remove = cmd("ZREMRANGEBYSCORE");
            discarded +=
                self.shared.link.query::<u64>(remove.arg(self.dead_letters()).arg(sequence).arg(sequence)).await?;
        }
        if let Some(local) = self.local.as_ref().filter(|_| !of_local.is_empty()) {
            discarded += local.discard(of_local.into_iter().map(|sequence| sequence & !LOCAL).collect()).await?;
            self.note_local(&**local).await;
        }
        Ok(discarded)
    }
}
