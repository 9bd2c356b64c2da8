//! Many customers of all kinds through one day of usage and one month. The expected figures are computed here from the
//! requests that were sent, not from anything that the sandbox returned.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, model_with_team_and_lite, text};

const CUSTOMERS: usize = 1_000;
const EVENTS_EACH: usize = 100;
/// The number of parts in which the day of usage is sent.
const ROUNDS: usize = 4;
const EVENTS_IN_A_BATCH: usize = 2_000;

const FEBRUARY: i64 = NEW_YEAR + 31 * DAY_MS;
const HOUR_MS: i64 = 60 * 60 * 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Free,
    FreeWithPack,
    Pro,
    ProWithPack,
    /// Cancels at the end of the period.
    Leaving,
    /// Changes from Team to Lite at the end of the period.
    Shrinking,
    /// Pro, and the renewal is declined once.
    Declined,
}

const KINDS: [Kind; 7] =
    [Kind::Free, Kind::Pro, Kind::FreeWithPack, Kind::ProWithPack, Kind::Leaving, Kind::Shrinking, Kind::Declined];

/// The test's own record of a customer.
#[derive(Debug)]
struct Simulated {
    external_id: String,
    kind: Kind,
    subscription_id: String,
    used: i64,
}

/// What is expected of a customer.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    status: String,
    /// Status and cents of each invoice.
    invoices: Vec<(String, i64)>,
    /// On the subscription that the customer has in February.
    balance: i64,
    /// On the one that ended, if one did.
    left_behind: Option<i64>,
}

impl Simulated {
    /// Units that were used beyond a month's credits and a pack.
    fn beyond(&self, credits: i64) -> i64 {
        (self.used - credits).max(0)
    }

    /// What is left of the 500 bought credits, which are used after the month's.
    fn left_of_pack(&self, monthly: i64) -> i64 {
        500 - (self.used - monthly).clamp(0, 500)
    }

    /// Just after the renewals of 1 February, before the declined ones are retried.
    fn expected(&self) -> Expected {
        self.expected_as(self.kind)
    }

    fn expected_as(&self, kind: Kind) -> Expected {
        let beyond = |credits: i64| cents_for(self.beyond(credits));
        match kind {
            Kind::Free => Expected::of("past_due", &[], 100 - self.beyond(100)),
            Kind::FreeWithPack => {
                let balance = 100 + self.left_of_pack(100) - self.beyond(600);
                Expected::of("past_due", &[("paid", 900)], balance)
            }
            Kind::Pro => Expected::of("active", &[("paid", 2000), ("paid", 2000 + beyond(1000))], 1000),
            Kind::ProWithPack => {
                let invoices = [("paid", 2000), ("paid", 900), ("paid", 2000 + beyond(1500))];
                Expected::of("active", &invoices, 1000 + self.left_of_pack(1000))
            }
            Kind::Leaving => {
                let left_behind = Some(-self.beyond(1000));
                Expected { left_behind, ..Expected::of("active", &[("paid", 2000), ("paid", 0)], 100) }
            }
            Kind::Shrinking => Expected::of("active", &[("paid", 5000), ("paid", 500 + beyond(5000))], 0),
            Kind::Declined => {
                let invoices = [("paid", 2000), ("open", 2000 + beyond(1000))];
                Expected::of("past_due", &invoices, 1000 - self.beyond(1000))
            }
        }
    }

    /// Three days later, after the retries.
    fn expected_after_retry(&self) -> Expected {
        match self.kind {
            // By then the state is the same as without declined payments.
            Kind::Declined => self.expected_as(Kind::Pro),
            _ => self.expected(),
        }
    }
}

impl Expected {
    fn of(status: &str, invoices: &[(&str, i64)], balance: i64) -> Self {
        let invoices = invoices.iter().map(|&(status, cents)| (status.to_owned(), cents)).collect();
        Self { status: status.to_owned(), invoices, balance, left_behind: None }
    }

    fn cents(&self) -> i64 {
        self.invoices.iter().map(|(_, cents)| cents).sum()
    }
}

/// One cent for each ten calls, rounded up.
fn cents_for(units: i64) -> i64 {
    (units + 9) / 10
}

#[tokio::test]
async fn a_month_of_many_customers_adds_up_to_the_cent() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    let mut customers = sign_up(&api).await;
    use_for_a_day(&api, &mut customers).await;
    plan_changes(&api, &customers).await;

    let declined = customers.iter().filter(|customer| customer.kind == Kind::Declined).count();
    api.sandbox.advance_to(FEBRUARY).unwrap();
    for _ in 0..declined {
        api.sandbox.fail_next_payment();
    }
    // Customers whose cards are declined sign up an hour after the others, so their renewals are an hour later too.
    assert_eq!(api.sandbox.advance_to(FEBRUARY + HOUR_MS).unwrap(), declined);
    let (mut cents_found, mut cents_expected) = (0, 0);
    for customer in &customers {
        let (found, expected) = (found(&api, customer).await, customer.expected());
        cents_found += found.cents();
        cents_expected += expected.cents();
        assert_eq!(found, expected, "{customer:?}");
    }
    assert_eq!(cents_found, cents_expected);

    assert_eq!(api.sandbox.advance_days(3), declined);
    for customer in customers.iter().filter(|customer| customer.kind == Kind::Declined) {
        assert_eq!(found(&api, customer).await, customer.expected_after_retry(), "{customer:?}");
    }
}

