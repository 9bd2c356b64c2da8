//! Every path of the API, in one list: its method, its pattern, and what runs there.

use axum::http::Method;

use crate::{
    operations::{
        api_keys, call::Call, checkout_sessions, customers, discounts, features, invoices, payment_methods, payments,
        ping, prices, pricing_models, product_features, products, purchases, reply::Reply, resource_claims, resources,
        subscription_adjustment, subscription_item_features, subscriptions, usage_events, usage_meters, webhooks,
    },
    refusal::{ErrorMode, Refusal},
    store::Store,
};

/// Reads a call, changes the store, and returns the reply.
pub(crate) type Handler = fn(&mut Store, &Call) -> Result<Reply, Refusal>;

/// The methods that operations have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

use Verb::{Delete, Get, Post, Put};

impl Verb {
    pub(crate) fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET => Some(Get),
            Method::POST => Some(Post),
            Method::PUT => Some(Put),
            Method::DELETE => Some(Delete),
            _ => None,
        }
    }
}

/// What runs at a path.
#[derive(Clone, Copy, Debug)]
enum Procedure {
    Emulated(Handler),
    /// The real API names another procedure there than it has, so it runs only where errors are as intended.
    Misnamed(Handler),
    /// The real API has a path, but no procedure.
    Missing,
    /// The real API has a procedure that does not accept the path's method.
    OfAnotherMethod,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) verb: Verb,
    pub(crate) path: &'static str,
    /// The procedure's name on the real API, for messages.
    name: &'static str,
    procedure: Procedure,
    pub(crate) empty_body_allowed: bool,
    pub(crate) ignores_body: bool,
}

const fn operation(verb: Verb, path: &'static str, name: &'static str, handler: Handler) -> Operation {
    with_procedure(verb, path, name, Procedure::Emulated(handler))
}

const fn missing(verb: Verb, path: &'static str, name: &'static str) -> Operation {
    with_procedure(verb, path, name, Procedure::Missing)
}

const fn with_procedure(verb: Verb, path: &'static str, name: &'static str, procedure: Procedure) -> Operation {
    Operation { verb, path, name, procedure, empty_body_allowed: false, ignores_body: false }
}

impl Operation {
    const fn with_empty_body(self) -> Self {
        Self { empty_body_allowed: true, ..self }
    }

    const fn ignoring_body(self) -> Self {
        Self { ignores_body: true, ..self }
    }

    /// Whether the real API finds something that reads the input.
    pub(crate) fn has_procedure(&self) -> bool {
        matches!(self.procedure, Procedure::Emulated(_) | Procedure::OfAnotherMethod)
    }

    /// What runs this operation, or why nothing does.
    pub(crate) fn handler(&self, errors: ErrorMode) -> Result<Handler, Refusal> {
        match (self.procedure, errors) {
            (Procedure::Emulated(handler), _) | (Procedure::Misnamed(handler), ErrorMode::Intended) => Ok(handler),
            (Procedure::OfAnotherMethod, _) => Err(Refusal::method_not_supported(format!(
                "Unsupported DELETE-request to mutation procedure at path \"{}\"",
                self.name
            ))),
            (Procedure::Missing | Procedure::Misnamed(_), _) => {
                Err(Refusal::not_found(format!("No procedure found on path \"{}\"", self.name)))
            }
        }
    }

    /// The named parts of a path that fits the pattern.
    fn params(&self, segments: &[String]) -> Option<Vec<(&'static str, String)>> {
        let pattern = self.path.trim_start_matches('/').split('/');
        let is_other = segments.first().is_none_or(|first| pattern.clone().next() != Some(first));
        if is_other || pattern.clone().count() != segments.len() {
            return None;
        }
        let mut params = Vec::new();
        for (expected, segment) in pattern.zip(segments) {
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(_) if segment.is_empty() => return None,
                Some(name) => params.push((name, segment.clone())),
                None if expected != segment => return None,
                None => {}
            }
        }
        Some(params)
    }
}

/// The first operation that fits, with the named parts of the path.
pub(crate) fn find(verb: Verb, segments: &[String]) -> Option<(&'static Operation, Vec<(&'static str, String)>)> {
    let mut of_verb = OPERATIONS.iter().filter(|operation| operation.verb == verb);
    of_verb.find_map(|operation| Some((operation, operation.params(segments)?)))
}

