//! The book of a fleet: what is held, and which work runs.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{AcqRel, Relaxed, Release},
        },
    },
    time::Duration,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use redis::{FromRedisValue, ScriptInvocation};
use uuid::Uuid;

use crate::{
    cache::StoreError,
    fleet::{
        in_millis,
        link::Failure,
        scripts,
        shared::{Part, Shared},
    },
    model::MeterRef,
    outbox::{
        Totals,
        book::Entry,
        shared_book::{Guard, Held, OpenInFleet, SharedBook, SharedHold},
    },
};

/// More than this the server does not count exactly. Flowglad takes less.
pub(super) const MOST: u64 = 1 << 52;

/// So much is closed by one call.
const AT_ONCE: usize = 500;

/// The book of a fleet, as one instance uses it.
pub(super) struct FleetBook {
    pub(super) shared: Arc<Shared>,
    closing: Arc<Closing>,
    gives_back: AtomicBool,
    /// What gives back.
    usage: OnceLock<Weak<dyn Part>>,
    in_stream: Waiting,
    in_local: Waiting,
    /// How much of each customer's meters has left the local outbox, until the book of this process has it.
    left_here: Mutex<HashMap<(Box<str>, MeterRef), u64>>,
}

/// What waits, as far as is known.
#[derive(Default)]
struct Waiting {
    pending: AtomicU64,
    pending_bytes: AtomicU64,
    dead: AtomicU64,
}

struct Closing {
    shared: Arc<Shared>,
    /// How old the oldest billing is by which a balance may be judged, in milliseconds.
    oldest_read: AtomicU64,
    /// What was dropped, and is to be closed. It has as many as were open at once at most.
    open: Mutex<Vec<Open>>,
    /// Held by who closes.
    at_work: tokio::sync::Mutex<()>,
}

/// A hold or work with a key, as the script closes it.
struct Open {
    keys: [String; 2],
    name: String,
}

/// Closes what is open when it is dropped.
struct Closes {
    open: Option<Open>,
    closing: Arc<Closing>,
}

impl OpenInFleet for Closes {
    fn name(&self) -> &str {
        self.open.as_ref().map(|open| open.name.as_str()).unwrap_or_default()
    }

    fn is_closed(&mut self) {
        self.open = None;
    }
}

impl Drop for Closes {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            self.closing.open().push(open);
            let closing = Arc::clone(&self.closing);
            self.closing.shared.keep_until_tended(closing);
        }
    }
}

impl Closing {
    fn open(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn close(&self) {
        // Only who holds this removes something.
        let _alone = self.at_work.lock().await;
        loop {
            let (closed, script) = self.script_of_first();
            if closed == 0 || self.shared.link.invoke::<u64>(&script).await.is_err() {
                return;
            }
            // Not before: the server may be away, and the request that closes may be dropped. What is closed twice is closed
            // once.
            self.open().drain(..closed);
        }
    }

    /// The script that closes the first of what is open, and how many these are.
    fn script_of_first(&self) -> (usize, ScriptInvocation<'static>) {
        let mut script = scripts::CLOSE.prepare_invoke();
        script.arg(self.oldest_read.load(Relaxed));
        let open = self.open();
        for Open { keys, name } in open.iter().take(AT_ONCE) {
            script.key(keys).arg(name);
        }
        (open.len().min(AT_ONCE), script)
    }

    /// Whether something is still to be closed. It may be closed, by the keeper, while a question is on its way.
    fn is_behind(&self) -> bool {
        !self.open().is_empty()
    }

    /// Closes what was dropped before, if that is still to be done: who asks next is not refused for it. Returns whether it was.
    async fn catch_up(&self) -> bool {
        let is_behind = self.is_behind();
        if is_behind {
            self.close().await;
        }
        is_behind
    }
}

impl FleetBook {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let closing = Arc::new(Closing {
            shared: Arc::clone(shared),
            oldest_read: AtomicU64::default(),
            open: Mutex::default(),
            at_work: tokio::sync::Mutex::default(),
        });
        shared.add(&closing);
        Self {
            shared: Arc::clone(shared),
            closing,
            gives_back: AtomicBool::default(),
            usage: OnceLock::new(),
            in_stream: Waiting::default(),
            in_local: Waiting::default(),
            left_here: Mutex::default(),
        }
    }