async fn sign_up(api: &Api) -> Vec<Simulated> {
    let kind_of = |number: usize| KINDS[number % KINDS.len()];
    let (declined, others): (Vec<usize>, Vec<usize>) =
        (0..CUSTOMERS).partition(|&number| kind_of(number) == Kind::Declined);
    let mut customers = Vec::with_capacity(CUSTOMERS);
    for number in others {
        customers.push(sign_up_one(api, number, kind_of(number)).await);
    }
    api.clock.set(NEW_YEAR + HOUR_MS);
    for number in declined {
        customers.push(sign_up_one(api, number, kind_of(number)).await);
    }
    customers
}

async fn sign_up_one(api: &Api, number: usize, kind: Kind) -> Simulated {
    let external_id = format!("user_{number}");
    let created = api.new_customer(&external_id).await;
    let plan = match kind {
        Kind::Free | Kind::FreeWithPack => None,
        Kind::Shrinking => Some("team_monthly"),
        Kind::Pro | Kind::ProWithPack | Kind::Leaving | Kind::Declined => Some("pro_monthly"),
    };
    if let Some(plan) = plan {
        api.buy(&external_id, plan).await;
    }
    if matches!(kind, Kind::FreeWithPack | Kind::ProWithPack) {
        api.buy(&external_id, "credit_pack_500").await;
    }
    let subscription_id = match plan {
        Some(_) => {
            let balances = api.get(&format!("/customers/{external_id}/usage-balances")).await.ok();
            text(&balances["usageMeterBalances"][0]["subscriptionId"])
        }
        None => text(&created["subscription"]["id"]),
    };
    Simulated { external_id, kind, subscription_id, used: 0 }
}

/// Sends every customer's events in batches that mix customers. One event of each customer is sent twice, the second
/// time with another amount, which must not count.
async fn use_for_a_day(api: &Api, customers: &mut [Simulated]) {
    let mut numbers = Numbers(42);
    let mut batch = Vec::new();
    for round in 0..ROUNDS {
        for customer in customers.iter_mut() {
            let most = if customer.kind == Kind::Shrinking { 100 } else { 25 };
            for number in 0..EVENTS_EACH / ROUNDS {
                let amount = 1 + numbers.below(most);
                customer.used += amount;
                let transaction = format!("{}-{round}-{number}", customer.external_id);
                batch.push(event(customer, amount, &transaction));
                if (round, number) == (1, 0) {
                    batch.push(event(customer, amount + 1, &transaction));
                }
                if batch.len() >= EVENTS_IN_A_BATCH {
                    send(api, &mut batch).await;
                }
            }
        }
        send(api, &mut batch).await;
        api.clock.advance(Duration::from_secs(24 * 60 * 60 / ROUNDS as u64));
    }
}

fn event(customer: &Simulated, amount: i64, transaction: &str) -> Value {
    json!({ "subscriptionId": customer.subscription_id, "usageMeterSlug": "api_calls", "amount": amount,
        "transactionId": transaction })
}

async fn send(api: &Api, batch: &mut Vec<Value>) {
    let events = std::mem::take(batch);
    let request = api.request(Method::POST, "/usage-events/bulk").json(&json!({ "usageEvents": events }));
    // The response repeats all events; reading it would take most of the test's time.
    assert_eq!(request.send().await.unwrap().status(), 200);
}

async fn plan_changes(api: &Api, customers: &[Simulated]) {
    for customer in customers {
        let path = format!("/subscriptions/{}", customer.subscription_id);
        match customer.kind {
            Kind::Leaving => {
                let at_end = json!({ "cancellation": { "timing": "at_end_of_current_billing_period" } });
                api.post(&format!("{path}/cancel"), at_end).await.ok();
            }
            Kind::Shrinking => {
                let items = json!([{ "priceSlug": "lite_monthly" }]);
                let adjustment = json!({ "adjustment": { "timing": "auto", "newSubscriptionItems": items } });
                api.post(&format!("{path}/adjust"), adjustment).await.ok();
            }
            _ => {}
        }
    }
}

/// The part of a billing document that the test needs: reading all of it a thousand times is slow.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Billing {
    subscriptions: Vec<Subscription>,
    current_subscription: Subscription,
    invoices: Vec<InvoiceView>,
}

#[derive(Debug, Deserialize)]
struct Subscription {
    id: String,
    status: String,
    experimental: Experimental,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Experimental {
    usage_meter_balances: Vec<Balance>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Balance {
    available_balance: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvoiceView {
    invoice: Invoice,
    invoice_line_items: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Invoice {
    status: String,
    subtotal: i64,
}

#[derive(Debug, Deserialize)]
struct Line {
    price: i64,
    quantity: i64,
}

/// What the sandbox returns about a customer.
async fn found(api: &Api, customer: &Simulated) -> Expected {
    let path = format!("/customers/{}/billing", customer.external_id);
    let answer = api.request(Method::GET, &path).send().await.unwrap().text().await.unwrap();
    let billing: Billing = serde_json::from_str(&answer).unwrap();
    for InvoiceView { invoice, invoice_line_items } in &billing.invoices {
        let of_lines: i64 = invoice_line_items.iter().map(|line| line.price * line.quantity).sum();
        assert_eq!(of_lines, invoice.subtotal, "an invoice is the sum of its lines: {customer:?}");
    }
    let balance_of = |subscription: &Subscription| subscription.experimental.usage_meter_balances[0].available_balance;
    let is_left = |plan: &&Subscription| plan.id == customer.subscription_id && plan.status == "canceled";
    Expected {
        status: billing.current_subscription.status.clone(),
        invoices: billing.invoices.iter().map(|view| (view.invoice.status.clone(), view.invoice.subtotal)).collect(),
        balance: balance_of(&billing.current_subscription),
        left_behind: billing.subscriptions.iter().find(is_left).map(balance_of),
    }
}

/// A pseudorandom sequence, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % end
    }
}
