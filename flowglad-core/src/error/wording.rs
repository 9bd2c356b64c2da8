//! What the API means by the sentences of its errors. It answers most refusals with a status of 500, so only the
//! sentence distinguishes a refusal, which stays the same on a retry, from a failure, which may pass.

const INTERNAL_PREFIXES: [&str; 2] = ["Unwrap called on Err: ", "Panic: "];

/// Refusals begin so, after the internal prefixes and names.
const BEGINNINGS: [&str; 17] = [
    "Cannot add ",
    "Cannot adjust ",
    "Cannot associate ",
    "Cannot cancel ",
    "Cannot claim ",
    "Cannot create ",
    "Cannot reduce ",
    "Cannot refund ",
    "Cannot release ",
    "Cannot uncancel ",
    "Cannot update ",
    "Current billing period ",
    "Invalid ",
    "Only ",
    "Payment failed",
    "Properties are required",
    "Unsupported ",
];

/// Refusals contain one of these.
const PARTS: [&str; 12] = [
    " already ",
    " archived",
    " conflict: ",
    " declined",
    " does not have ",
    " found with ",
    " is in terminal state",
    " is inactive",
    " is not available",
    " is required",
    " not found",
    " is not open",
];

/// The names of the API's refusals, where it sends them.
const REFUSAL_NAMES: [&str; 4] = ["ConflictError: ", "NotFoundError: ", "TerminalStateError: ", "ValidationError: "];

/// What these operations answer for an unknown id. From others the same sentence is a failure.
const OF_ONE_OPERATION: [(&str, &str); 2] =
    [("products.get", "An unexpected error occurred"), ("invoices.get", "Output validation failed")];

/// The records that the API calls "not found" by name.
const MISSING: [&str; 6] =
    ["Default pricing model ", "Payment ", "Price ", "Pricing Model ", "Subscription ", "UsageMeter "];

/// A write that met another one on the same unique index. The record is stored, and a retry finds it.
const INDEX_COLLISIONS: [&str; 2] = ["Failed to insert", "duplicate key"];

/// Whether a 500 with this sentence is a refusal. A sentence that is not known counts as a failure, since a retry of an
/// idempotent request is harmless.
pub(crate) fn is_refusal(operation: &str, sentence: &str) -> bool {
    if INDEX_COLLISIONS.iter().any(|collision| sentence.contains(collision)) {
        return false;
    }
    let plain = without_internal_prefixes(sentence);
    plain.split(": ").any(|part| BEGINNINGS.iter().any(|beginning| part.starts_with(beginning)))
        || (plain.starts_with("No ") && plain.contains(" found"))
        || PARTS.iter().any(|part| plain.contains(part))
        || REFUSAL_NAMES.iter().any(|name| sentence.contains(name))
        || OF_ONE_OPERATION.iter().any(|(of, beginning)| *of == operation && plain.starts_with(beginning))
}

/// Whether a 500 with this sentence means that something exists already, or is in the way.
pub(crate) fn is_conflict(sentence: &str) -> bool {
    sentence.contains("ConflictError: ") || sentence.contains(" conflict: ")
}

/// Whether a refusal with this sentence means that there are too few units of a resource.
pub(crate) fn is_capacity_exceeded(sentence: &str) -> bool {
    ["No available capacity", "Cannot reduce capacity "].iter().any(|part| sentence.contains(part))
}

/// Whether a refusal with this sentence means that a subscription never had any of a resource.
pub(crate) fn is_resource_not_on_plan(sentence: &str) -> bool {
    ["Resource is not available on this subscription", "Subscription has no items"].contains(&sentence)
}

/// Whether a 500 with this sentence means that the record that a request names does not exist.
pub(crate) fn is_missing_record(sentence: &str) -> bool {
    let plain = without_internal_prefixes(sentence);
    let is_of_an_id = plain.split_once("No ").is_some_and(|(_, rest)| rest.contains(" found with id"));
    // `Payment not found: pay_1`, `Pricing Model pm_1 not found`. A colon before it belongs to another sentence, such as
    // `Invalid priceSlug: Price with slug "x" not found`.
    let start = plain.split(": ").next().unwrap_or_default();
    is_of_an_id || (start.contains(" not found") && MISSING.iter().any(|record| start.starts_with(record)))
}

/// Whether a refusal with this sentence means that there is no such customer.
pub(crate) fn is_missing_customer(sentence: &str) -> bool {
    sentence.contains("Customer is required") || (sentence.contains("ustomer") && sentence.contains("not found"))
}