const OPERATIONS: &[Operation] = &[
    operation(Post, "/customers", "customers.create", customers::create),
    operation(Get, "/customers", "customers.list", customers::list),
    operation(Get, "/customers/{externalId}", "customers.get", customers::get),
    operation(Put, "/customers/{externalId}", "customers.update", customers::update),
    operation(Get, "/customers/{externalId}/billing", "customers.getBilling", customers::billing),
    operation(Get, "/customers/{externalId}/usage-balances", "customers.getUsageBalances", customers::usage_balances),
    operation(Post, "/customers/{externalId}/archive", "customers.archive", customers::archive).ignoring_body(),
    missing(Delete, "/customers/{externalId}", "customers.delete"),
    operation(Post, "/checkout-sessions", "checkoutSessions.create", checkout_sessions::create),
    operation(Get, "/checkout-sessions", "checkoutSessions.list", checkout_sessions::list),
    operation(Get, "/checkout-sessions/{id}", "checkoutSessions.get", checkout_sessions::get),
    operation(Put, "/checkout-sessions/{id}", "checkoutSessions.update", checkout_sessions::update),
    missing(Delete, "/checkout-sessions/{id}", "checkoutSessions.delete"),
    operation(Post, "/subscriptions", "subscriptions.create", subscriptions::create),
    operation(Get, "/subscriptions", "subscriptions.list", subscriptions::list),
    operation(Get, "/subscriptions/{id}", "subscriptions.get", subscriptions::get),
    missing(Put, "/subscriptions/{id}", "subscriptions.update"),
    missing(Delete, "/subscriptions/{id}", "subscriptions.delete"),
    operation(Post, "/subscriptions/{id}/cancel", "subscriptions.cancel", subscriptions::cancel),
    operation(Post, "/subscriptions/{id}/uncancel", "subscriptions.uncancel", subscriptions::uncancel)
        .with_empty_body(),
    operation(Post, "/subscriptions/{id}/adjust", "subscriptions.adjust", subscription_adjustment::adjust),
    operation(
        Post,
        "/subscriptions/{id}/preview-adjust",
        "subscriptions.previewAdjust",
        subscription_adjustment::preview,
    ),
    operation(
        Post,
        "/subscriptions/{id}/cancel-scheduled-adjustment",
        "subscriptions.cancelScheduledAdjustment",
        subscription_adjustment::cancel_scheduled,
    ),
    operation(
        Post,
        "/subscriptions/{id}/add-feature",
        "subscriptions.addFeatureToSubscription",
        subscription_item_features::add,
    ),
    operation(Post, "/usage-events", "usageEvents.create", usage_events::create),
    operation(Get, "/usage-events", "usageEvents.list", usage_events::list),
    operation(Post, "/usage-events/bulk", "usageEvents.bulkInsert", usage_events::bulk),
    operation(Get, "/usage-events/{id}", "usageEvents.get", usage_events::get),
    missing(Put, "/usage-events/{id}", "usageEvents.update"),
    missing(Delete, "/usage-events/{id}", "usageEvents.delete"),
    operation(Post, "/resource-claims/{subscriptionId}/claim", "resourceClaims.claim", resource_claims::claim),
    operation(Post, "/resource-claims/{subscriptionId}/release", "resourceClaims.release", resource_claims::release),
    operation(Get, "/resource-claims/{subscriptionId}/usage", "resourceClaims.getUsage", resource_claims::usage),
    operation(
        Get,
        "/resource-claims/{subscriptionId}/usages",
        "resourceClaims.listResourceUsages",
        resource_claims::usages,
    ),
    operation(Get, "/resource-claims/{subscriptionId}/claims", "resourceClaims.listClaims", resource_claims::claims),
    operation(Get, "/pricing-models/default", "pricingModels.getDefault", pricing_models::default),
    operation(Post, "/pricing-models/setup", "pricingModels.setup", pricing_models::setup),
    operation(Get, "/pricing-models", "pricingModels.list", pricing_models::list),
    operation(Post, "/pricing-models", "pricingModels.create", pricing_models::create),
    operation(Get, "/pricing-models/{id}", "pricingModels.get", pricing_models::get),
    operation(Put, "/pricing-models/{id}", "pricingModels.update", pricing_models::update),
    missing(Delete, "/pricing-models/{id}", "pricingModels.delete"),
    operation(Post, "/pricing-models/{id}/clone", "pricingModels.clone", pricing_models::clone_model),
    operation(Get, "/pricing-models/{id}/export", "pricingModels.export", pricing_models::export),
    operation(Get, "/products", "products.list", products::list),
    operation(Post, "/products", "products.create", products::create),
    operation(Get, "/products/{id}", "products.get", products::get),
    operation(Put, "/products/{id}", "products.update", products::update),
    operation(Get, "/prices", "prices.list", prices::list),
    operation(Post, "/prices", "prices.create", prices::create),
    operation(Get, "/prices/{id}", "prices.get", prices::get),
    operation(Put, "/prices/{id}", "prices.update", prices::update),
    missing(Delete, "/prices/{id}", "prices.delete"),
    operation(Get, "/features", "features.list", features::list),
    operation(Post, "/features", "features.create", features::create),
    operation(Get, "/features/{id}", "features.get", features::get),
    operation(Put, "/features/{id}", "features.update", features::update),
    missing(Delete, "/features/{id}", "features.delete"),
    operation(Get, "/product-features", "productFeatures.list", product_features::list),
    operation(Post, "/product-features", "productFeatures.create", product_features::create),
    operation(Get, "/product-features/{id}", "productFeatures.get", product_features::get),
    missing(Put, "/product-features/{id}", "productFeatures.update"),
    missing(Delete, "/product-features/{id}", "productFeatures.delete"),
    operation(Post, "/product-features/{id}/expire", "productFeatures.expire", product_features::expire)
        .with_empty_body(),
    operation(Get, "/usage-meters", "usageMeters.list", usage_meters::list),
    operation(Post, "/usage-meters", "usageMeters.create", usage_meters::create),
    operation(Get, "/usage-meters/{id}", "usageMeters.get", usage_meters::get),
    operation(Put, "/usage-meters/{id}", "usageMeters.update", usage_meters::update),
    missing(Delete, "/usage-meters/{id}", "usageMeters.delete"),
    operation(Get, "/resources", "resources.list", resources::list),
    operation(Post, "/resources", "resources.create", resources::create),
    operation(Get, "/resources/{id}", "resources.get", resources::get),
    operation(Put, "/resources/{id}", "resources.update", resources::update),
    missing(Delete, "/resources/{id}", "resources.delete"),
    operation(Get, "/invoices", "invoices.list", invoices::list),
    missing(Post, "/invoices", "invoices.create"),
    operation(Get, "/invoices/{id}", "invoices.get", invoices::get),
    missing(Put, "/invoices/{id}", "invoices.update"),
    missing(Delete, "/invoices/{id}", "invoices.delete"),
    operation(Get, "/invoice-line-items", "invoiceLineItems.list", invoices::list_lines),
    operation(Get, "/invoice-line-items/{id}", "invoiceLineItems.get", invoices::get_line),
    missing(Post, "/invoice-line-items", "invoiceLineItems.create"),
    missing(Put, "/invoice-line-items/{id}", "invoiceLineItems.update"),
    missing(Delete, "/invoice-line-items/{id}", "invoiceLineItems.delete"),
    operation(Get, "/payments", "payments.list", payments::list),
    operation(Get, "/payments/{id}", "payments.get", payments::get),
    missing(Post, "/payments", "payments.create"),
    missing(Put, "/payments/{id}", "payments.update"),
    missing(Delete, "/payments/{id}", "payments.delete"),
    operation(Post, "/payments/{id}/refund", "payments.refund", payments::refund).ignoring_body(),
    operation(Get, "/payment-methods", "paymentMethods.list", payment_methods::list),
    operation(Get, "/payment-methods/{id}", "paymentMethods.get", payment_methods::get),
    missing(Post, "/payment-methods", "paymentMethods.create"),
    missing(Put, "/payment-methods/{id}", "paymentMethods.update"),
    missing(Delete, "/payment-methods/{id}", "paymentMethods.delete"),
    missing(Get, "/purchases", "purchases.list"),
    operation(Get, "/purchases/{id}", "purchases.get", purchases::get),
    missing(Post, "/purchases", "purchases.create"),
    missing(Put, "/purchases/{id}", "purchases.update"),
    missing(Delete, "/purchases/{id}", "purchases.delete"),
    operation(Get, "/discounts", "discounts.list", discounts::list),
    operation(Post, "/discounts", "discounts.create", discounts::create),
    operation(Get, "/discounts/{id}", "discounts.get", discounts::get),
    operation(Put, "/discounts/{id}", "discounts.update", discounts::update),
    operation(Get, "/api-keys/{id}", "apiKeys.get", api_keys::get),
    missing(Get, "/api-keys", "apiKeys.list"),
    operation(Post, "/api-keys", "apiKeys.create", api_keys::create),
    missing(Put, "/api-keys/{id}", "apiKeys.update"),
    with_procedure(Delete, "/api-keys/{id}", "apiKeys.delete", Procedure::OfAnotherMethod),
    missing(Get, "/webhooks", "webhooks.list"),
    operation(Post, "/webhooks", "webhooks.create", webhooks::create),
    operation(Get, "/webhooks/{id}", "webhooks.get", webhooks::get),
    operation(Put, "/webhooks/{id}", "webhooks.update", webhooks::update),
    missing(Delete, "/webhooks/{id}", "webhooks.delete"),
    operation(
        Post,
        "/subscription-item-features",
        "subscriptionItemFeatures.create",
        subscription_item_features::create,
    ),
    operation(Get, "/subscription-item-features/{id}", "subscriptionItemFeatures.get", subscription_item_features::get),
    operation(
        Put,
        "/subscription-item-features/{id}",
        "subscriptionItemFeatures.update",
        subscription_item_features::update,
    ),
    missing(Get, "/subscription-item-features", "subscriptionItemFeatures.list"),
    missing(Delete, "/subscription-item-features/{id}", "subscriptionItemFeatures.delete"),
    with_procedure(
        Post,
        "/subscription-item-features/{id}/expire",
        "subscriptionItemFeatures.expire",
        Procedure::Misnamed(subscription_item_features::expire),
    ),
    operation(Get, "/utils/ping", "utils.ping", ping::ping),
];