    /// Notes what waits in the stream by an answer of the server.
    pub(super) fn note(&self, pending: u64, bytes: u64, dead: u64) {
        self.note_pending(pending, bytes);
        self.in_stream.dead.store(dead, Relaxed);
    }

    pub(super) fn note_pending(&self, pending: u64, bytes: u64) {
        self.in_stream.pending.store(pending, Relaxed);
        self.in_stream.pending_bytes.store(bytes, Relaxed);
    }

    /// Whether something waits in the local outbox.
    pub(super) fn waits_locally(&self) -> bool {
        self.in_local.pending.load(Relaxed) > 0
    }

    /// Notes what waits in the local outbox.
    pub(super) fn note_local(&self, totals: Totals) {
        self.in_local.pending.store(totals.pending, Relaxed);
        self.in_local.pending_bytes.store(totals.pending_bytes, Relaxed);
        self.in_local.dead.store(totals.dead, Relaxed);
    }

    /// Something may wait in the local outbox, which did not say how much does.
    pub(super) fn may_wait_locally(&self) {
        self.in_local.pending.fetch_max(1, Relaxed);
    }

    /// Usage has left the local outbox: Flowglad or the fleet has it.
    pub(super) fn left_here(&self, usage: impl Iterator<Item = Entry>) {
        let mut sums = self.left_here.lock().unwrap_or_else(PoisonError::into_inner);
        for Entry { customer, meter, amount } in usage {
            let sum = sums.entry((customer, meter)).or_default();
            *sum = sum.saturating_add(amount);
        }
    }

    /// Names what gives back.
    pub(super) fn is_of(&self, usage: Weak<dyn Part>) {
        self.usage.get_or_init(|| usage);
    }

    /// Whether what this instance has taken is to be given back. Asked once.
    pub(super) fn is_to_give_back(&self) -> bool {
        self.gives_back.swap(false, AcqRel)
    }

    pub(super) fn oldest_read(&self) -> u64 {
        self.closing.oldest_read.load(Relaxed)
    }

    pub(super) fn key_of_book(&self, customer: &str) -> String {
        self.shared.keys.usage(&format!("book:{customer}"))
    }

    pub(super) fn key_of_holds(&self, customer: &str) -> String {
        self.shared.keys.usage(&format!("holds:{customer}"))
    }

    /// Runs a script that opens something if it answers so. It is closed also if the answer does not come, or the caller
    /// does not wait for it: the server may have opened it.
    async fn open<T: FromRedisValue>(
        &self,
        open: Open,
        script: &ScriptInvocation<'_>,
        is_open: impl FnOnce(&T) -> bool,
    ) -> Result<(T, Option<Guard>), Failure> {
        if !self.shared.link.is_up() {
            // Nothing is sent, so that nothing is to be closed.
            return Err(Failure::Away);
        }
        let mut closes = Closes { open: Some(open), closing: Arc::clone(&self.closing) };
        let answer = self.shared.link.invoke::<T>(script).await?;
        if is_open(&answer) {
            return Ok((answer, Some(Guard::new(closes))));
        }
        closes.is_closed();
        Ok((answer, None))
    }

    async fn try_hold(&self, hold: SharedHold<'_>) -> Result<Held, StoreError> {
        let hold = SharedHold { amount: hold.amount.min(MOST), ..hold };
        let id = Uuid::new_v4().to_string();
        let meter = hold.meters.first().map(field).unwrap_or_default();
        let open = Open {
            keys: [self.key_of_holds(hold.customer), self.key_of_book(hold.customer)],
            name: format!("{id}|{}|{meter}", hold.amount),
        };
        let script = self.hold_script(&id, hold);
        let ((_, left), guard) = self.open(open, &script, |(is_held, _): &(bool, i64)| *is_held).await?;
        Ok(match guard {
            Some(guard) => Held::Now { guard, left: hold.said.map(|_| left) },
            None => Held::TooLittle(left),
        })
    }

