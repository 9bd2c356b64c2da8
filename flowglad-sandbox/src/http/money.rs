//! Formats amounts of money.

/// Currencies without a smaller unit.
const WITHOUT_CENTS: [&str; 16] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];

/// An amount in the currency's smallest unit, such as `$20.00` for 2000 US cents.
pub(crate) fn format(amount: i64, currency: &str) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    let number = if WITHOUT_CENTS.contains(&currency) {
        amount.to_string()
    } else {
        format!("{}.{:02}", amount / 100, amount % 100)
    };
    match currency {
        "USD" => format!("{sign}${number}"),
        "EUR" => format!("{sign}€{number}"),
        "GBP" => format!("{sign}£{number}"),
        other => format!("{sign}{number} {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        assert_eq!(format(2000, "USD"), "$20.00");
        assert_eq!(format(5, "EUR"), "€0.05");
        assert_eq!(format(-150, "GBP"), "-£1.50");
        assert_eq!(format(500, "JPY"), "500 JPY");
    }
}
