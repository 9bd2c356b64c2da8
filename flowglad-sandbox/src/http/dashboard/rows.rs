//! Rows that several pages of the dashboard show.

use crate::{
    http::{
        dashboard::links,
        pages::{badge::Badge, plan, wording::day},
    },
    records::{billing::Invoice, customer::Customer, money, subscription::Subscription},
    request_log::SeenRequest,
    rules::{entitlement::credits, subscription::current::current_subscriptions},
    store::Store,
    webhooks::delivery::WebhookDelivery,
};

/// A customer, with what it has now.
#[derive(Debug)]
pub(super) struct CustomerRow {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) external_id: String,
    pub(super) archived: bool,
    pub(super) plans: Vec<PlanRow>,
    pub(super) balances: Vec<BalanceRow>,
}

#[derive(Debug)]
pub(super) struct PlanRow {
    pub(super) name: String,
    pub(super) badge: Badge,
    pub(super) period_end: Option<String>,
}

#[derive(Debug)]
pub(super) struct BalanceRow {
    pub(super) meter: String,
    pub(super) left: i64,
}

/// An invoice of any customer.
#[derive(Debug)]
pub(super) struct InvoiceOfCustomer {
    pub(super) number: String,
    pub(super) customer: String,
    pub(super) path: String,
    pub(super) date: String,
    pub(super) badge: Badge,
    pub(super) total: String,
}

#[derive(Debug)]
pub(super) struct RequestRow {
    pub(super) link: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) badge: Badge,
    pub(super) duration: String,
}

#[derive(Debug)]
pub(super) struct DeliveryRow {
    pub(super) link: String,
    pub(super) event: String,
    pub(super) url: String,
    pub(super) badge: Badge,
    pub(super) attempts: usize,
    pub(super) last: String,
}

impl CustomerRow {
    pub(super) fn new(store: &Store, customer: &Customer) -> Self {
        let current: Vec<&Subscription> = current_subscriptions(store, &customer.meta.id).collect();
        let balances = current.iter().flat_map(|subscription| credits::balances(store, subscription));
        Self {
            path: links::customer(&customer.meta.id),
            name: customer.name.clone(),
            email: customer.email.clone(),
            external_id: customer.external_id.clone(),
            archived: customer.archived,
            plans: current.iter().map(|subscription| PlanRow::new(store, subscription)).collect(),
            balances: balances
                .map(|balance| BalanceRow { meter: balance.meter.name.clone(), left: balance.available_balance })
                .collect(),
        }
    }
}

impl PlanRow {
    fn new(store: &Store, subscription: &Subscription) -> Self {
        Self {
            name: plan::name_of(store, subscription),
            badge: Badge::of_subscription(subscription),
            period_end: subscription.current_billing_period_end.map(day),
        }
    }
}

impl InvoiceOfCustomer {
    pub(super) fn new(store: &Store, invoice: &Invoice) -> Self {
        let customer = store.tables.customers.find(&invoice.customer_id);
        Self {
            number: invoice.invoice_number.clone(),
            customer: customer.map_or_else(String::new, |customer| customer.name.clone()),
            path: links::customer(&invoice.customer_id),
            date: day(invoice.invoice_date),
            badge: Badge::of_invoice(invoice),
            total: money::format(invoice.subtotal, &invoice.currency),
        }
    }
}

impl RequestRow {
    pub(super) fn new(number: u64, request: &SeenRequest) -> Self {
        Self {
            link: links::request(number),
            method: request.method.clone(),
            path: with_query(request),
            badge: Badge::of_status(request.status),
            duration: request.duration_us.map_or_else(String::new, milliseconds),
        }
    }
}

/// The path and query of a request.
pub(super) fn with_query(request: &SeenRequest) -> String {
    match &request.query {
        Some(query) => format!("{}?{query}", request.path),
        None => request.path.clone(),
    }
}

/// A duration in microseconds, as text.
pub(super) fn milliseconds(us: u64) -> String {
    format!("{}.{:02} ms", us / 1000, us % 1000 / 10)
}

impl DeliveryRow {
    pub(super) fn new(delivery: &WebhookDelivery) -> Self {
        let last = delivery.attempts.last();
        Self {
            link: links::delivery(&delivery.webhook_id, &delivery.id),
            event: delivery.event_type.clone(),
            url: delivery.url.clone(),
            badge: Badge::of_delivery(delivery.state),
            attempts: delivery.attempts.len(),
            last: last.map_or_else(String::new, |attempt| match (attempt.status, &attempt.error) {
                (Some(status), _) => format!("answered {status}"),
                (None, Some(error)) => error.clone(),
                (None, None) => String::new(),
            }),
        }
    }
}
