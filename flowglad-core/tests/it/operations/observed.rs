//! Observations of decoded records, to compare with the JSON that they were decoded from.

use flowglad_core::{
    Billing, Response,
    api::{Page, PricingModelExport},
    model::{
        AdjustmentPreview, AdjustmentResult, ApiKey, CanceledAdjustment, CheckoutSession, ClaimResult, CreatedCustomer,
        CreatedWebhook, Customer, Discount, ExpiredProductFeature, Feature, HostedCheckout, Invoice, InvoiceLineItem,
        InvoiceWithLineItems, Payment, PaymentMethod, Price, PricingModel, Product, ProductFeature, Purchase,
        ReleaseResult, Resource, ResourceClaim, ResourceUsageWithClaims, Subscription, SubscriptionItemFeature,
        UsageEvent, UsageMeter, UsageMeterBalance, Webhook,
    },
};
use serde_json::{Value, json};

/// The observed result of a call.
pub(super) struct Observed {
    /// The record's JSON as the response contains it.
    pub(super) raw: Value,
    /// Some fields of the decoded record, in the shape of that JSON.
    pub(super) record: Value,
}

pub(super) trait CallResult {
    fn observed(&self) -> Observed;
}

pub(super) trait Observe {
    fn observe(&self) -> Value;
}

impl<T: Observe> CallResult for Response<T> {
    fn observed(&self) -> Observed {
        Observed { raw: serde_json::from_str(self.raw().as_str()).unwrap(), record: self.observe() }
    }
}

/// Observes the first record of the page.
impl<T: Observe> CallResult for Page<T> {
    fn observed(&self) -> Observed {
        self.data[0].observed()
    }
}

impl CallResult for Billing {
    fn observed(&self) -> Observed {
        let record = json!({
            "customer": self.customer().observe(), "pricingModel": self.pricing_model().observe(),
            "subscriptions": self.subscriptions().iter().map(Observe::observe).collect::<Value>(),
            "invoices": self.invoices().iter().map(Observe::observe).collect::<Value>(),
            "paymentMethods": self.payment_methods().iter().map(Observe::observe).collect::<Value>(),
            "purchases": self.purchases().iter().map(Observe::observe).collect::<Value>(),
        });
        Observed { raw: serde_json::from_str(self.raw().as_str()).unwrap(), record }
    }
}

/// Whether `whole` contains every value of `part`.
pub(super) fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|whole| contains(whole, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part))
        }
        _ => whole == part,
    }
}

impl<T: Observe> Observe for Vec<T> {
    fn observe(&self) -> Value {
        self.iter().map(Observe::observe).collect()
    }
}

macro_rules! tells_its_id {
    ($($record:ident),+ $(,)?) => { $(
        impl Observe for $record {
            fn observe(&self) -> Value {
                json!({"id": self.id})
            }
        }
    )+ };
}

tells_its_id!(
    ApiKey,
    CheckoutSession,
    Customer,
    Discount,
    Feature,
    Invoice,
    InvoiceLineItem,
    Payment,
    PaymentMethod,
    Price,
    PricingModel,
    Product,
    ProductFeature,
    Purchase,
    Resource,
    ResourceClaim,
    Subscription,
    SubscriptionItemFeature,
    UsageEvent,
    UsageMeter,
    UsageMeterBalance,
    Webhook,
);

impl Observe for HostedCheckout {
    fn observe(&self) -> Value {
        json!({"checkoutSession": self.checkout_session.observe(), "url": self.url})
    }
}

impl Observe for CreatedCustomer {
    fn observe(&self) -> Value {
        let subscription = self.subscription.as_ref().map(Observe::observe);
        json!({"customer": self.customer.observe(), "subscription": subscription})
    }
}

impl Observe for InvoiceWithLineItems {
    fn observe(&self) -> Value {
        json!({"invoice": self.invoice.observe(), "invoiceLineItems": self.invoice_line_items.observe()})
    }
}

impl Observe for PricingModelExport {
    fn observe(&self) -> Value {
        json!({"pricingModel": {"name": self.pricing_model.name}})
    }
}

impl Observe for ExpiredProductFeature {
    fn observe(&self) -> Value {
        json!({"success": self.success})
    }
}

impl Observe for ClaimResult {
    fn observe(&self) -> Value {
        json!({"claims": self.claims.observe(), "usage": {"available": self.usage.available}})
    }
}

impl Observe for ReleaseResult {
    fn observe(&self) -> Value {
        json!({"releasedClaims": self.released_claims.observe(), "usage": {"available": self.usage.available}})
    }
}

impl Observe for ResourceUsageWithClaims {
    fn observe(&self) -> Value {
        json!({"claims": self.claims.observe(), "usage": {"capacity": self.usage.capacity}})
    }
}

impl Observe for AdjustmentResult {
    fn observe(&self) -> Value {
        json!({"subscription": self.subscription.observe(), "isUpgrade": self.is_upgrade})
    }
}

impl Observe for AdjustmentPreview {
    fn observe(&self) -> Value {
        json!({"canAdjust": self.can_adjust})
    }
}

impl Observe for CanceledAdjustment {
    fn observe(&self) -> Value {
        json!({"subscription": self.subscription.observe(), "canceledItemCount": self.canceled_item_count})
    }
}

impl Observe for CreatedWebhook {
    fn observe(&self) -> Value {
        json!({"webhook": self.webhook.observe(), "secret": self.secret.expose()})
    }
}
