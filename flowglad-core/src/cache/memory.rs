//! The billing of the customers that were asked about last, within a number of bytes.

use std::{collections::HashMap, hash::RandomState, sync::Arc, time::Instant};

use hashlink::LruCache;
use serde::Deserialize;

use crate::{
    billing::document::BillingDocument,
    cache::rules::{BillingCache, Failure},
    client::json::RawJson,
};

/// How many bytes the typed view takes for each byte of the document, with what the allocator adds: 1.5 to 3.3 where the
/// records have all fields, as the platform's have. `tests/cache_memory.rs` measures it. A document of very many payment
/// methods, or of records with almost no fields, takes more than is counted.
const VIEW_PER_BYTE: usize = 4;

/// What an entry takes besides: keys, ids, the two maps, and what every view has.
const ENTRY_BYTES: usize = 1536;

pub(super) struct Memory {
    /// In the order in which they were asked about.
    entries: LruCache<Arc<str>, Entry, RandomState>,
    /// The customers by the ids of Flowglad's that their documents hold.
    customers: HashMap<Arc<str>, Arc<str>>,
    bytes: usize,
    max_bytes: usize,
}

pub(super) struct Entry {
    pub(super) document: Arc<BillingDocument>,
    /// When the read began that the document comes from.
    pub(super) began: Instant,
    pub(super) failure: Option<Failure>,
    ids: Vec<Arc<str>>,
}

impl Entry {
    /// Makes an entry of a document. `None` if its ids cannot be read: a change could not be found to be about it.
    pub(super) fn new(document: &Arc<BillingDocument>, began: Instant) -> Option<Self> {
        let ids = ids(document.raw())?;
        Some(Self { document: Arc::clone(document), began, failure: None, ids })
    }

    fn bytes(&self) -> usize {
        self.document.raw().as_str().len() * (1 + VIEW_PER_BYTE) + ENTRY_BYTES
    }
}

impl Memory {
    pub(super) fn new(rules: &BillingCache) -> Self {
        Self {
            entries: LruCache::with_hasher(usize::MAX, RandomState::new()),
            customers: HashMap::new(),
            bytes: 0,
            max_bytes: rules.max_bytes,
        }
    }

    /// What is known of a customer, who counts as asked about just now.
    pub(super) fn get(&mut self, customer: &str) -> Option<&mut Entry> {
        self.entries.get_mut(customer)
    }

    /// Keeps an entry. Returns those that had to go for it, to be dropped where no other caller waits.
    pub(super) fn keep(&mut self, customer: Arc<str>, entry: Entry) -> Vec<Entry> {
        self.forget(&customer);
        let mut forgotten = Vec::new();
        if entry.bytes() > self.max_bytes {
            return forgotten;
        }
        self.bytes += entry.bytes();
        self.customers.extend(entry.ids.iter().map(|id| (Arc::clone(id), Arc::clone(&customer))));
        self.entries.insert(customer, entry);
        while self.bytes > self.max_bytes {
            let Some((customer, oldest)) = self.entries.remove_lru() else { break };
            self.count_out(&customer, &oldest);
            forgotten.push(oldest);
        }
        forgotten
    }

    pub(super) fn forget(&mut self, customer: &str) {
        if let Some(entry) = self.entries.remove(customer) {
            self.count_out(customer, &entry);
        }
    }

    pub(super) fn forget_all(&mut self) {
        self.entries.clear();
        self.customers.clear();
        self.bytes = 0;
    }

    /// The customer whose document holds this id of a customer or subscription.
    pub(super) fn customer_of(&self, id: &str) -> Option<Arc<str>> {
        self.customers.get(id).cloned()
    }

    /// How many customers are known, and how many bytes they take.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    fn count_out(&mut self, customer: &str, entry: &Entry) {
        self.bytes -= entry.bytes();
        for id in &entry.ids {
            if self.customers.get(id).is_some_and(|of| **of == *customer) {
                self.customers.remove(id);
            }
        }
    }
}

/// The ids by which a change can name the customer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ids<'a> {
    #[serde(borrow)]
    customer: Id<'a>,
    #[serde(borrow)]
    subscriptions: Option<Vec<Id<'a>>>,
    #[serde(borrow)]
    current_subscriptions: Option<Vec<Id<'a>>>,
}

#[derive(Deserialize)]
struct Id<'a> {
    id: &'a str,
}

/// The ids of the customer and of all subscriptions, as Flowglad gave them. `None` if they cannot be read.
pub(crate) fn ids(document: &RawJson) -> Option<Vec<Arc<str>>> {
    let ids: Ids<'_> = document.decode_borrowed().ok()?;
    let subscriptions = [ids.subscriptions, ids.current_subscriptions].into_iter().flatten().flatten();
    let mut ids: Vec<&str> = subscriptions.chain([ids.customer]).map(|record| record.id).collect();
    ids.sort_unstable();
    ids.dedup();
    Some(ids.into_iter().map(Arc::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::endpoint::Endpoint;

    const MAX: usize = 8 << 20;

    fn keep(memory: &mut Memory, customer: &str, invoices: usize) {
        let invoices = vec![r#"{"id":"inv"}"#; invoices].join(",");
        let json = format!(
            r#"{{"customer":{{"id":"cust_{customer}"}},"subscriptions":[{{"id":"sub_{customer}"}}],"invoices":[{invoices}]}}"#
        );
        let route = Endpoint::<(), ()>::get("customers.billing", "").route();
        let document = BillingDocument::new(RawJson::new(json.into()).unwrap(), route);
        memory.keep(customer.into(), Entry::new(&Arc::new(document), Instant::now()).unwrap());
    }

    #[test]
    fn a_hundred_thousand_customers_stay_within_the_bytes() {
        let mut memory = Memory::new(&BillingCache::new().max_bytes(MAX));
        for customer in 0..100_000 {
            keep(&mut memory, &customer.to_string(), customer % 40);
            assert!(memory.size().1 <= MAX);
        }
        let (entries, bytes) = memory.size();
        assert!(entries > 1000 && bytes > MAX * 9 / 10, "{entries} entries of {bytes} bytes");
        assert_eq!(memory.customers.len(), entries * 2, "an id of a customer who is forgotten is kept");
        assert!(memory.get("99999").is_some() && memory.get("0").is_none());
        assert_eq!(memory.customer_of("sub_99999").as_deref(), Some("99999"));
        memory.forget_all();
        assert_eq!((memory.size(), memory.customers.len()), ((0, 0), 0));
    }

    #[test]
    fn a_document_that_is_too_large_or_has_no_ids_is_not_kept() {
        let mut memory = Memory::new(&BillingCache::new().max_bytes(MAX));
        keep(&mut memory, "ada", 1);
        keep(&mut memory, "bob", 1);
        keep(&mut memory, "ada", MAX / 10);
        assert!(memory.get("ada").is_none() && memory.get("bob").is_some());
        let route = Endpoint::<(), ()>::get("customers.billing", "").route();
        let nameless = BillingDocument::new(RawJson::new("{}".into()).unwrap(), route);
        assert!(Entry::new(&Arc::new(nameless), Instant::now()).is_none());
    }
}
