//! Every operation of the API, in one list: its method, its path, and its handler.

use axum::routing::MethodFilter;

use crate::{
    operations::{
        api_keys, call::Call, checkout_sessions, customers, discounts, features, invoices, payment_methods, payments,
        prices, pricing_models, product_features, products, purchases, reply::Reply, resource_claims, resources,
        subscription_adjustment, subscription_item_features, subscriptions, usage_events, usage_meters, webhooks,
    },
    refusal::Refusal,
    store::Store,
};

/// Reads a call, changes the store, and returns the reply.
pub(crate) type Handler = fn(&mut Store, &Call) -> Result<Reply, Refusal>;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) method: MethodFilter,
    pub(crate) path: &'static str,
    /// The procedure's name on the real API, for messages.
    pub(crate) name: &'static str,
    /// None if the real API has a path for it, but no procedure.
    pub(crate) handler: Option<Handler>,
    pub(crate) empty_body_allowed: bool,
}

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;
const PUT: MethodFilter = MethodFilter::PUT;

const fn operation(method: MethodFilter, path: &'static str, name: &'static str, handler: Handler) -> Operation {
    Operation { method, path, name, handler: Some(handler), empty_body_allowed: false }
}

const fn without_procedure(method: MethodFilter, path: &'static str, name: &'static str) -> Operation {
    Operation { method, path, name, handler: None, empty_body_allowed: false }
}

impl Operation {
    const fn with_empty_body(self) -> Self {
        Self { empty_body_allowed: true, ..self }
    }
}

