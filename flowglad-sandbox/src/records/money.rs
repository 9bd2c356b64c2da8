//! Formats amounts of money.

/// Currencies without a smaller unit.
const WITHOUT_CENTS: [&str; 16] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];

/// An amount in the currency's smallest unit, such as `$2,000.00` for 200000 US cents.
pub(crate) fn format(amount: i64, currency: &str) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    let number = if WITHOUT_CENTS.contains(&currency) {
        with_separators(amount)
    } else {
        format!("{}.{:02}", with_separators(amount / 100), amount % 100)
    };
    match currency {
        "USD" => format!("{sign}${number}"),
        "EUR" => format!("{sign}€{number}"),
        "GBP" => format!("{sign}£{number}"),
        other => format!("{sign}{number} {other}"),
    }
}

/// A number with a comma before every three digits.
fn with_separators(number: u64) -> String {
    let digits = number.to_string();
    let (head, groups) = digits.split_at(digits.len() % 3);
    let mut parts: Vec<&str> = if head.is_empty() { Vec::new() } else { vec![head] };
    parts.extend((0..groups.len()).step_by(3).map(|start| &groups[start..start + 3]));
    parts.join(",")
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
        assert_eq!(format(123_456_789, "USD"), "$1,234,567.89");
        assert_eq!(format(100_000, "USD"), "$1,000.00");
    }
}
