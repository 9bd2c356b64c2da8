//! Every operation of the API, in one list: its method, its path, and who answers it.

use axum::routing::MethodFilter;

use super::api_error::ApiError;
use super::call::Call;
use super::reply::Reply;
use crate::operations::{
    adjustment, checkout_sessions, customers, pricing_models, resource_claims, subscriptions, usage_events, webhooks,
};
use crate::store::Store;

/// Reads a call, changes the store, and says what to answer.
pub(crate) type Handler = fn(&mut Store, &Call) -> Result<Reply, ApiError>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) method: MethodFilter,
    pub(crate) path: &'static str,
    /// The procedure's name on the real API, for messages.
    pub(crate) name: &'static str,
    pub(crate) answer: Answer,
    pub(crate) empty_body_allowed: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    By(Handler),
    /// The real API has it, the sandbox does not yet.
    NotYet,
    /// The real API has a path for it, but nothing behind the path.
    NoProcedure,
}

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;
const PUT: MethodFilter = MethodFilter::PUT;

const fn by(method: MethodFilter, path: &'static str, name: &'static str, handler: Handler) -> Operation {
    Operation { method, path, name, answer: Answer::By(handler), empty_body_allowed: false }
}

const fn later(method: MethodFilter, path: &'static str, name: &'static str) -> Operation {
    Operation { method, path, name, answer: Answer::NotYet, empty_body_allowed: false }
}

const fn never(method: MethodFilter, path: &'static str, name: &'static str) -> Operation {
    Operation { method, path, name, answer: Answer::NoProcedure, empty_body_allowed: false }
}

impl Operation {
    const fn with_empty_body(self) -> Self {
        Self { empty_body_allowed: true, ..self }
    }
}

