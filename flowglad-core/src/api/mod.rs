//! The endpoints of the API as constants, one file per resource.

pub(crate) mod checkout_sessions;
pub(crate) mod customers;
pub(crate) mod pricing_models;
pub(crate) mod resource_claims;
pub(crate) mod subscriptions;
pub(crate) mod usage_events;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::client::endpoint::Route;

    const ALL: &[Route] = &[
        checkout_sessions::CREATE.route(),
        customers::CREATE.route(),
        customers::GET.route(),
        customers::UPDATE.route(),
        customers::BILLING.route(),
        customers::USAGE_BALANCES.route(),
        pricing_models::DEFAULT.route(),
        subscriptions::GET.route(),
        subscriptions::CANCEL.route(),
        subscriptions::UNCANCEL.route(),
        subscriptions::ADJUST.route(),
        resource_claims::USAGES.route(),
        resource_claims::USAGE.route(),
        resource_claims::CLAIMS.route(),
        resource_claims::CLAIM.route(),
        resource_claims::RELEASE.route(),
        usage_events::CREATE.route(),
    ];

    #[test]
    fn operations_have_distinct_names() {
        let names: BTreeSet<_> = ALL.iter().map(|route| route.operation).collect();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn every_endpoint_is_in_the_api_description() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/openapi.json");
        let Ok(description) = std::fs::read(file) else {
            eprintln!("skipped: no API description beside this repository");
            return;
        };
        let description: serde_json::Value = serde_json::from_slice(&description).unwrap();
        for route in ALL {
            let method = format!("{:?}", route.method).to_lowercase();
            let operation = &description["paths"][format!("/api/v1{}", route.path)][&method];
            assert!(operation.is_object(), "{method} {} is not in the API's description", route.path);
        }
    }
}
