//! What a subscription owes after a payment failed, and since when.

use crate::{
    billing::view::Billing,
    model::{Invoice, InvoiceStatus, InvoiceWithLineItems, Money, Subscription, SubscriptionStatus, Timestamp},
};

/// A subscription whose payment failed, from [`Billing::past_due`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PastDue<'a> {
    /// The subscription.
    pub subscription: &'a Subscription,
    /// Until when it is paid. From then on the customer uses what is not paid.
    pub since: Timestamp,
    /// The invoice that was not paid, if Flowglad lists one. A subscription without a card has none.
    pub invoice: Option<&'a InvoiceWithLineItems>,
}

impl PastDue<'_> {
    /// What the invoice asks for, with tax. `None` if there is no invoice, or it has no amount or currency.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        let invoice = &self.invoice?.invoice;
        let with_tax = invoice.subtotal?.saturating_add(invoice.tax_amount.unwrap_or_default());
        Some(Money::new(with_tax, invoice.currency.clone()?))
    }
}

impl Billing {
    /// What is owed if a payment for the first current subscription failed: its `status` is `past_due` or `unpaid`.
    ///
    /// `None` for a plan that costs nothing. Flowglad makes such plans `past_due` too, when they renew without a card.
    ///
    /// [`since`](PastDue::since) is the end of the last paid billing period (`billingPeriodEndDate` of the paid invoices)
    /// or of the trial (`trialEnd`), so it does not move when the next period begins unpaid. If there is neither, it is
    /// the date of the unpaid invoice, or the start of the current period.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let billing = me.billing().await?;
    /// if let Some(past_due) = billing.past_due() {
    ///     println!("not paid since {}", past_due.since);
    ///     println!("open: {}", past_due.amount().map_or("unknown".to_owned(), |amount| amount.to_string()));
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn past_due(&self) -> Option<PastDue<'_>> {
        let subscription = self.first_current()?;
        let failed = matches!(subscription.status, SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid);
        (failed && !subscription.owes_nothing()).then(|| self.unpaid(subscription))
    }

    /// What a subscription owes whose payment failed.
    pub(super) fn unpaid<'a>(&'a self, subscription: &'a Subscription) -> PastDue<'a> {
        let invoice = self.unpaid_invoice(subscription);
        PastDue { subscription, since: self.unpaid_since(subscription, invoice), invoice }
    }

    /// The invoice of a renewal that is not paid although the status does not say so: a subscription that was past due
    /// is `active` again after a cancellation was scheduled and withdrawn.
    pub(super) fn unpaid_renewal<'a>(&'a self, subscription: &'a Subscription) -> Option<PastDue<'a>> {
        let start = subscription.current_billing_period_start?;
        // The first payment cannot be unpaid: if it fails, the subscription ends.
        subscription.start_date.filter(|started| *started < start)?;
        let is_of_period = |bill: &&InvoiceWithLineItems| bill.invoice.billing_period_start_date == Some(start);
        let invoice = self.unpaid_invoice(subscription).filter(is_of_period)?;
        Some(PastDue { subscription, since: dated(&invoice.invoice)?, invoice: Some(invoice) })
    }

    /// Whether an invoice of a subscription was paid.
    pub(crate) fn was_ever_paid(&self, subscription: &Subscription) -> bool {
        self.invoices_of(subscription).any(|bill| is_settled(&bill.invoice))
    }

    fn unpaid_since(&self, subscription: &Subscription, invoice: Option<&InvoiceWithLineItems>) -> Timestamp {
        let start = subscription.current_billing_period_start;
        let is_over = |end: &Timestamp| start.is_none_or(|start| *end <= start);
        let settled = self.invoices_of(subscription).filter(|bill| is_settled(&bill.invoice));
        let paid_until = settled.filter_map(|bill| bill.invoice.billing_period_end_date).max();
        paid_until
            .max(subscription.trial_end)
            .filter(is_over)
            .or_else(|| dated(&invoice?.invoice))
            .or(start)
            .unwrap_or(subscription.created_at)
    }

    /// The newest open invoice of a billing period that is not paid. After a change of plan within a paid period Flowglad
    /// leaves an invoice open that is paid.
    fn unpaid_invoice<'a>(&'a self, subscription: &'a Subscription) -> Option<&'a InvoiceWithLineItems> {
        let is_of_paid_period = |invoice: &Invoice| {
            invoice.billing_period_id.is_some()
                && self.invoices_of(subscription).any(|other| {
                    other.invoice.billing_period_id == invoice.billing_period_id && is_settled(&other.invoice)
                })
        };
        self.invoices_of(subscription)
            .filter(|bill| matches!(bill.invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible))
            .filter(|bill| !is_of_paid_period(&bill.invoice))
            .max_by_key(|bill| dated(&bill.invoice))
    }

    fn invoices_of<'a>(&'a self, subscription: &'a Subscription) -> impl Iterator<Item = &'a InvoiceWithLineItems> {
        self.invoices().iter().filter(|bill| bill.invoice.subscription_id.as_ref() == Some(&subscription.id))
    }
}

/// Whether money was received for it, also if it was refunded later.
fn is_settled(invoice: &Invoice) -> bool {
    matches!(invoice.status, InvoiceStatus::Paid | InvoiceStatus::PartiallyRefunded | InvoiceStatus::Refunded)
}

fn dated(invoice: &Invoice) -> Option<Timestamp> {
    invoice.invoice_date.or(invoice.created_at)
}