/// `Unwrap called on Err: NotFoundError: no such meter` becomes `no such meter`.
pub(crate) fn without_internal_prefixes(sentence: &str) -> &str {
    let Some(rest) = INTERNAL_PREFIXES.iter().find_map(|prefix| sentence.strip_prefix(prefix)) else { return sentence };
    let rest = match rest.split_once(": ") {
        Some((name, message)) if name.ends_with("Error") && !name.contains(' ') => message,
        _ => rest,
    };
    without_internal_prefixes(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_the_platform_are_known() {
        for sentence in [
            "No discounts found with id: disc_1",
            "Unwrap called on Err: Panic: Unwrap called on Err: NotFoundError: No subscriptions found with id: nope",
            "No active claim found with externalId \"m\"",
            "No Resource feature found for resource resource_1 in subscription sub_1",
            "Subscription not found: nope (usage event at index 1)",
            "Pricing Model nope not found",
            "Default pricing model not found",
            "UsageEvent conflict: A usage event already exists for transactionid t",
            "Unwrap called on Err: ConflictError: resource conflict: Cannot reduce capacity to 1.",
            "Invalid subscription: Cannot cancel the default free plan.",
            "Cannot create usage event for archived customer",
            "Cannot release 1 anonymous claims. Only 0 exist.",
            "Current billing period not found: subscription sub_1",
            "Unwrap called on Err: TerminalStateError: Subscription sub_1 is in terminal state: canceled",
            "Unwrap called on Err: X: Invalid priceId: price_1",
            "Payment failed: Your card was declined.",
        ] {
            assert!(is_refusal("any", sentence), "{sentence}");
        }
    }

    #[test]
    fn failures_and_unknown_sentences_are_no_refusals() {
        for sentence in [
            "An unexpected error occurred. Please try again.",
            "Output validation failed",
            "connect ECONNREFUSED",
            "Cannot read properties of undefined (reading 'id')",
            "Cannot connect to the database",
            "No unkey metadata provided",
            "Failed to insert item into usage_events: Key (transaction_id)=(t) already exists",
            "duplicate key value violates unique constraint; the key already exists",
        ] {
            assert!(!is_refusal("customers.billing", sentence), "{sentence}");
        }
    }

    #[test]
    fn sentences_that_only_one_operation_means_as_a_refusal() {
        assert!(is_refusal("products.get", "An unexpected error occurred. Please try again."));
        assert!(is_refusal("invoices.get", "Output validation failed"));
    }

    #[test]
    fn a_missing_record_is_known_in_all_its_wordings() {
        for sentence in [
            "Unwrap called on Err: Panic: Unwrap called on Err: NotFoundError: No subscriptions found with id: nope",
            "No discounts found with id: disc_1",
            "Unwrap called on Err: NotFoundError: Subscription not found: sub_1",
            "Subscription not found: nope (usage event at index 1)",
            "Payment not found: pay_1",
            "Pricing Model nope not found",
            "Default pricing model not found",
            "UsageMeter not found: slug \"nope\"",
            "Price not found: with slug nope (not in customer's pricing model)",
        ] {
            assert!(is_missing_record(sentence), "{sentence}");
        }
        for sentence in [
            "Current billing period not found: subscription sub_1",
            "Invalid checkoutSession: Required customer not found for Product checkout (anonymous=false).",
            "An unexpected error occurred. Please try again.",
            "Payment failed: Your card was declined.",
        ] {
            assert!(!is_missing_record(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_missing_customer_is_known_in_all_its_wordings() {
        for sentence in [
            "Customer with externalId user_42 not found",
            "Invalid checkoutSession: Required customer not found for Product checkout (anonymous=false).",
            "Invalid customer: Customer is required to resolve price slug for identified checkout sessions",
            "Invalid checkoutSession: Customer is required for add payment method checkout sessions",
        ] {
            assert!(is_missing_customer(sentence), "{sentence}");
        }
        assert!(!is_missing_customer("Invalid priceSlug: Price with slug \"x\" not found"));
    }

    #[test]
    fn repeated_internal_prefixes_are_removed() {
        let twice = "Unwrap called on Err: NotFoundError: Unwrap called on Err: X: price not found: price_1";
        assert_eq!(without_internal_prefixes(twice), "X: price not found: price_1");
        assert_eq!(without_internal_prefixes("Invalid subscription: free plan"), "Invalid subscription: free plan");
        let panic = "Unwrap called on Err: Panic: Unwrap called on Err: NotFoundError: No prices found with id: x";
        assert_eq!(without_internal_prefixes(panic), "No prices found with id: x");
    }
}
