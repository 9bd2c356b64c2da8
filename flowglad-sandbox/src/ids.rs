//! The source of ids.

use std::sync::{Mutex, PoisonError};

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// The length of the random part of an id, as on the API.
const RANDOM_PART: usize = 21;

/// Where a sandbox's ids come from: they are random, or a seed determines them.
///
/// Two sandboxes with the same seed create the same ids for the same requests, and a reset begins with the same ids again.
/// Random ids never come again. The ids of webhook messages (`svix-id`) do not come again in either case as long as a sandbox
/// runs, also after a reset or restore, so that an app which remembers them handles every event.
///
/// # Examples
/// ```
/// # async fn run() -> Result<(), flowglad_sandbox::StartError> {
/// use flowglad_sandbox::{Clock, Ids, Sandbox};
///
/// let sandbox = Sandbox::builder().ids(Ids::from_seed(7)).clock(Clock::manual(1_767_225_600_000)).start().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ids {
    seed: Option<u64>,
}

/// The ids of one state of a sandbox.
#[derive(Debug)]
pub(crate) struct IdSequence {
    records: Rng,
    /// Separate, so that a request that creates nothing does not change the ids of later records.
    requests: Rng,
}

/// The ids of webhook messages, which go on when the state is replaced.
#[derive(Debug)]
pub(crate) struct MessageIds(Mutex<Rng>);

/// How far an [`IdSequence`] is, in hexadecimal: JSON numbers of this size lose digits in some tools.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdPosition {
    #[serde(with = "hexadecimal")]
    records: u64,
    #[serde(with = "hexadecimal")]
    requests: u64,
}

mod hexadecimal {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde requires this signature")]
    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{number:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let digits = String::deserialize(deserializer)?;
        u64::from_str_radix(&digits, 16).map_err(|_| D::Error::custom("expected up to 16 hexadecimal digits"))
    }
}

impl Ids {
    /// Random ids.
    #[must_use]
    pub fn random() -> Self {
        Self::default()
    }

    /// The ids that a seed determines.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self { seed: Some(seed) }
    }

    /// The ids of a new state.
    pub(crate) fn begin(&self) -> IdSequence {
        self.sequences().0
    }

    /// The ids of a restored state: those that followed in it, unless ids are random.
    pub(crate) fn resume(&self, position: &IdPosition) -> IdSequence {
        match self.seed {
            Some(_) => {
                IdSequence { records: Rng::with_seed(position.records), requests: Rng::with_seed(position.requests) }
            }
            None => self.begin(),
        }
    }

    pub(crate) fn messages(&self) -> MessageIds {
        self.sequences().1
    }

    fn sequences(&self) -> (IdSequence, MessageIds) {
        let mut records = Rng::with_seed(self.seed.unwrap_or_else(|| fastrand::u64(..)));
        let mut requests = records.fork();
        let messages = MessageIds(Mutex::new(requests.fork()));
        (IdSequence { records, requests }, messages)
    }
}

impl MessageIds {
    /// The id of one event's message to every webhook.
    pub(crate) fn next(&self) -> String {
        // A random source is usable whatever happened while the lock was held.
        id("msg", &mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn id(prefix: &str, source: &mut Rng) -> String {
    let random: String = std::iter::repeat_with(|| source.alphanumeric()).take(RANDOM_PART).collect();
    format!("{prefix}_{random}")
}

impl IdSequence {
    pub(crate) fn position(&self) -> IdPosition {
        IdPosition { records: self.records.get_seed(), requests: self.requests.get_seed() }
    }

    /// A record id such as `cust_` and 21 letters and digits.
    pub(crate) fn record(&mut self, prefix: &str) -> String {
        id(prefix, &mut self.records)
    }

    /// As [`Self::record`], where the random part can also have `-` and `_`.
    pub(crate) fn record_with_dashes(&mut self, prefix: &str) -> String {
        let random = std::iter::repeat_with(|| match self.records.u8(..64) {
            62 => '-',
            63 => '_',
            _ => self.records.alphanumeric(),
        });
        let random: String = random.take(RANDOM_PART).collect();
        format!("{prefix}_{random}")
    }

    /// The part of an invoice number that belongs to one customer: seven of `A-F0-9`.
    pub(crate) fn invoice_number_base(&mut self) -> String {
        std::iter::repeat_with(|| self.records.digit(16).to_ascii_uppercase()).take(7).collect()
    }

    /// The key that a webhook's deliveries are signed with.
    pub(crate) fn secret_bytes(&mut self) -> [u8; 24] {
        let mut bytes = [0; 24];
        self.records.fill(&mut bytes);
        bytes
    }

    /// The value of one response's `X-Request-Id`.
    pub(crate) fn request(&mut self) -> String {
        format!("{:08x}", self.requests.u32(..))
    }

    /// The value of one response's `X-Trace-Id`, or the id of the report about an error.
    pub(crate) fn trace(&mut self) -> String {
        format!("{:032x}", self.requests.u128(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_may_have_dashes_have_them() {
        let mut ids = Ids::from_seed(1).begin();
        let has_dash = |id: String| id.trim_start_matches("res_claim_").contains(['-', '_']);
        let dashed = (0..1_000).filter(|_| has_dash(ids.record_with_dashes("res_claim"))).count();
        assert!((300..700).contains(&dashed), "{dashed}");
        assert!((0..1_000).all(|_| !has_dash(ids.record("res_claim"))));
    }
}