pub(crate) const OPERATIONS: &[Operation] = &[
    by(POST, "/customers", "customers.create", customers::create),
    by(GET, "/customers", "customers.list", customers::list),
    by(GET, "/customers/{externalId}", "customers.get", customers::get),
    by(PUT, "/customers/{externalId}", "customers.update", customers::update),
    by(GET, "/customers/{externalId}/billing", "customers.getBilling", customers::billing),
    by(GET, "/customers/{externalId}/usage-balances", "customers.getUsageBalances", customers::usage_balances),
    by(POST, "/customers/{externalId}/archive", "customers.archive", customers::archive),
    by(POST, "/checkout-sessions", "checkoutSessions.create", checkout_sessions::create),
    later(GET, "/checkout-sessions", "checkoutSessions.list"),
    by(GET, "/checkout-sessions/{id}", "checkoutSessions.get", checkout_sessions::get),
    by(POST, "/subscriptions", "subscriptions.create", subscriptions::create),
    later(GET, "/subscriptions", "subscriptions.list"),
    by(GET, "/subscriptions/{id}", "subscriptions.get", subscriptions::get),
    never(PUT, "/subscriptions/{id}", "subscriptions.update"),
    by(POST, "/subscriptions/{id}/cancel", "subscriptions.cancel", subscriptions::cancel),
    by(POST, "/subscriptions/{id}/uncancel", "subscriptions.uncancel", subscriptions::uncancel).with_empty_body(),
    by(POST, "/subscriptions/{id}/adjust", "subscriptions.adjust", adjustment::adjust),
    later(POST, "/subscriptions/{id}/preview-adjust", "subscriptions.previewAdjust"),
    later(POST, "/subscriptions/{id}/cancel-scheduled-adjustment", "subscriptions.cancelScheduledAdjustment"),
    later(POST, "/subscriptions/{id}/add-feature", "subscriptions.addFeatureToSubscription"),
    by(POST, "/usage-events", "usageEvents.create", usage_events::create),
    later(GET, "/usage-events", "usageEvents.list"),
    by(POST, "/usage-events/bulk", "usageEvents.bulkInsert", usage_events::bulk),
    later(GET, "/usage-events/{id}", "usageEvents.get"),
    by(POST, "/resource-claims/{subscriptionId}/claim", "resourceClaims.claim", resource_claims::claim),
    by(POST, "/resource-claims/{subscriptionId}/release", "resourceClaims.release", resource_claims::release),
    by(GET, "/resource-claims/{subscriptionId}/usage", "resourceClaims.getUsage", resource_claims::usage),
    by(GET, "/resource-claims/{subscriptionId}/usages", "resourceClaims.listResourceUsages", resource_claims::usages),
    by(GET, "/resource-claims/{subscriptionId}/claims", "resourceClaims.listClaims", resource_claims::claims),
    by(GET, "/pricing-models/default", "pricingModels.getDefault", pricing_models::default),
    by(POST, "/pricing-models/setup", "pricingModels.setup", pricing_models::setup),
    later(GET, "/pricing-models", "pricingModels.list"),
    later(POST, "/pricing-models", "pricingModels.create"),
    by(GET, "/pricing-models/{id}", "pricingModels.get", pricing_models::get),
    later(PUT, "/pricing-models/{id}", "pricingModels.update"),
    later(POST, "/pricing-models/{id}/clone", "pricingModels.clone"),
    later(GET, "/pricing-models/{id}/export", "pricingModels.export"),
    later(GET, "/products", "products.list"),
    later(POST, "/products", "products.create"),
    later(GET, "/products/{id}", "products.get"),
    later(PUT, "/products/{id}", "products.update"),
    later(GET, "/prices", "prices.list"),
    later(POST, "/prices", "prices.create"),
    later(GET, "/prices/{id}", "prices.get"),
    later(PUT, "/prices/{id}", "prices.update"),
    later(GET, "/features", "features.list"),
    later(POST, "/features", "features.create"),
    later(GET, "/features/{id}", "features.get"),
    later(PUT, "/features/{id}", "features.update"),
    later(GET, "/product-features", "productFeatures.list"),
    later(POST, "/product-features", "productFeatures.create"),
    later(GET, "/product-features/{id}", "productFeatures.get"),
    later(POST, "/product-features/{id}/expire", "productFeatures.expire").with_empty_body(),
    later(GET, "/usage-meters", "usageMeters.list"),
    later(POST, "/usage-meters", "usageMeters.create"),
    later(GET, "/usage-meters/{id}", "usageMeters.get"),
    later(PUT, "/usage-meters/{id}", "usageMeters.update"),
    later(GET, "/resources", "resources.list"),
    later(POST, "/resources", "resources.create"),
    later(GET, "/resources/{id}", "resources.get"),
    later(PUT, "/resources/{id}", "resources.update"),
    later(GET, "/invoices", "invoices.list"),
    never(POST, "/invoices", "invoices.create"),
    later(GET, "/invoices/{id}", "invoices.get"),
    later(GET, "/invoice-line-items", "invoiceLineItems.list"),
    later(GET, "/invoice-line-items/{id}", "invoiceLineItems.get"),
    later(GET, "/payments", "payments.list"),
    later(GET, "/payments/{id}", "payments.get"),
    later(POST, "/payments/{id}/refund", "payments.refund"),
    later(GET, "/payment-methods", "paymentMethods.list"),
    later(GET, "/payment-methods/{id}", "paymentMethods.get"),
    never(GET, "/purchases", "purchases.list"),
    later(GET, "/purchases/{id}", "purchases.get"),
    later(GET, "/discounts", "discounts.list"),
    later(POST, "/discounts", "discounts.create"),
    later(GET, "/discounts/{id}", "discounts.get"),
    later(PUT, "/discounts/{id}", "discounts.update"),
    later(GET, "/api-keys/{id}", "apiKeys.get"),
    never(GET, "/webhooks", "webhooks.list"),
    by(POST, "/webhooks", "webhooks.create", webhooks::create),
    by(GET, "/webhooks/{id}", "webhooks.get", webhooks::get),
    by(PUT, "/webhooks/{id}", "webhooks.update", webhooks::update),
    later(POST, "/subscription-item-features", "subscriptionItemFeatures.create"),
    later(GET, "/subscription-item-features/{id}", "subscriptionItemFeatures.get"),
    later(PUT, "/subscription-item-features/{id}", "subscriptionItemFeatures.update"),
    later(POST, "/subscription-item-features/{id}/expire", "subscriptionItemFeatures.deactivate"),
];
