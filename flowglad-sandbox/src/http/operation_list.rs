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

const fn by(method: MethodFilter, path: &'static str, name: &'static str, handler: Handler) -> Operation {
    Operation { method, path, name, handler: Some(handler), empty_body_allowed: false }
}

const fn never(method: MethodFilter, path: &'static str, name: &'static str) -> Operation {
    Operation { method, path, name, handler: None, empty_body_allowed: false }
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
    by(GET, "/checkout-sessions", "checkoutSessions.list", checkout_sessions::list),
    by(GET, "/checkout-sessions/{id}", "checkoutSessions.get", checkout_sessions::get),
    by(POST, "/subscriptions", "subscriptions.create", subscriptions::create),
    by(GET, "/subscriptions", "subscriptions.list", subscriptions::list),
    by(GET, "/subscriptions/{id}", "subscriptions.get", subscriptions::get),
    never(PUT, "/subscriptions/{id}", "subscriptions.update"),
    by(POST, "/subscriptions/{id}/cancel", "subscriptions.cancel", subscriptions::cancel),
    by(POST, "/subscriptions/{id}/uncancel", "subscriptions.uncancel", subscriptions::uncancel).with_empty_body(),
    by(POST, "/subscriptions/{id}/adjust", "subscriptions.adjust", subscription_adjustment::adjust),
    by(POST, "/subscriptions/{id}/preview-adjust", "subscriptions.previewAdjust", subscription_adjustment::preview),
    by(
        POST,
        "/subscriptions/{id}/cancel-scheduled-adjustment",
        "subscriptions.cancelScheduledAdjustment",
        subscription_adjustment::cancel_scheduled,
    ),
    by(
        POST,
        "/subscriptions/{id}/add-feature",
        "subscriptions.addFeatureToSubscription",
        subscription_item_features::add,
    ),
    by(POST, "/usage-events", "usageEvents.create", usage_events::create),
    by(GET, "/usage-events", "usageEvents.list", usage_events::list),
    by(POST, "/usage-events/bulk", "usageEvents.bulkInsert", usage_events::bulk),
    by(GET, "/usage-events/{id}", "usageEvents.get", usage_events::get),
    by(POST, "/resource-claims/{subscriptionId}/claim", "resourceClaims.claim", resource_claims::claim),
    by(POST, "/resource-claims/{subscriptionId}/release", "resourceClaims.release", resource_claims::release),
    by(GET, "/resource-claims/{subscriptionId}/usage", "resourceClaims.getUsage", resource_claims::usage),
    by(GET, "/resource-claims/{subscriptionId}/usages", "resourceClaims.listResourceUsages", resource_claims::usages),
    by(GET, "/resource-claims/{subscriptionId}/claims", "resourceClaims.listClaims", resource_claims::claims),
    by(GET, "/pricing-models/default", "pricingModels.getDefault", pricing_models::default),
    by(POST, "/pricing-models/setup", "pricingModels.setup", pricing_models::setup),
    by(GET, "/pricing-models", "pricingModels.list", pricing_models::list),
    by(POST, "/pricing-models", "pricingModels.create", pricing_models::create),
    by(GET, "/pricing-models/{id}", "pricingModels.get", pricing_models::get),
    by(PUT, "/pricing-models/{id}", "pricingModels.update", pricing_models::update),
    by(POST, "/pricing-models/{id}/clone", "pricingModels.clone", pricing_models::clone_model),
    by(GET, "/pricing-models/{id}/export", "pricingModels.export", pricing_models::export),
    by(GET, "/products", "products.list", products::list),
    by(POST, "/products", "products.create", products::create),
    by(GET, "/products/{id}", "products.get", products::get),
    by(PUT, "/products/{id}", "products.update", products::update),
    by(GET, "/prices", "prices.list", prices::list),
    by(POST, "/prices", "prices.create", prices::create),
    by(GET, "/prices/{id}", "prices.get", prices::get),
    by(PUT, "/prices/{id}", "prices.update", prices::update),
    by(GET, "/features", "features.list", features::list),
    by(POST, "/features", "features.create", features::create),
    by(GET, "/features/{id}", "features.get", features::get),
    by(PUT, "/features/{id}", "features.update", features::update),
    by(GET, "/product-features", "productFeatures.list", product_features::list),
    by(POST, "/product-features", "productFeatures.create", product_features::create),
    by(GET, "/product-features/{id}", "productFeatures.get", product_features::get),
    by(POST, "/product-features/{id}/expire", "productFeatures.expire", product_features::expire).with_empty_body(),
    by(GET, "/usage-meters", "usageMeters.list", usage_meters::list),
    by(POST, "/usage-meters", "usageMeters.create", usage_meters::create),
    by(GET, "/usage-meters/{id}", "usageMeters.get", usage_meters::get),
    by(PUT, "/usage-meters/{id}", "usageMeters.update", usage_meters::update),
    by(GET, "/resources", "resources.list", resources::list),
    by(POST, "/resources", "resources.create", resources::create),
    by(GET, "/resources/{id}", "resources.get", resources::get),
    by(PUT, "/resources/{id}", "resources.update", resources::update),
    by(GET, "/invoices", "invoices.list", invoices::list),
    never(POST, "/invoices", "invoices.create"),
    by(GET, "/invoices/{id}", "invoices.get", invoices::get),
    by(GET, "/invoice-line-items", "invoiceLineItems.list", invoices::list_lines),
    by(GET, "/invoice-line-items/{id}", "invoiceLineItems.get", invoices::get_line),
    by(GET, "/payments", "payments.list", payments::list),
    by(GET, "/payments/{id}", "payments.get", payments::get),
    by(POST, "/payments/{id}/refund", "payments.refund", payments::refund),
    by(GET, "/payment-methods", "paymentMethods.list", payment_methods::list),
    by(GET, "/payment-methods/{id}", "paymentMethods.get", payment_methods::get),
    never(GET, "/purchases", "purchases.list"),
    by(GET, "/purchases/{id}", "purchases.get", purchases::get),
    by(GET, "/discounts", "discounts.list", discounts::list),
    by(POST, "/discounts", "discounts.create", discounts::create),
    by(GET, "/discounts/{id}", "discounts.get", discounts::get),
    by(PUT, "/discounts/{id}", "discounts.update", discounts::update),
    by(GET, "/api-keys/{id}", "apiKeys.get", api_keys::get),
    never(GET, "/webhooks", "webhooks.list"),
    by(POST, "/webhooks", "webhooks.create", webhooks::create),
    by(GET, "/webhooks/{id}", "webhooks.get", webhooks::get),
    by(PUT, "/webhooks/{id}", "webhooks.update", webhooks::update),
    by(POST, "/subscription-item-features", "subscriptionItemFeatures.create", subscription_item_features::create),
    by(GET, "/subscription-item-features/{id}", "subscriptionItemFeatures.get", subscription_item_features::get),
    by(PUT, "/subscription-item-features/{id}", "subscriptionItemFeatures.update", subscription_item_features::update),
    by(
        POST,
        "/subscription-item-features/{id}/expire",
        "subscriptionItemFeatures.deactivate",
        subscription_item_features::expire,
    ),
];
