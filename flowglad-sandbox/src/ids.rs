//! Where the ids of new records come from.

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// Length of the random part of an id, as the API makes it.
const RANDOM_PART: usize = 21;

/// The source of record ids: random, or a sequence that a seed fixes.
///
/// Two sandboxes with the same seed that get the same requests give the same ids.
///
/// # Examples
/// ```
/// # async fn run() -> Result<(), flowglad_sandbox::StartError> {
/// use flowglad_sandbox::{Clock, Ids, Sandbox};
///
/// let sandbox = Sandbox::builder().ids(Ids::from_seed(7)).clock(Clock::manual(1_767_225_600_000)).start().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Ids {
    records: Rng,
    /// Kept apart, so that a request that makes nothing does not move the ids of what the next one makes.
    requests: Rng,
}

/// Where the two sequences of ids go on, in hexadecimal: JSON numbers of this size lose digits in some tools.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdsState {
    #[serde(with = "hexadecimal")]
    records: u64,
    #[serde(with = "hexadecimal")]
    requests: u64,
}

mod hexadecimal {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{number:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let digits = String::deserialize(deserializer)?;
        u64::from_str_radix(&digits, 16).map_err(|_| D::Error::custom("expected up to 16 hexadecimal digits"))
    }
}

impl Ids {
    /// Ids that differ between any two sandboxes.
    #[must_use]
    pub fn random() -> Self {
        Self::from_seed(fastrand::u64(..))
    }

    /// The sequence of ids that belongs to this seed.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let mut records = Rng::with_seed(seed);
        let requests = records.fork();
        Self { records, requests }
    }

    pub(crate) fn state(&self) -> IdsState {
        IdsState { records: self.records.get_seed(), requests: self.requests.get_seed() }
    }

    pub(crate) fn from_state(state: &IdsState) -> Self {
        Self { records: Rng::with_seed(state.records), requests: Rng::with_seed(state.requests) }
    }

    /// A record id such as `cust_` and 21 letters and digits.
    pub(crate) fn record(&mut self, prefix: &str) -> String {
        let random: String = std::iter::repeat_with(|| self.records.alphanumeric()).take(RANDOM_PART).collect();
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

    /// The value of one answer's `X-Request-Id`.
    pub(crate) fn request(&mut self) -> String {
        format!("{:08x}", self.requests.u32(..))
    }
}

impl Default for Ids {
    fn default() -> Self {
        Self::random()
    }
}