pub(crate) const OPERATIONS: &[Operation] = &[
    operation(POST, "/customers", "customers.create", customers::create),
    operation(GET, "/customers", "customers.list", customers::list),
    operation(GET, "/customers/{externalId}", "customers.get", customers::get),
    operation(PUT, "/customers/{externalId}", "customers.update", customers::update),
    operation(GET, "/customers/{externalId}/billing", "customers.getBilling", customers::billing),
    operation(GET, "/customers/{externalId}/usage-balances", "customers.getUsageBalances", customers::usage_balances),
    operation(POST, "/customers/{externalId}/archive", "customers.archive", customers::archive),
    operation(POST, "/checkout-sessions", "checkoutSessions.create", checkout_sessions::create),
    operation(GET, "/checkout-sessions", "checkoutSessions.list", checkout_sessions::list),
    operation(GET, "/checkout-sessions/{id}", "checkoutSessions.get", checkout_sessions::get),
    operation(POST, "/subscriptions", "subscriptions.create", subscriptions::create),
    operation(GET, "/subscriptions", "subscriptions.list", subscriptions::list),
    operation(GET, "/subscriptions/{id}", "subscriptions.get", subscriptions::get),
    without_procedure(PUT, "/subscriptions/{id}", "subscriptions.update"),
    operation(POST, "/subscriptions/{id}/cancel", "subscriptions.cancel", subscriptions::cancel),
    operation(POST, "/subscriptions/{id}/uncancel", "subscriptions.uncancel", subscriptions::uncancel)
        .with_empty_body(),
    operation(POST, "/subscriptions/{id}/adjust", "subscriptions.adjust", subscription_adjustment::adjust),
    operation(
        POST,
        "/subscriptions/{id}/preview-adjust",
        "subscriptions.previewAdjust",
        subscription_adjustment::preview,
    ),
    operation(
        POST,
        "/subscriptions/{id}/cancel-scheduled-adjustment",
        "subscriptions.cancelScheduledAdjustment",
        subscription_adjustment::cancel_scheduled,
    ),
    operation(
        POST,
        "/subscriptions/{id}/add-feature",
        "subscriptions.addFeatureToSubscription",
        subscription_item_features::add,
    ),
    operation(POST, "/usage-events", "usageEvents.create", usage_events::create),
    operation(GET, "/usage-events", "usageEvents.list", usage_events::list),
    operation(POST, "/usage-events/bulk", "usageEvents.bulkInsert", usage_events::bulk),
    operation(GET, "/usage-events/{id}", "usageEvents.get", usage_events::get),
    operation(POST, "/resource-claims/{subscriptionId}/claim", "resourceClaims.claim", resource_claims::claim),
    operation(POST, "/resource-claims/{subscriptionId}/release", "resourceClaims.release", resource_claims::release),
    operation(GET, "/resource-claims/{subscriptionId}/usage", "resourceClaims.getUsage", resource_claims::usage),
    operation(
        GET,
        "/resource-claims/{subscriptionId}/usages",
        "resourceClaims.listResourceUsages",
        resource_claims::usages,
    ),
    operation(GET, "/resource-claims/{subscriptionId}/claims", "resourceClaims.listClaims", resource_claims::claims),
    operation(GET, "/pricing-models/default", "pricingModels.getDefault", pricing_models::default),
    operation(POST, "/pricing-models/setup", "pricingModels.setup", pricing_models::setup),
    operation(GET, "/pricing-models", "pricingModels.list", pricing_models::list),
    operation(POST, "/pricing-models", "pricingModels.create", pricing_models::create),
    operation(GET, "/pricing-models/{id}", "pricingModels.get", pricing_models::get),
    operation(PUT, "/pricing-models/{id}", "pricingModels.update", pricing_models::update),
    operation(POST, "/pricing-models/{id}/clone", "pricingModels.clone", pricing_models::clone_model),
    operation(GET, "/pricing-models/{id}/export", "pricingModels.export", pricing_models::export),
    operation(GET, "/products", "products.list", products::list),
    operation(POST, "/products", "products.create", products::create),
    operation(GET, "/products/{id}", "products.get", products::get),
    operation(PUT, "/products/{id}", "products.update", products::update),
    operation(GET, "/prices", "prices.list", prices::list),
    operation(POST, "/prices", "prices.create", prices::create),
    operation(GET, "/prices/{id}", "prices.get", prices::get),
    operation(PUT, "/prices/{id}", "prices.update", prices::update),
    operation(GET, "/features", "features.list", features::list),
    operation(POST, "/features", "features.create", features::create),
    operation(GET, "/features/{id}", "features.get", features::get),
    operation(PUT, "/features/{id}", "features.update", features::update),
    operation(GET, "/product-features", "productFeatures.list", product_features::list),
    operation(POST, "/product-features", "productFeatures.create", product_features::create),
    operation(GET, "/product-features/{id}", "productFeatures.get", product_features::get),
    operation(POST, "/product-features/{id}/expire", "productFeatures.expire", product_features::expire)
        .with_empty_body(),
    operation(GET, "/usage-meters", "usageMeters.list", usage_meters::list),
    operation(POST, "/usage-meters", "usageMeters.create", usage_meters::create),
    operation(GET, "/usage-meters/{id}", "usageMeters.get", usage_meters::get),
    operation(PUT, "/usage-meters/{id}", "usageMeters.update", usage_meters::update),
    operation(GET, "/resources", "resources.list", resources::list),
    operation(POST, "/resources", "resources.create", resources::create),
    operation(GET, "/resources/{id}", "resources.get", resources::get),
    operation(PUT, "/resources/{id}", "resources.update", resources::update),
    operation(GET, "/invoices", "invoices.list", invoices::list),
    without_procedure(POST, "/invoices", "invoices.create"),
    operation(GET, "/invoices/{id}", "invoices.get", invoices::get),
    operation(GET, "/invoice-line-items", "invoiceLineItems.list", invoices::list_lines),
    operation(GET, "/invoice-line-items/{id}", "invoiceLineItems.get", invoices::get_line),
    operation(GET, "/payments", "payments.list", payments::list),
    operation(GET, "/payments/{id}", "payments.get", payments::get),
    operation(POST, "/payments/{id}/refund", "payments.refund", payments::refund),
    operation(GET, "/payment-methods", "paymentMethods.list", payment_methods::list),
    operation(GET, "/payment-methods/{id}", "paymentMethods.get", payment_methods::get),
    without_procedure(GET, "/purchases", "purchases.list"),
    operation(GET, "/purchases/{id}", "purchases.get", purchases::get),
    operation(GET, "/discounts", "discounts.list", discounts::list),
    operation(POST, "/discounts", "discounts.create", discounts::create),
    operation(GET, "/discounts/{id}", "discounts.get", discounts::get),
    operation(PUT, "/discounts/{id}", "discounts.update", discounts::update),
    operation(GET, "/api-keys/{id}", "apiKeys.get", api_keys::get),
    without_procedure(GET, "/webhooks", "webhooks.list"),
    operation(POST, "/webhooks", "webhooks.create", webhooks::create),
    operation(GET, "/webhooks/{id}", "webhooks.get", webhooks::get),
    operation(PUT, "/webhooks/{id}", "webhooks.update", webhooks::update),
    operation(
        POST,
        "/subscription-item-features",
        "subscriptionItemFeatures.create",
        subscription_item_features::create,
    ),
    operation(GET, "/subscription-item-features/{id}", "subscriptionItemFeatures.get", subscription_item_features::get),
    operation(
        PUT,
        "/subscription-item-features/{id}",
        "subscriptionItemFeatures.update",
        subscription_item_features::update,
    ),
    operation(
        POST,
        "/subscription-item-features/{id}/expire",
        "subscriptionItemFeatures.deactivate",
        subscription_item_features::expire,
    ),
];
