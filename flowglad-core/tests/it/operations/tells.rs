//! What a decoded record says of itself, to compare with the JSON that it came in.

use flowglad_core::{
    Answer, Billing, Page,
    api::PricingModelExport,
    model::{
        Adjusted, AdjustmentPreview, ApiKey, CanceledAdjustment, CheckoutSession, Claimed, CreatedCustomer,
        CreatedWebhook, Customer, Discount, ExpiredProductFeature, Feature, HostedCheckout, Invoice, InvoiceLineItem,
        InvoiceWithLineItems, Payment, PaymentMethod, Price, PricingModel, Product, ProductFeature, Purchase, Released,
        Resource, ResourceClaim, ResourceUsageWithClaims, Subscription, SubscriptionItemFeature, UsageEvent,
        UsageMeter, UsageMeterBalance, Webhook,
    },
};
use serde_json::{Value, json};

/// What came of a call.
pub(super) struct Told {
    /// The record's JSON as the answer gives it.
    pub(super) raw: Value,
    /// Some of what the record says, in the shape of that JSON.
    pub(super) record: Value,
}

pub(super) trait Outcome {
    fn told(&self) -> Told;
}

pub(super) trait Tells {
    fn tells(&self) -> Value;
}

impl<T: Tells> Outcome for Answer<T> {
    fn told(&self) -> Told {
        Told { raw: serde_json::from_str(self.raw().as_str()).unwrap(), record: self.tells() }
    }
}

/// The first record of the page.
impl<T: Tells> Outcome for Page<T> {
    fn told(&self) -> Told {
        self.data[0].told()
    }
}

impl Outcome for Billing {
    fn told(&self) -> Told {
        let record = json!({
            "customer": self.customer().tells(), "pricingModel": self.pricing_model().tells(),
            "subscriptions": self.subscriptions().iter().map(Tells::tells).collect::<Value>(),
            "invoices": self.invoices().iter().map(Tells::tells).collect::<Value>(),
            "paymentMethods": self.payment_methods().iter().map(Tells::tells).collect::<Value>(),
            "purchases": self.purchases().iter().map(Tells::tells).collect::<Value>(),
        });
        Told { raw: serde_json::from_str(self.raw().as_str()).unwrap(), record }
    }
}

/// Whether everything that `part` says is in `whole` too.
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

impl<T: Tells> Tells for Vec<T> {
    fn tells(&self) -> Value {
        self.iter().map(Tells::tells).collect()
    }
}

macro_rules! tells_its_id {
    ($($record:ident),+ $(,)?) => { $(
        impl Tells for $record {
            fn tells(&self) -> Value {
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

impl Tells for HostedCheckout {
    fn tells(&self) -> Value {
        json!({"checkoutSession": self.checkout_session.tells(), "url": self.url})
    }
}

impl Tells for CreatedCustomer {
    fn tells(&self) -> Value {
        let subscription = self.subscription.as_ref().map(Tells::tells);
        json!({"customer": self.customer.tells(), "subscription": subscription})
    }
}

impl Tells for InvoiceWithLineItems {
    fn tells(&self) -> Value {
        json!({"invoice": self.invoice.tells(), "invoiceLineItems": self.invoice_line_items.tells()})
    }
}

impl Tells for PricingModelExport {
    fn tells(&self) -> Value {
        json!({"pricingModel": {"name": self.pricing_model.name}})
    }
}

impl Tells for ExpiredProductFeature {
    fn tells(&self) -> Value {
        json!({"success": self.success})
    }
}

impl Tells for Claimed {
    fn tells(&self) -> Value {
        json!({"claims": self.claims.tells(), "usage": {"available": self.usage.available}})
    }
}

impl Tells for Released {
    fn tells(&self) -> Value {
        json!({"releasedClaims": self.released_claims.tells(), "usage": {"available": self.usage.available}})
    }
}

impl Tells for ResourceUsageWithClaims {
    fn tells(&self) -> Value {
        json!({"claims": self.claims.tells(), "usage": {"capacity": self.usage.capacity}})
    }
}

impl Tells for Adjusted {
    fn tells(&self) -> Value {
        json!({"subscription": self.subscription.tells(), "isUpgrade": self.is_upgrade})
    }
}

impl Tells for AdjustmentPreview {
    fn tells(&self) -> Value {
        json!({"canAdjust": self.can_adjust})
    }
}

impl Tells for CanceledAdjustment {
    fn tells(&self) -> Value {
        json!({"subscription": self.subscription.tells(), "canceledItemCount": self.canceled_item_count})
    }
}

impl Tells for CreatedWebhook {
    fn tells(&self) -> Value {
        json!({"webhook": self.webhook.tells(), "secret": self.secret.expose()})
    }
}
