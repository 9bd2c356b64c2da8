//! Refunds payments in full.

use crate::{records::billing::Payment, refusal::Refusal, store::Store};

/// Refunds a payment. Invoice, purchase and credits do not change.
pub(crate) fn refund(store: &mut Store, payment: &Payment) -> Result<(), Refusal> {
    if payment.status != "succeeded" {
        return Err(Refusal::rule(format!("Invalid payment: Cannot refund a payment that is {}", payment.status)));
    }
    let now = store.now();
    store.tables.payments.change(&payment.meta.id, now, |payment| {
        payment.refunded_amount = Some(payment.amount);
        payment.refunded_at = Some(now);
        payment.status = "refunded".into();
        payment.refunded = true;
    });
    Ok(())
}
