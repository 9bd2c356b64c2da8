//! Charges a subscription's period: the invoice and the payment.
//!
//! The real API does this in an hourly job; here it happens at once.

use crate::{
    records::{
        billing::{Invoice, InvoiceLineItem, InvoiceStatus, InvoiceType, Payment},
        event::EventType,
        pricing::CURRENCY,
        subscription::{BillingPeriod, BillingPeriodItem, Subscription, SubscriptionItem},
    },
    refusal::Refusal,
    rules::{
        billing::{
            invoice_line::{Line, USAGE_LINE_TYPE},
            period,
            proration::Elapsed,
            usage_charges,
        },
        events,
    },
    store::Store,
};

/// The status of a payment that succeeded.
pub(crate) const SUCCEEDED: &str = "succeeded";

/// The status of a payment that was declined.
pub(crate) const FAILED: &str = "failed";

/// Refuses items (unit price, quantity) that do not fit an invoice, whose numbers have 32 bits on the real API.
pub(crate) fn refuse_amounts_beyond_invoice(items: impl IntoIterator<Item = (i64, i64)>) -> Result<(), Refusal> {
    let most = i64::from(i32::MAX);
    let mut total: i64 = 0;
    for (unit_price, quantity) in items {
        total = total.saturating_add(unit_price.saturating_mul(quantity));
        if quantity > most || unit_price > most || total > most {
            return Err(Refusal::not_inserted("subscription_items"));
        }
    }
    Ok(())
}

/// Creates a billing period with the cost of its items.
pub(crate) fn open_period(
    store: &mut Store,
    subscription_id: &str,
    (start, end): (i64, i64),
    items: &[SubscriptionItem],
) -> BillingPeriod {
    let period =
        BillingPeriod { meta: store.meta::<BillingPeriod>(), subscription_id: subscription_id.to_owned(), start, end };
    store.tables.billing_periods.insert(period.clone());
    for item in items {
        let description = item.name.clone().unwrap_or_default();
        add_period_item(store, &period.meta.id, description, item.unit_price, item.quantity);
    }
    period
}

/// Adds an amount to what a period costs.
pub(crate) fn add_period_item(
    store: &mut Store,
    billing_period_id: &str,
    description: String,
    unit_price: i64,
    quantity: i64,
) {
    let item = BillingPeriodItem {
        meta: store.meta::<BillingPeriodItem>(),
        billing_period_id: billing_period_id.to_owned(),
        description,
        unit_price,
        quantity,
    };
    store.tables.billing_period_items.insert(item);
}

/// The period of a subscription that contains `time`.
pub(crate) fn period_at<'a>(store: &'a Store, subscription_id: &str, time: i64) -> Option<&'a BillingPeriod> {
    store
        .tables
        .billing_periods
        .owned_by(subscription_id)
        .rev()
        .find(|period| period.start <= time && time < period.end)
}

/// What a billing run charges, and to which card.
#[derive(Debug)]
pub(crate) struct Charge<'a> {
    pub(crate) subscription: &'a Subscription,
    pub(crate) period: &'a BillingPeriod,
    pub(crate) payment_method_id: &'a str,
}

/// The result of a billing run.
#[derive(Debug)]
#[must_use = "a declined payment has consequences"]
pub(crate) struct Charged {
    pub(crate) invoice_id: String,
    pub(crate) is_declined: bool,
}

/// Charges every item of a subscription's first period.
pub(crate) fn run_first(store: &mut Store, charge: &Charge<'_>) -> Charged {
    let lines = period_lines(store, &charge.period.meta.id);
    let total = sum_of(&lines);
    charge_lines(store, charge, lines, total)
}

/// Charges every item of a new period, and the usage before it that no credit covered.
pub(crate) fn run_renewal(store: &mut Store, charge: &Charge<'_>) -> Charged {
    let mut lines = period_lines(store, &charge.period.meta.id);
    lines.extend(usage_charges::lines(store, &charge.subscription.meta.id));
    let total = sum_of(&lines);
    charge_lines(store, charge, lines, total)
}

/// Starts a trial with a card: creates an invoice of 0, which the billing view hides because it has no line.
pub(crate) fn run_trial_start(store: &mut Store, charge: &Charge<'_>) {
    insert_invoice(store, charge, None, 0, InvoiceStatus::Paid);
}

