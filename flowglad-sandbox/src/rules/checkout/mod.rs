//! Checkout sessions: what one will cost (`quote`), and what paying it does (`completion`).

pub(crate) mod completion;
pub(crate) mod quote;
