//! Records against the API's own examples, where these lie beside the repository.

use std::{fs, path::PathBuf};

use flowglad_core::model::{
    Adjusted, Claimed, Customer, HostedCheckout, InvoiceWithLineItems, PaymentMethod, PricingModel, Purchase, Released,
    ResourceUsageWithClaims, Subscription, UsageEvent, UsageMeterBalance,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Decodes the example under `pointer` as it is, with an unknown field, and with every optional field gone.
fn decodes<T: DeserializeOwned>(name: &str, pointer: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/examples").join(format!("{name}.json"));
    let Ok(text) = fs::read_to_string(file) else {
        eprintln!("skipped: no example {name} beside this repository");
        return;
    };
    let whole: Value = serde_json::from_str(&text).unwrap();
    let mut record = whole.pointer(pointer).unwrap().clone();
    let read = |record: &Value| {
        if let Err(error) = serde_json::from_value::<T>(record.clone()) {
            panic!("{name}: {error}: {record}");
        }
    };
    read(&record);
    if let Some(fields) = record.as_object_mut() {
        fields.insert("brandNewField".to_owned(), json!({"nested": [1, null]}));
        fields.retain(|_, value| !value.is_null());
        read(&record);
    }
}

#[test]
fn every_record_reads_the_apis_example() {
    decodes::<Customer>("customer-get", "/customer");
    decodes::<Subscription>("subscription-get", "/subscription");
    decodes::<Subscription>("subscription-non-renewing", "/subscription");
    decodes::<Subscription>("customer-billing", "/currentSubscription");
    decodes::<Adjusted>("subscription-adjust-immediate", "");
    decodes::<PricingModel>("pricing-model-default", "/pricingModel");
    decodes::<InvoiceWithLineItems>("invoice-subscription", "");
    decodes::<InvoiceWithLineItems>("invoice-purchase", "");
    decodes::<PaymentMethod>("payment-method", "/paymentMethod");
    decodes::<Purchase>("purchase-single-payment", "/purchase");
    decodes::<Purchase>("purchase-subscription", "/purchase");
    decodes::<HostedCheckout>("checkout-session-product", "");
    decodes::<HostedCheckout>("checkout-session-add-payment-method", "");
    decodes::<UsageEvent>("usage-event", "/usageEvent");
    decodes::<Vec<UsageMeterBalance>>("customer-usage-balances", "/usageMeterBalances");
    decodes::<Vec<ResourceUsageWithClaims>>("resource-usages", "");
    decodes::<Claimed>("resource-claim", "");
    decodes::<Released>("resource-release", "");
}
