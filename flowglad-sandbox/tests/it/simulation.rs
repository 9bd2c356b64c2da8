//! Many customers of all kinds through one day of usage and one month. What everything must come to is worked out
//! here, from what was sent; nothing that the sandbox says enters into it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, seed_with_team_and_lite, text};

const CUSTOMERS: usize = 1_000;
const EVENTS_EACH: usize = 100;
/// The day of usage is sent in so many parts.
const ROUNDS: usize = 4;
const EVENTS_IN_A_BATCH: usize = 2_000;

const FEBRUARY: i64 = NEW_YEAR + 31 * DAY_MS;
const HOUR_MS: i64 = 60 * 60 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Free,
    FreeWithPack,
    Pro,
    ProWithPack,
    /// Cancels at the end of the period.
    Leaving,
    /// Goes down from Team to Lite at the end of the period.
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

/// What must be true of a customer.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    status: &'static str,
    /// Status and cents of each invoice.
    invoices: Vec<(&'static str, i64)>,
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

    /// What is left of the 500 bought credits, which go after the month's.
    fn left_of_pack(&self, monthly: i64) -> i64 {
        500 - (self.used - monthly).clamp(0, 500)
    }

    /// Just after the renewals of 1 February, when the declined ones are still owed.
    fn expected(&self) -> Expected {
        match self.kind {
            Kind::Free => {
                Expected { status: "past_due", invoices: vec![], balance: 100 - self.beyond(100), left_behind: None }
            }
            Kind::FreeWithPack => Expected {
                status: "past_due",
                invoices: vec![("paid", 900)],
                balance: 100 + self.left_of_pack(100) - self.beyond(600),
                left_behind: None,
            },
            Kind::Pro => Expected {
                status: "active",
                invoices: vec![("paid", 2000), ("paid", 2000 + cents_for(self.beyond(1000)))],
                balance: 1000,
                left_behind: None,
            },
            Kind::ProWithPack => Expected {
                status: "active",
                invoices: vec![("paid", 2000), ("paid", 900), ("paid", 2000 + cents_for(self.beyond(1500)))],
                balance: 1000 + self.left_of_pack(1000),
                left_behind: None,
            },
            Kind::Leaving => Expected {
                status: "active",
                invoices: vec![("paid", 2000)],
                balance: 100,
                left_behind: Some(-self.beyond(1000)),
            },
            Kind::Shrinking => Expected {
                status: "active",
                invoices: vec![("paid", 5000), ("paid", 500 + cents_for(self.beyond(5000)))],
                balance: 0,
                left_behind: None,
            },
            Kind::Declined => Expected {
                status: "past_due",
                invoices: vec![("paid", 2000), ("open", 2000 + cents_for(self.beyond(1000)))],
                balance: 1000 - self.beyond(1000),
                left_behind: None,
            },
        }
    }

    /// Three days later, when the declined ones have paid.
    fn expected_after_retry(&self) -> Expected {
        let mut expected = self.expected();
        if self.kind == Kind::Declined {
            expected.status = "active";
            expected.invoices[1].0 = "paid";
            expected.balance = 1000;
        }
        expected
    }
}

/// One cent for each ten calls that were begun.
fn cents_for(units: i64) -> i64 {
    (units + 9) / 10
}

#[tokio::test]
async fn a_month_of_many_customers_adds_up_to_the_cent() {
    let api = Api::with_seed(seed_with_team_and_lite()).await;
    let mut customers = sign_up(&api).await;
    use_for_a_day(&api, &mut customers).await;
    plan_changes(&api, &customers).await;

    let declined = customers.iter().filter(|customer| customer.kind == Kind::Declined).count();
    api.sandbox.advance_to(FEBRUARY).unwrap();
    for _ in 0..declined {
        api.sandbox.fail_next_payment();
    }
    // Those whose cards are declined came an hour after the others, and so do their renewals.
    assert_eq!(api.sandbox.advance_to(FEBRUARY + HOUR_MS).unwrap(), declined);
    let mut total = 0;
    for customer in &customers {
        let (found, cents) = found(&api, customer).await;
        assert_eq!(found, customer.expected(), "{customer:?}");
        total += cents;
    }
    let expected_total: i64 =
        customers.iter().flat_map(|customer| customer.expected().invoices).map(|(_, cents)| cents).sum();
    assert_eq!(total, expected_total);

    assert_eq!(api.sandbox.advance_days(3), declined);
    for customer in customers.iter().filter(|customer| customer.kind == Kind::Declined) {
        assert_eq!(found(&api, customer).await.0, customer.expected_after_retry(), "{customer:?}");
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
        Some(_) => api.current(&external_id).await,
        None => text(&created["subscription"]["id"]),
    };
    Simulated { external_id, kind, subscription_id, used: 0 }
}

/// Sends every customer's events in batches that mix customers, each event with a number of its own. One event of
/// each customer is sent twice, the second time with another amount: that must not count.
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
    api.post("/usage-events/bulk", json!({ "usageEvents": events })).await.ok();
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

/// What the sandbox says of a customer, and the cents on all invoices.
async fn found(api: &Api, customer: &Simulated) -> (Expected, i64) {
    let billing = api.billing(&customer.external_id).await;
    let current = &billing["currentSubscription"];
    let mut invoices = Vec::new();
    for view in billing["invoices"].as_array().unwrap() {
        let invoice = &view["invoice"];
        let status = if invoice["status"] == "paid" { "paid" } else { "open" };
        let cents = invoice["subtotal"].as_i64().unwrap();
        let lines = view["invoiceLineItems"].as_array().unwrap();
        let of_lines: i64 =
            lines.iter().map(|line| line["price"].as_i64().unwrap() * line["quantity"].as_i64().unwrap()).sum();
        assert_eq!(of_lines, cents, "an invoice is the sum of its lines: {view}");
        invoices.push((status, cents));
    }
    let total = invoices.iter().map(|(_, cents)| cents).sum();
    let balance_of = |subscription: &Value| {
        let balances = &subscription["experimental"]["usageMeterBalances"];
        balances[0]["availableBalance"].as_i64().unwrap()
    };
    let left = billing["subscriptions"].as_array().unwrap().iter().find(|subscription| {
        subscription["id"] == customer.subscription_id.as_str() && subscription["status"] == "canceled"
    });
    let status = ["active", "past_due", "canceled"].into_iter().find(|status| current["status"] == *status).unwrap();
    let found = Expected { status, invoices, balance: balance_of(current), left_behind: left.map(balance_of) };
    (found, total)
}

/// A sequence that looks random and is the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % end
    }
}
