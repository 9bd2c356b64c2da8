//! Amounts of money.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::input::InvalidInput;

/// An amount of money with its currency.
///
/// ```
/// use flowglad_core::model::Money;
/// assert_eq!(Money::new(2000, "USD".parse()?).to_string(), "20.00 USD");
/// assert_eq!(Money::new(-1500, "JPY".parse()?).to_string(), "-1500 JPY");
/// # Ok::<_, flowglad_core::InvalidInput>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    amount: i64,
    currency: Currency,
}

impl Money {
    /// Combines an amount in the currency's smallest unit with its currency.
    #[must_use]
    pub fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    pub(crate) fn from_parts(amount: Option<i64>, currency: Option<&Currency>) -> Option<Self> {
        Some(Self::new(amount?, currency?.clone()))
    }

    /// The amount in the currency's smallest unit.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub fn currency(&self) -> &Currency {
        &self.currency
    }
}

/// Writes the amount in the currency's main unit, followed by the currency: `20.00 USD`. Format money for people in
/// your app, according to their language.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.amount < 0 { "-" } else { "" };
        let (amount, decimals) = (self.amount.unsigned_abs(), self.currency.decimals());
        let unit = 10_u64.pow(decimals);
        write!(f, "{sign}{}", amount / unit)?;
        if decimals > 0 {
            write!(f, ".{:0width$}", amount % unit, width = decimals as usize)?;
        }
        write!(f, " {}", self.currency)
    }
}

/// A currency by its three-letter ISO 4217 code, for example `USD`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// The three-letter code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The number of decimals between the main unit and the smallest unit, as the payment processor counts them: 0 for
    /// currencies such as JPY, otherwise 2.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        const ZERO_DECIMAL: [&str; 16] = [
            "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
            "XPF",
        ];
        if ZERO_DECIMAL.contains(&self.code()) { 0 } else { 2 }
    }
}

impl FromStr for Currency {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        if text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_alphabetic()) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(InvalidInput::new("currency", "must be three letters, for example USD"))
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn display(amount: i64, currency: &str) -> String {
        Money::new(amount, currency.parse().unwrap()).to_string()
    }

    #[test]
    fn amounts_are_shown_in_the_main_unit() {
        assert_eq!(display(5, "usd"), "0.05 USD");
        assert_eq!(display(-5, "EUR"), "-0.05 EUR");
        assert_eq!(display(i64::MIN, "USD"), "-92233720368547758.08 USD");
        assert_eq!(display(500, "KRW"), "500 KRW");
    }

    #[test]
    fn only_three_letters_are_a_currency() {
        for text in ["", "US", "USDT", "U$D", "€"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }
}
