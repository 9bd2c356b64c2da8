//! How long billing may be answered from memory.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{billing::Freshness, cache::store::BillingStore, error::Error};

/// After a failed read the next one waits this long, and twice as long after each further failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A question that cannot be answered by older billing fails at once, if a read failed this recently.
const SAME_FAILURE: Duration = Duration::from_secs(1);

/// The memory for billing: how much it holds, and how long it answers. Given to
/// [`FlowgladBuilder::cache`](crate::FlowgladBuilder::cache).
///
/// | age of what is known | answer |
/// | --- | --- |
/// | less than [`fresh_for`](Self::fresh_for) | from memory |
/// | less than [`revalidate_for`](Self::revalidate_for) | from memory, while one read runs in the background |
/// | more | after a read |
/// | the read fails, less than [`stale_if_error`](Self::stale_if_error) | from memory, marked as stale, to gates and to reads that ask for it ([`Freshness::CachedOrStale`]) |
///
/// ```
/// use std::time::Duration;
/// use flowglad_core::{Flowglad, cache::BillingCache};
///
/// # fn main() -> Result<(), flowglad_core::Error> {
/// let cache = BillingCache::new().max_bytes(256 << 20).fresh_for(Duration::from_secs(30));
/// let flowglad = Flowglad::builder().api_key("sk_test_example").cache(cache).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until a builder has it"]
pub struct BillingCache {
    pub(super) max_bytes: usize,
    fresh_for: Duration,
    revalidate_for: Duration,
    stale_if_error: Duration,
    pub(super) store: Option<Arc<dyn BillingStore>>,
}

impl BillingCache {
    /// The default rules: 64 MiB; fresh for 10 seconds, revalidated for 60 seconds, stale for 1 hour.
    pub const fn new() -> Self {
        Self {
            max_bytes: 64 << 20,
            fresh_for: Duration::from_secs(10),
            revalidate_for: Duration::from_secs(60),
            stale_if_error: Duration::from_secs(60 * 60),
            store: None,
        }
    }

    /// Sets how many bytes the documents, with their typed views, may take: about five times the length of the
    /// documents is counted. The customer that was not asked about for the longest time is forgotten first. A document
    /// that is larger than all of it is not kept.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the age up to which billing is answered from memory without a read.
    pub fn fresh_for(mut self, age: Duration) -> Self {
        self.fresh_for = age;
        self
    }

    /// Sets the age up to which billing is answered from memory while it is read in the background.
    pub fn revalidate_for(mut self, age: Duration) -> Self {
        self.revalidate_for = age;
        self
    }

    /// Sets the age up to which billing is answered from memory if Flowglad cannot be read.
    pub fn stale_if_error(mut self, age: Duration) -> Self {
        self.stale_if_error = age;
        self
    }

    /// Sets a second memory, which several instances of the app share: what one has read the others need not read, and
    /// what one changes the others forget. Default: none.
    pub fn store(mut self, store: impl BillingStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The age of the oldest billing that may be answered.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn oldest(&self) -> Duration {
        self.fresh_for.max(self.revalidate_for).max(self.stale_if_error)
    }

    /// Whether billing of this age may be answered if Flowglad cannot be read.
    pub(super) fn may_be_stale(&self, age: Duration) -> bool {
        age < self.stale_if_error
    }

    /// What to do with a question, where billing of this age is known.
    pub(super) fn judge(
        &self,
        freshness: Freshness,
        Age { age, is_up_to_date }: Age,
        now: Instant,
        failure: Option<&Failure>,
    ) -> Verdict {
        let revalidate_for = if is_up_to_date { self.revalidate_for } else { self.fresh_for };
        let pause = failure.is_some_and(|failure| now < failure.next_try);
        match freshness {
            Freshness::NoOlderThan(limit) if age <= limit => Verdict::Fresh,
            Freshness::NoOlderThan(_) => match failure {
                Some(failure) if now < failure.at + SAME_FAILURE => Verdict::Fail(failure.error.clone()),
                _ => Verdict::Read,
            },
            Freshness::Cached | Freshness::CachedOrStale if age < self.fresh_for => Verdict::Fresh,
            Freshness::Cached | Freshness::CachedOrStale if age < revalidate_for => {
                if pause {
                    Verdict::Fresh
                } else {
                    Verdict::FreshAndRefresh
                }
            }
            Freshness::CachedOrStale if age < self.stale_if_error => match failure {
                None => Verdict::ReadOrStale,
                Some(_) if pause => Verdict::Stale,
                Some(_) => Verdict::StaleAndRefresh,
            },
            Freshness::Live | Freshness::Cached | Freshness::CachedOrStale => Verdict::Read,
        }
    }
}

impl fmt::Debug for BillingCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillingCache")
            .field("max_bytes", &self.max_bytes)
            .field("fresh_for", &self.fresh_for)
            .field("revalidate_for", &self.revalidate_for)
            .field("stale_if_error", &self.stale_if_error)
            .field("has_store", &self.store.is_some())
            .finish()
    }
}

impl Default for BillingCache {
    fn default() -> Self {
        Self::new()
    }
}

/// How old billing may be that answers a question. `None`: it must be read after the question.
pub(super) fn accepted_age(rules: Option<&BillingCache>, freshness: Freshness) -> Option<Duration> {
    match (freshness, rules) {
        (Freshness::NoOlderThan(limit), _) => Some(limit),
        (Freshness::Cached | Freshness::CachedOrStale, Some(rules)) => Some(rules.fresh_for),
        _ => None,
    }
}

/// How old known billing is.
#[derive(Clone, Copy)]
pub(super) struct Age {
    pub(super) age: Duration,
    /// Whether all changes by other instances were heard since it was read.
    pub(super) is_up_to_date: bool,
}

/// What to do with a question about a customer whose billing is known.
pub(super) enum Verdict {
    Fresh,
    FreshAndRefresh,
    Stale,
    StaleAndRefresh,
    Read,
    /// Read, and answer with the old billing if that fails or takes long.
    ReadOrStale,
    Fail(Error),
}

/// A failed read of a customer whose older billing is known. While reads fail, they are made in the background, further
/// and further apart, and at another time for each customer: no caller waits for them, and they are spread when Flowglad
/// comes back.
pub(super) struct Failure {
    at: Instant,
    wait: Duration,
    next_try: Instant,
    error: Error,
}

impl Failure {
    pub(super) fn after(earlier: Option<&Self>, error: Error, now: Instant) -> Self {
        let wait = earlier.map_or(FIRST_WAIT, |earlier| (earlier.wait * 2).min(LONGEST_WAIT));
        let next_try = now + wait.mul_f64(0.75 + fastrand::f64() / 2.0);
        Self { at: now, wait, next_try, error }
    }
}
