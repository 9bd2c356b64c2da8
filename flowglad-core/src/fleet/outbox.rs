//! The outbox of a fleet.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use crate::{
    fleet::{book::FleetBook, error::FleetError, keeper::Fleet, usage::FleetUsage},
    outbox::{Outbox, UsageStore, shared_book::SharedBook},
};

impl Fleet {
    /// An outbox in a stream that all instances fill and deliver, with holds that they make together. While the server is
    /// away, usage goes into `local`, from where this instance delivers it or moves it to the stream later. Its settings are
    /// those of `local`; set them before. Given to [`FlowgladBuilder::usage`](crate::FlowgladBuilder::usage).
    ///
    /// What is recorded is in the server when the call returns. Whether the server still has it after a crash of its own is
    /// decided by its setting `appendfsync`: with `always` it has, with `everysec` a crash of the machine can lose a second,
    /// and without `appendonly yes` all since the last snapshot is lost.
    ///
    /// # Errors
    /// [`FleetError::Server`]: the server may drop usage when its memory is full (`maxmemory-policy` is `allkeys-…`).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Flowglad, fleet::Fleet, usage::Outbox};
    ///
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let fleet = Fleet::connect("redis://127.0.0.1:6379").await?;
    /// let outbox = fleet.outbox(Outbox::open("/var/lib/shop/usage")?)?;
    /// let flowglad = Flowglad::builder().api_key("sk_test_example").usage(outbox).build()?;
    /// # Ok(()) }
    /// ```
    pub fn outbox(&self, local: Outbox) -> Result<Outbox, FleetError> {
        self.check_server()?;
        let store = Some(Arc::clone(&local.store));
        Ok(self.outbox_of(store, local))
    }

    /// An outbox as [`outbox`](Self::outbox), for instances without a disk: while the server is away, usage is refused. If only
    /// the answer of the server was lost it is recorded all the same: give usage a transaction id, so that it counts once when it
    /// is recorded again.
    ///
    /// # Errors
    /// As for [`outbox`](Self::outbox).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// use flowglad_core::{Flowglad, fleet::Fleet};
    ///
    /// let fleet = Fleet::connect("redis://127.0.0.1:6379").await?;
    /// let flowglad = Flowglad::builder().api_key("sk_test_example").usage(fleet.outbox_without_disk()?).build()?;
    /// # Ok(()) }
    /// ```
    pub fn outbox_without_disk(&self) -> Result<Outbox, FleetError> {
        self.check_server()?;
        Ok(self.outbox_of(None, Outbox::in_memory()))
    }

    /// Refuses a server that may drop usage, and warns of one that does not write it to its disk.
    fn check_server(&self) -> Result<(), FleetError> {
        if let Some(policy) = self.shared.drops_anything() {
            return Err(FleetError::server(format!(
                "its maxmemory-policy is {policy}, so that it drops usage when its memory is full: set noeviction"
            )));
        }
        self.shared.keeps_usage.store(true, Relaxed);
        self.shared.warn_if_usage_is_lost();
        Ok(())
    }

    fn outbox_of(&self, local: Option<Arc<dyn UsageStore>>, mut outbox: Outbox) -> Outbox {
        let book = Arc::new(FleetBook::new(&self.shared));
        let store = Arc::new(FleetUsage::new(&self.shared, &book, local, outbox.keep_keys_for));
        let usage = Arc::downgrade(&store);
        book.is_of(usage);
        self.shared.add(&store);
        let shared: Arc<dyn SharedBook> = book;
        (outbox.store, outbox.shared) = (store, Some(shared));
        outbox
    }
}
