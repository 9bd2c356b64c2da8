//! `/customers/{externalId}/billing`: everything about one customer in one response.

use serde::Serialize;

use crate::{
    operations::{reply::Reply, subscriptions::SubscriptionView},
    records::{
        billing::{Invoice, InvoiceLineItem, InvoiceStatus, PaymentMethod, Purchase},
        customer::Customer,
        pricing::Price,
        subscription::{Subscription, SubscriptionItem},
    },
    refusal::Refusal,
    rules::{
        entitlement::{
            credits::{self, UsageMeterBalance},
            features::{self, FeatureItemView},
        },
        pricing::pricing_model::{self, PricingModelView},
        subscription::current::{current_subscription, current_subscriptions},
    },
    store::Store,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BillingView<'a> {
    customer: &'a Customer,
    subscriptions: Vec<RichSubscription<'a>>,
    invoices: Vec<InvoiceView<'a>>,
    payment_methods: Vec<&'a PaymentMethod>,
    purchases: Vec<&'a Purchase>,
    current_subscriptions: Vec<RichSubscription<'a>>,
    current_subscription: Option<RichSubscription<'a>>,
    catalog: &'a PricingModelView<'a>,
    pricing_model: &'a PricingModelView<'a>,
    billing_portal_url: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RichSubscription<'a> {
    #[serde(flatten)]
    subscription: SubscriptionView<'a>,
    subscription_items: Vec<PricedItem<'a>>,
    experimental: Experimental<'a>,
}

#[derive(Debug, Serialize)]
struct PricedItem<'a> {
    #[serde(flatten)]
    item: &'a SubscriptionItem,
    price: &'a Price,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Experimental<'a> {
    feature_items: Vec<FeatureItemView<'a>>,
    usage_meter_balances: Vec<UsageMeterBalance<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InvoiceView<'a> {
    invoice: &'a Invoice,
    invoice_line_items: Vec<&'a InvoiceLineItem>,
}

/// The billing view of a customer.
pub(crate) fn show(store: &Store, customer: &Customer, base_url: &str) -> Result<Reply, Refusal> {
    let id = customer.meta.id.as_str();
    let model = store.tables.pricing_models.find(&customer.pricing_model_id);
    let model = model.ok_or_else(|| Refusal::no_row("pricing models", &customer.pricing_model_id))?;
    let catalog = pricing_model::view(store, model);
    let tables = &store.tables;
    let view = BillingView {
        customer,
        subscriptions: tables.subscriptions.owned_by(id).map(|subscription| rich(store, subscription)).collect(),
        invoices: invoices(store, id),
        payment_methods: tables.payment_methods.owned_by(id).collect(),
        purchases: tables.purchases.owned_by(id).collect(),
        current_subscriptions: current_subscriptions(store, id).map(|subscription| rich(store, subscription)).collect(),
        current_subscription: current_subscription(store, id).map(|subscription| rich(store, subscription)),
        catalog: &catalog,
        pricing_model: &catalog,
        billing_portal_url: format!("{base_url}/billing-portal/{}", store.organization_id),
    };
    Ok(Reply::json(&view))
}

fn rich<'a>(store: &'a Store, subscription: &'a Subscription) -> RichSubscription<'a> {
    let subscription_items = features::active_items(store, &subscription.meta.id, store.now())
        .filter_map(|item| {
            let price = item.price_id.as_deref().and_then(|id| store.tables.prices.find(id))?;
            Some(PricedItem { item, price })
        })
        .collect();
    RichSubscription {
        subscription: SubscriptionView::new(subscription),
        subscription_items,
        experimental: Experimental {
            feature_items: features::feature_items(store, subscription),
            usage_meter_balances: credits::balances(store, subscription),
        },
    }
}

/// The customer's invoices, without drafts and those that have no line.
fn invoices<'a>(store: &'a Store, customer_id: &str) -> Vec<InvoiceView<'a>> {
    store
        .tables
        .invoices
        .owned_by(customer_id)
        .filter(|invoice| invoice.status != InvoiceStatus::Draft)
        .map(|invoice| InvoiceView {
            invoice,
            invoice_line_items: store.tables.invoice_line_items.owned_by(&invoice.meta.id).collect(),
        })
        .filter(|view| !view.invoice_line_items.is_empty())
        .collect()
}
