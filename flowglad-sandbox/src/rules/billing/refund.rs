//! Refunds payments, in full or in part.

use crate::{records::billing::Payment, refusal::Refusal, store::Store};

/// Refunds what is left of a payment, or a part of it. Invoice, purchase and credits do not change.
pub(crate) fn refund(store: &mut Store, payment: &Payment, part: Option<i64>) -> Result<(), Refusal> {
    if payment.status != "succeeded" {
        return Err(Refusal::rule(format!("Invalid payment: Cannot refund a payment that is {}", payment.status)));
    }
    let before = payment.refunded_amount.unwrap_or(0);
    let left = payment.amount.saturating_sub(before);
    let part = part.unwrap_or(left);
    if part > left {
        return Err(Refusal::bad_request(format!(
            "Cannot refund {part}: only {left} of the payment are not refunded yet"
        )));
    }
    let now = store.now();
    store.tables.payments.change(&payment.meta.id, now, |payment| {
        payment.refunded_amount = Some(before.saturating_add(part));
        payment.refunded_at = Some(now);
        if part == left {
            payment.status = "refunded".into();
            payment.refunded = true;
        }
    });
    Ok(())
}