/// Charges a difference in a period that was charged before. As on the real API, the invoice lists all items of the
/// period, but the payment is only the difference, so that the invoice stays open.
pub(crate) fn run_difference(store: &mut Store, charge: &Charge<'_>, difference: i64) -> Charged {
    let period = charge.period;
    let left = Elapsed::at(store.now(), period.start, period.end).percent_left();
    let (from, to) = (period::date_of(store.now()), period::date_of(period.end));
    let description = format!(
        "Proration: Net charge adjustment - Prorated adjustment for {left:.1}% of billing period ({from} to {to})"
    );
    add_period_item(store, &period.meta.id, description, difference, 1);
    let lines = period_lines(store, &charge.period.meta.id);
    charge_lines(store, charge, lines, difference)
}

/// The sum of the payments for a period, including those that are processing. Full refunds do not count.
pub(crate) fn paid_in_period(store: &Store, billing_period_id: &str) -> i64 {
    let tables = &store.tables;
    let period = tables.billing_periods.find(billing_period_id);
    let Some(subscription) = period.and_then(|period| tables.subscriptions.find(&period.subscription_id)) else {
        return 0;
    };
    tables
        .payments
        .owned_by(&subscription.customer_id)
        .filter(|payment| payment.billing_period_id.as_deref() == Some(billing_period_id))
        .filter(|payment| payment.status == SUCCEEDED || payment.status == "processing")
        .fold(0, |sum, payment| sum.saturating_add(payment.amount))
}

fn period_lines(store: &Store, billing_period_id: &str) -> Vec<Line> {
    let items = store.tables.billing_period_items.owned_by(billing_period_id);
    items
        .map(|item| Line {
            description: item.description.clone(),
            unit_price: item.unit_price,
            quantity: item.quantity,
            usage: None,
        })
        .collect()
}

fn sum_of(lines: &[Line]) -> i64 {
    lines.iter().fold(0, |sum, line| sum.saturating_add(line.unit_price.saturating_mul(line.quantity)))
}

fn charge_lines(store: &mut Store, charge: &Charge<'_>, lines: Vec<Line>, amount: i64) -> Charged {
    let is_declined = amount > 0 && store.next_payment_is_declined(&charge.subscription.customer_id);
    let subtotal = sum_of(&lines);
    let is_paid = !is_declined && amount >= subtotal;
    let status = if is_paid { InvoiceStatus::Paid } else { InvoiceStatus::Open };
    let billing_run_id = store.id_with_prefix("billing_run");
    // An invoice of 0 needs no run to charge it.
    let run_of_invoice = (subtotal > 0).then(|| billing_run_id.clone());
    let invoice_id = insert_invoice(store, charge, run_of_invoice, subtotal, status);
    for line in lines {
        insert_line(store, charge, &billing_run_id, &invoice_id, line);
    }
    if amount > 0 {
        insert_payment(store, charge, &invoice_id, amount, is_declined);
    }
    Charged { invoice_id, is_declined }
}

fn insert_line(store: &mut Store, charge: &Charge<'_>, billing_run_id: &str, invoice_id: &str, line: Line) {
    let (price_id, ledger_account_id, units) = match line.usage {
        Some(usage) => (Some(usage.price_id), Some(usage.ledger_account_id), Some(usage.units)),
        None => (None, None, None),
    };
    let line = InvoiceLineItem {
        meta: store.meta::<InvoiceLineItem>(),
        invoice_id: invoice_id.to_owned(),
        quantity: line.quantity,
        kind: if price_id.is_some() { USAGE_LINE_TYPE.into() } else { "static".into() },
        price_id,
        description: line.description,
        price: line.unit_price,
        pricing_model_id: charge.subscription.pricing_model_id.clone(),
        billing_run_id: units.map(|_| billing_run_id.to_owned()),
        ledger_account_id,
        ledger_account_credit: units,
    };
    store.tables.invoice_line_items.insert(line);
}

