//! Where the ids of new records come from.

use fastrand::Rng;

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
/// let sandbox = Sandbox::builder().ids(Ids::seeded(7)).clock(Clock::manual(1_767_225_600_000)).start().await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Ids {
    records: Rng,
    /// Kept apart, so that a request that makes nothing does not move the ids of what the next one makes.
    requests: Rng,
}

impl Ids {
    /// Ids that differ between any two sandboxes.
    #[must_use]
    pub fn random() -> Self {
        Self::seeded(fastrand::u64(..))
    }

    /// The sequence of ids that belongs to this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut records = Rng::with_seed(seed);
        let requests = records.fork();
        Self { records, requests }
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
