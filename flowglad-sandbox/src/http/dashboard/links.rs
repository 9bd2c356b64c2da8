//! The paths of the dashboard's own pages.

/// The path of a customer's page.
pub(super) fn customer(id: &str) -> String {
    format!("/dashboard/customers/{id}")
}

/// The path of a delivery's page.
pub(super) fn delivery(webhook_id: &str, delivery_id: &str) -> String {
    format!("/dashboard/webhooks/{webhook_id}/deliveries/{delivery_id}")
}

/// The path of a request's page.
pub(super) fn request(number: u64) -> String {
    format!("/dashboard/requests/{number}")
}

/// A path with a query, of the parameters that are not empty.
pub(super) fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        query.extend(value.bytes().map(encoded));
    }
    format!("{path}{query}")
}

fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

#[cfg(test)]
mod tests {
    use super::with_query;

    #[test]
    fn parameters_are_encoded_and_empty_ones_left_out() {
        assert_eq!(with_query("/a", &[("q", ""), ("from", "")]), "/a");
        assert_eq!(with_query("/a", &[("q", "é&\"x"), ("from", "50")]), "/a?q=%C3%A9%26%22x&from=50");
    }
}
