//! The memory of a cached customer, as the system counts it and as the cache does.

use std::process::id;

use flowglad_axum::flowglad_core::{Flowglad, RequestingCustomer, billing::Freshness, cache::BillingCache, gate};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    Failure,
    document::{self, Size},
    pass_through::this_program,
    process::resident_memory,
    say,
    servers::API_KEY,
};

/// Customers of each size: enough that what the process has anyhow does not count.
const CUSTOMERS: [(Size, usize); 2] = [(Size::Small, 4_000), (Size::Medium, 500)];

/// Each size in a process of its own, so that its memory is of this size.
pub(super) fn run(api_url: &str) -> Result<(), Failure> {
    say("\nmemory of a cached customer\n");
    say("| document | customers | resident bytes each | by the cache's count | resident / document |");
    say("| --- | --- | --- | --- | --- |");
    for (size, customers) in CUSTOMERS {
        let status = this_program(&["hold", size.name(), &customers.to_string(), api_url])?.status()?;
        if !status.success() {
            return Err("the process that holds the customers failed".into());
        }
    }
    Ok(())
}

/// Fills a cache and prints a row of the table.
#[tokio::main(flavor = "multi_thread")]
pub(crate) async fn hold(size: &str, customers: &str, api_url: &str) -> Result<(), Failure> {
    let size = Size::ALL.into_iter().find(|known| known.name() == size).ok_or("no such size")?;
    let customers: usize = customers.parse()?;
    let cache = BillingCache::new().max_bytes(usize::MAX / 2);
    let flowglad = Flowglad::builder().api_key(API_KEY).base_url(api_url).cache(cache).build()?;
    let read = async |number| {
        let customer = RequestingCustomer::new(size.customer(number), "Ada", "ada@example.com")?;
        let billing = flowglad.customer(&customer).billing_with(Freshness::CachedOrStale).await?;
        // Questions are answered from the parsed document, which is a part of what is kept.
        let decision = billing.decide(&gate::feature("export_csv"));
        if decision.is_allowed() { Ok::<_, Failure>(()) } else { Err("the example record must grant it".into()) }
    };
    read(0).await?;
    let (before, counted_before) = (resident_memory(id())?, flowglad.snapshot().cache.bytes);
    stream::iter(1..=customers).map(read).buffer_unordered(8).try_collect::<()>().await?;
    let (after, counted) = (resident_memory(id())?, flowglad.snapshot().cache);
    if counted.entries <= customers as u64 {
        return Err("some customers are not in memory".into());
    }
    #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
    let (resident, by_count, document) = (
        (after - before) * 1024.0 * 1024.0 / customers as f64,
        (counted.bytes - counted_before) as f64 / customers as f64,
        document::billing(size, &size.customer(0)).len() as f64,
    );
    let (title, ratio) = (size.title(), resident / document);
    say(&format!("| {title} | {customers} | {resident:.0} | {by_count:.0} | {ratio:.2} |"));
    Ok(())
}
