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
        resource_claims::CLAIM_NAMED.route(),
        resource_claims::RELEASE.route(),
        usage_events::CREATE.route(),
    ];

    #[test]
    fn every_operation_has_one_path_and_every_path_one_operation() {
        let paths: BTreeSet<_> = ALL.iter().map(|route| (format!("{:?}", route.method), route.path)).collect();
        let names: BTreeSet<_> = ALL.iter().map(|route| route.operation).collect();
        assert_eq!(names.len(), paths.len());
    }

    #[test]
    fn what_may_be_sent_twice_is_decided_here() {
        let lines = ALL
            .iter()
            .map(|Route { operation, method, path, resend }| format!("{operation}: {method:?} {path} {resend:?}"));
        insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
        checkout_sessions.create: Post /checkout-sessions IfNotDelivered
        customers.create: Post /customers IfNotDelivered
        customers.get: Get /customers/{externalId} Always
        customers.update: Put /customers/{externalId} Always
        customers.billing: Get /customers/{externalId}/billing Always
        customers.usage_balances: Get /customers/{externalId}/usage-balances Always
        pricing_models.default: Get /pricing-models/default Always
        subscriptions.get: Get /subscriptions/{id} Always
        subscriptions.cancel: Post /subscriptions/{id}/cancel IfNotDelivered
        subscriptions.uncancel: Post /subscriptions/{id}/uncancel IfNotDelivered
        subscriptions.adjust: Post /subscriptions/{id}/adjust IfNotDelivered
        resource_claims.usages: Get /resource-claims/{subscriptionId}/usages Always
        resource_claims.usage: Get /resource-claims/{subscriptionId}/usage Always
        resource_claims.claims: Get /resource-claims/{subscriptionId}/claims Always
        resource_claims.claim: Post /resource-claims/{subscriptionId}/claim IfNotDelivered
        resource_claims.claim: Post /resource-claims/{subscriptionId}/claim Always
        resource_claims.release: Post /resource-claims/{subscriptionId}/release IfNotDelivered
        usage_events.create: Post /usage-events Always
        ");
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
