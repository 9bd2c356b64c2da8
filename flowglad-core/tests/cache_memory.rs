//! Whether the memory that cached billing takes is what the cache counts. In a program of its own, since it counts what
//! the whole process allocates.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::{iter::repeat_n, sync::Arc};

use adapter_contract::memory::allocated;
use flowglad_core::{
    Flowglad, RequestingCustomer,
    cache::{BillingCache, Subject},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, yield_now},
};

/// A customer's billing as the platform sends it, with every field.
const EXAMPLE: &str = include_str!("../../tests/spec/examples/customer-billing.json");

const FEATURES: &str = "/currentSubscriptions/0/experimental/featureItems";
const BALANCES: &str = "/currentSubscriptions/0/experimental/usageMeterBalances";

/// What the system's allocator adds to what is asked of it, in percent: 7 was measured as resident memory.
const ALLOCATOR: usize = 7;

/// The lists of a document that grow.
const LISTS: [&str; 9] = [
    "/invoices",
    "/subscriptions",
    "/purchases",
    "/pricingModel/products",
    "/pricingModel/products/0/prices",
    "/pricingModel/usageMeters",
    FEATURES,
    BALANCES,
    "/currentSubscriptions",
];

fn example() -> Value {
    serde_json::from_str(EXAMPLE).unwrap()
}

/// The example with this list filled until the document has this length, and without what it has twice.
fn filled(list: &str, length: usize) -> Value {
    let mut document = example();
    let record = document.pointer(list).unwrap()[0].clone();
    document["catalog"] = Value::Null;
    document["currentSubscription"] = Value::Null;
    document["subscriptions"] = document["currentSubscriptions"].clone();
    document["invoices"] = json!([]);
    document["purchases"] = json!([]);
    let missing = length.saturating_sub(document.to_string().len()) / (record.to_string().len() + 1);
    document.pointer_mut(list).unwrap().as_array_mut().unwrap().extend(repeat_n(record, missing));
    document
}

/// Cached billing of customers who all have the same document, but for their ids.
struct Cached {
    flowglad: Flowglad,
    api: JoinHandle<()>,
}

impl Cached {
    async fn start(document: Value, max_bytes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let document = Arc::new(document);
        let api = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(answer(connection, Arc::clone(&document)));
            }
        });
        let cache = BillingCache::new().max_bytes(max_bytes);
        let flowglad = Flowglad::builder().api_key("sk_test_memory").base_url(base_url).cache(cache).build().unwrap();
        let cached = Self { flowglad, api };
        // What the first request makes is not the cache's.
        cached.ask(0).await;
        cached.flowglad.invalidate(Subject::Everyone).await;
        cached
    }

    async fn ask(&self, number: usize) {
        let customer = RequestingCustomer::new(format!("user_{number:06}"), "Ada", "ada@example.com").unwrap();
        // The typed view is decoded here, and belongs to what the cache holds.
        self.flowglad.customer(&customer).billing().await.unwrap();
    }

    /// Asks for this many customers. Returns the bytes that are taken for what is known of them now, and the bytes that
    /// the cache counts.
    async fn fill(&self, customers: usize) -> (usize, usize) {
        settle().await;
        let before = allocated();
        for number in 0..customers {
            self.ask(number).await;
        }
        settle().await;
        let counted = self.flowglad.snapshot().cache.bytes;
        let taken = (allocated() - before) * (100 + ALLOCATOR) / 100;
        (taken, usize::try_from(counted).unwrap())
    }
}

impl Drop for Cached {
    fn drop(&mut self) {
        self.api.abort();
    }
}

/// Lets the connections end that are closed already.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

async fn answer(connection: TcpStream, document: Arc<Value>) {
    let mut connection = BufReader::new(connection);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        connection.read_line(&mut request).await.unwrap();
    }
    let customer = request.split('/').nth(4).unwrap();
    let mut document = Value::clone(&document);
    document["customer"]["externalId"] = customer.into();
    document["customer"]["id"] = format!("cust_{customer}").into();
    let body = document.to_string();
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    connection.write_all((head + &body).as_bytes()).await.unwrap();
}

/// One test, since others would allocate meanwhile.
#[tokio::test]
async fn cached_billing_takes_no_more_memory_than_the_cache_counts() {
    let smallest =
        json!({"customer": example()["customer"], "pricingModel": {"id": "pricing_model_1", "name": "Free"}});
    let whole = [("the smallest document".to_owned(), smallest, 1000), ("the example".to_owned(), example(), 50)];
    // 150 KB is where many lists have just outgrown their place, which is then twice as large.
    let sizes = [(20_000, 20), (150_000, 4), (200_000, 3)];
    let long = LISTS.iter().flat_map(|list| {
        sizes.map(|(length, customers)| (format!("{list}, {length} bytes"), filled(list, length), customers))
    });
    for (name, document, customers) in whole.into_iter().chain(long) {
        let length = document.to_string().len();
        let (taken, counted) = Cached::start(document, usize::MAX).await.fill(customers).await;
        let per_customer =
            format!("{name} of {length} bytes: {} taken, {} counted", taken / customers, counted / customers);
        assert!(taken <= counted, "{per_customer}");
        assert!(counted <= taken * 5 / 2, "too careful: {per_customer}");
    }
    stays_within_its_bytes().await;
}

async fn stays_within_its_bytes() {
    const MAX: usize = 4 << 20;
    let cached = Cached::start(example(), MAX).await;
    let (taken, counted) = cached.fill(100).await;
    assert!(cached.flowglad.snapshot().cache.evictions > 0);
    assert!(taken <= counted && counted <= MAX, "{taken} bytes taken, {counted} counted");
}