    fn hold_script(&self, id: &str, hold: SharedHold<'_>) -> ScriptInvocation<'static> {
        let SharedHold { customer, meters, amount, limit, said } = hold;
        let began = said.and_then(|(_, age)| self.shared.link.clock.time_of(age?));
        let mut script = scripts::HOLD.key(self.key_of_book(customer));
        script.key(self.key_of_holds(customer)).arg(id).arg(amount).arg(in_millis(limit));
        script.arg(said.map(|(available, _)| available.to_string()).unwrap_or_default());
        script.arg(began.map(|began| began.to_string()).unwrap_or_default());
        for meter in meters {
            script.arg(field(meter));
        }
        script
    }

    async fn try_begin(&self, key: &[u8], limit: Duration) -> Result<Option<Guard>, StoreError> {
        let place = self.shared.keys.usage(&format!("runs:{}", String::from_utf8_lossy(key)));
        let work = Uuid::new_v4().to_string();
        let mut script = scripts::BEGIN.key(&place);
        script.key(self.shared.keys.usage("instances")).arg(&*self.shared.instance).arg(&work).arg(in_millis(limit));
        script.arg(in_millis(self.shared.dead_after));
        let open = Open { keys: [place.clone(), place], name: format!("{}|{work}", self.shared.instance) };
        Ok(self.open(open, &script, |begins: &bool| *begins).await?.1)
    }
}

impl SharedBook for FleetBook {
    fn hold<'a>(&'a self, hold: SharedHold<'a>) -> BoxFuture<'a, Result<Held, StoreError>> {
        async move {
            let was_behind = self.closing.is_behind();
            match self.try_hold(hold).await? {
                Held::TooLittle(_) if self.closing.catch_up().await || was_behind => self.try_hold(hold).await,
                answer => Ok(answer),
            }
        }
        .boxed()
    }

    fn spent<'a>(
        &'a self,
        customer: &'a str,
        meters: &'a [MeterRef],
        age: Option<Duration>,
    ) -> BoxFuture<'a, Result<i64, StoreError>> {
        async move {
            // It holds nothing. What is left of zero is what was spent, below zero.
            let nothing = SharedHold { customer, meters, amount: 0, limit: Duration::ZERO, said: Some((0, age)) };
            let (_, left): (bool, i64) = self.shared.link.invoke(&self.hold_script("", nothing)).await?;
            Ok(left.saturating_neg())
        }
        .boxed()
    }

    fn begin<'a>(&'a self, key: &'a [u8], limit: Duration) -> BoxFuture<'a, Result<Option<Guard>, StoreError>> {
        async move {
            let was_behind = self.closing.is_behind();
            match self.try_begin(key, limit).await? {
                None if self.closing.catch_up().await || was_behind => self.try_begin(key, limit).await,
                begun => Ok(begun),
            }
        }
        .boxed()
    }

    fn judges_by(&self, oldest_read: Duration) {
        self.closing.oldest_read.fetch_max(in_millis(oldest_read), Relaxed);
    }

    fn waiting(&self) -> Totals {
        let sum = |of: fn(&Waiting) -> &AtomicU64| of(&self.in_stream).load(Relaxed) + of(&self.in_local).load(Relaxed);
        Totals {
            pending: sum(|waiting| &waiting.pending),
            pending_bytes: sum(|waiting| &waiting.pending_bytes),
            dead: sum(|waiting| &waiting.dead),
        }
    }

    fn have_left_here(&self) -> Vec<Entry> {
        let sums = std::mem::take(&mut *self.left_here.lock().unwrap_or_else(PoisonError::into_inner));
        sums.into_iter().map(|((customer, meter), amount)| Entry { customer, meter, amount }).collect()
    }

    fn waits_here_only(&self) -> bool {
        self.waits_locally()
    }

    fn give_back(&self) {
        self.gives_back.store(true, Release);
        if let Some(usage) = self.usage.get().and_then(Weak::upgrade) {
            self.shared.keep_until_tended(usage);
        }
    }

    fn held_alone(&self) {
        self.shared.held_alone.fetch_add(1, Relaxed);
    }
}

impl Part for Closing {
    fn tend(&self) -> BoxFuture<'_, ()> {
        self.close().boxed()
    }
}

/// The name of a meter in the book, of which the app may use several.
pub(super) fn field(meter: &MeterRef) -> String {
    let (kind, name) = match meter {
        MeterRef::PriceId(id) => ('p', id.as_str()),
        MeterRef::PriceSlug(slug) => ('P', slug.as_str()),
        MeterRef::UsageMeterId(id) => ('m', id.as_str()),
        MeterRef::UsageMeterSlug(slug) => ('M', slug.as_str()),
    };
    format!("{kind}:{name}")
}
