//! The lines of a new invoice.

/// The type of an invoice line about usage.
pub(crate) const USAGE_LINE_TYPE: &str = "usage";

/// A line of a new invoice.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) description: String,
    pub(crate) unit_price: i64,
    pub(crate) quantity: i64,
    pub(crate) usage: Option<UsageLine>,
}

/// The fields that only usage lines have.
#[derive(Debug)]
pub(crate) struct UsageLine {
    pub(crate) price_id: String,
    pub(crate) ledger_account_id: String,
    /// The units of the meter that the line settles.
    pub(crate) units: i64,
}
