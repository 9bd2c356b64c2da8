//! What is charged: periods, invoices and payments.
//!
//! Start with `billing_run`, which charges one period of a subscription; `usage_charges` adds usage that no credit
//! covered, `failed_payment` keeps track of declined cards.

pub(crate) mod billing_run;
pub(crate) mod failed_payment;
pub(crate) mod invoice_line;
pub(crate) mod period;
pub(crate) mod proration;
pub(crate) mod refund;
pub(crate) mod usage_charges;