fn insert_invoice(
    store: &mut Store,
    charge: &Charge<'_>,
    billing_run_id: Option<String>,
    subtotal: i64,
    status: InvoiceStatus,
) -> String {
    let Charge { subscription, period, .. } = charge;
    let invoice = Invoice {
        meta: store.meta::<Invoice>(),
        purchase_id: None,
        invoice_number: next_invoice_number(store, &subscription.customer_id),
        invoice_date: store.now(),
        billing_period_id: Some(period.meta.id.clone()),
        due_date: store.now(),
        customer_id: subscription.customer_id.clone(),
        organization_id: subscription.organization_id.clone(),
        status,
        subscription_id: Some(subscription.meta.id.clone()),
        billing_run_id,
        billing_period_start_date: Some(period.start),
        billing_period_end_date: Some(period.end),
        owner_membership_id: None,
        pdf_url: None,
        receipt_pdf_url: None,
        memo: None,
        bank_payment_only: false,
        kind: InvoiceType::Subscription,
        currency: CURRENCY.into(),
        tax_amount: Some(0),
        subtotal,
        tax_type: None,
        tax_country: None,
        tax_state: None,
        tax_rate_percentage: None,
        application_fee: None,
        pricing_model_id: subscription.pricing_model_id.clone(),
    };
    store.tables.invoices.insert(invoice)
}

/// Whether the run that made an invoice takes place on the real API too. There it comes within the hour, and a trial that
/// was canceled before has none.
pub(crate) fn took_place(store: &Store, invoice: &Invoice) -> bool {
    let subscription = invoice.subscription_id.as_deref().and_then(|id| store.tables.subscriptions.find(id));
    let canceled_at = subscription.and_then(|subscription| subscription.canceled_at);
    canceled_at.is_none_or(|canceled_at| canceled_at >= invoice.meta.created_at.saturating_add(period::HOUR_MS))
        || store.tables.invoice_line_items.owned_by(&invoice.meta.id).next().is_some()
}

/// The number of a customer's next invoice. They count from zero.
pub(crate) fn next_invoice_number(store: &Store, customer_id: &str) -> String {
    let earlier = store.tables.invoices.owned_by(customer_id).filter(|invoice| took_place(store, invoice)).count();
    let base = store.tables.customers.find(customer_id).map_or("", |customer| &customer.invoice_number_base);
    format!("{base}-{earlier:05}")
}

/// Records a payment by card, succeeded or declined. Its subtotal is that of the invoice, even if it pays only a part.
pub(crate) fn insert_payment(store: &mut Store, charge: &Charge<'_>, invoice_id: &str, amount: i64, is_declined: bool) {
    let Charge { subscription, period, payment_method_id } = charge;
    let subtotal = store.tables.invoices.find(invoice_id).map_or(amount, |invoice| invoice.subtotal);
    let mut payment = Payment {
        subscription_id: Some(subscription.meta.id.clone()),
        payment_method_id: Some((*payment_method_id).to_owned()),
        billing_period_id: Some(period.meta.id.clone()),
        refunded_amount: Some(0),
        subtotal,
        ..succeeded_payment(
            store,
            &subscription.customer_id,
            &subscription.pricing_model_id,
            invoice_id.to_owned(),
            amount,
        )
    };
    if is_declined {
        payment.status = FAILED.into();
        payment.failure_code = Some("card_declined".to_owned());
        payment.failure_message = Some("Your card was declined.".to_owned());
    }
    let payment_id = store.tables.payments.insert(payment);
    if !is_declined {
        events::emit(store, EventType::PaymentSucceeded, &payment_id, &subscription.customer_id);
    }
}

/// A card payment that succeeded, without what it pays for.
pub(crate) fn succeeded_payment(
    store: &mut Store,
    customer_id: &str,
    pricing_model_id: &str,
    invoice_id: String,
    amount: i64,
) -> Payment {
    Payment {
        meta: store.meta::<Payment>(),
        invoice_id,
        amount,
        payment_method: "card".into(),
        currency: CURRENCY.into(),
        status: SUCCEEDED.into(),
        charge_date: store.now(),
        settlement_date: None,
        description: None,
        receipt_number: None,
        receipt_url: None,
        organization_id: store.organization_id.clone(),
        customer_id: customer_id.to_owned(),
        purchase_id: None,
        subscription_id: None,
        payment_method_id: None,
        billing_period_id: None,
        tax_amount: 0,
        subtotal: amount,
        tax_type: None,
        tax_country: "US".into(),
        tax_state: None,
        tax_rate_percentage: None,
        application_fee: None,
        refunded: false,
        refunded_amount: None,
        refunded_at: None,
        failure_message: None,
        failure_code: None,
        pricing_model_id: pricing_model_id.to_owned(),
    }
}
