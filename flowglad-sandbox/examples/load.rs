//! How many requests a sandbox answers in a second, as it fills up, and how long its pages take then.
//!
//! ```text
//! cargo run --release -p flowglad-sandbox --example load -- [CUSTOMERS] [EVENTS]
//! ```
#![expect(clippy::print_stdout, reason = "it prints measurements")]

use std::{
    error::Error,
    ops::Range,
    time::{Duration, Instant},
};

use flowglad_sandbox::Sandbox;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinSet;

type Failure = Box<dyn Error + Send + Sync>;

/// How many requests are open at a time.
const AT_ONCE: usize = 8;
/// The number of events after which the rate is printed.
const STEP: usize = 10_000;
const READS: usize = 5_000;
const PAGES: usize = 100;
/// How often each page of the dashboard is loaded.
const LOADS: usize = 20;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut given = std::env::args().skip(1).map(|word| word.parse::<usize>());
    let customers = given.next().transpose()?.unwrap_or(1_000);
    let events = given.next().transpose()?.unwrap_or(100_000);

    let started = Instant::now();
    let sandbox = Sandbox::start().await?;
    println!("started in {:.1} ms", started.elapsed().as_secs_f64() * 1000.0);
    // Of no computer, so that each delivery is refused at once, and the log of deliveries fills up.
    sandbox.send_webhooks_to("http://192.0.2.1/hook")?;
    let app =
        App { url: format!("{}/api/v1", sandbox.base_url()), key: sandbox.api_key().to_owned(), http: Client::new() };

    let took = app.send_all(0..customers, App::new_customer).await?;
    print_rate("POST /customers", customers, took);
    let subscriptions = app.subscriptions(customers).await?;
    for step in (0..events).step_by(STEP) {
        let batch = step..(step + STEP).min(events);
        let count = batch.len();
        let ids = subscriptions.clone();
        let took = app.send_all(batch, move |app, n| app.use_one_call(&ids[n % ids.len()], n)).await?;
        print_rate(&format!("POST /usage-events, on top of {step}"), count, took);
    }
    let took = app.send_all(0..READS, move |app, n| app.get(&format!("/customers/u{}/billing", n % customers))).await?;
    print_rate("GET /customers/{externalId}/billing", READS, took);
    let balances = move |app: &App, n| app.get(&format!("/customers/u{}/usage-balances", n % customers));
    print_rate("GET /customers/{externalId}/usage-balances", READS, app.send_all(0..READS, balances).await?);
    let took = app.send_all(0..PAGES, |app, _| app.get("/usage-events?limit=100")).await?;
    print_rate("GET /usage-events?limit=100", PAGES, took);
    print_pages(&app, sandbox.base_url()).await
}

#[derive(Clone)]
struct App {
    url: String,
    key: String,
    http: Client,
}

impl App {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).header("authorization", &self.key)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    fn new_customer(&self, n: usize) -> RequestBuilder {
        let customer = json!({ "email": "load@example.com", "name": "Load", "externalId": format!("u{n}") });
        self.request(Method::POST, "/customers").json(&json!({ "customer": customer }))
    }

    fn use_one_call(&self, subscription_id: &str, n: usize) -> RequestBuilder {
        let event = json!({ "subscriptionId": subscription_id, "usageMeterSlug": "api_calls", "amount": 1,
            "transactionId": format!("call_{n}") });
        self.request(Method::POST, "/usage-events").json(&json!({ "usageEvent": event }))
    }

    /// The current subscription of each customer.
    async fn subscriptions(&self, customers: usize) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::with_capacity(customers);
        for n in 0..customers {
            let billing: Value = self.get(&format!("/customers/u{n}/billing")).send().await?.json().await?;
            ids.push(billing["currentSubscription"]["id"].as_str().ok_or("a customer without a plan")?.to_owned());
        }
        Ok(ids)
    }

    /// Sends one request for each number, several at a time, and returns how long that took.
    async fn send_all(
        &self,
        numbers: Range<usize>,
        request: impl Fn(&Self, usize) -> RequestBuilder + Clone + Send + 'static,
    ) -> Result<Duration, Failure> {
        let started = Instant::now();
        let mut workers = JoinSet::new();
        for worker in 0..AT_ONCE {
            let (app, request, numbers) = (self.clone(), request.clone(), numbers.clone());
            workers.spawn(async move {
                for n in numbers.skip(worker).step_by(AT_ONCE) {
                    request(&app, n).send().await?.error_for_status()?.bytes().await?;
                }
                Ok::<_, reqwest::Error>(())
            });
        }
        while let Some(done) = workers.join_next().await {
            done??;
        }
        Ok(started.elapsed())
    }
}

/// Prints the slowest of several loads of each page.
async fn print_pages(app: &App, base_url: &str) -> Result<(), Failure> {
    let billing: Value = app.get("/customers/u0/billing").send().await?.json().await?;
    let id = billing["customer"]["id"].as_str().ok_or("a customer without an id")?;
    let portal = billing["billingPortalUrl"].as_str().ok_or("no billing portal")?.trim_start_matches(base_url);
    for path in [
        "/",
        "/dashboard/customers",
        "/dashboard/customers?q=u99",
        "/dashboard/customers?q=nothing-has-this",
        "/dashboard/customers?from=900",
        &format!("/dashboard/customers/{id}"),
        "/dashboard/catalog",
        "/dashboard/webhooks",
        "/dashboard/webhooks?q=nothing-has-this",
        "/dashboard/requests",
        "/dashboard/requests?q=nothing-has-this&status=5",
        "/dashboard/faults",
        &format!("{portal}?email=nothing@example.com"),
        &format!("{portal}/{id}"),
    ] {
        let mut slowest = Duration::ZERO;
        for _ in 0..LOADS {
            let started = Instant::now();
            app.http.get(format!("{base_url}{path}")).send().await?.bytes().await?;
            slowest = slowest.max(started.elapsed());
        }
        println!("{path}: {:.1} ms", slowest.as_secs_f64() * 1000.0);
    }
    Ok(())
}

fn print_rate(what: &str, count: usize, took: Duration) {
    #[expect(clippy::cast_precision_loss, reason = "the rate is only displayed")]
    let rate = count as f64 / took.as_secs_f64();
    println!("{what}: {rate:.0} per second");
}
