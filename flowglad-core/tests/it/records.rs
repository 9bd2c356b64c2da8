//! Every record is read and written without loss, and can be read without its optional fields.

use std::{any::type_name, collections::BTreeSet, fmt::Debug};

use flowglad_core::{
    api::{
        PricingModelExport, PricingModelSetup, SetupFeature, SetupPrice, SetupProduct, SetupProductFields,
        SetupResource, SetupUsageMeter, SetupUsageMeterFields,
    },
    model::{
        Address, AdjustmentPreview, AdjustmentResult, ApiKey, BillingAddress, BillingDetails, CanceledAdjustment,
        CheckoutSession, ClaimResult, CreatedCustomer, CreatedWebhook, Customer, Discount, ExpiredProductFeature,
        Feature, HostedCheckout, Invoice, InvoiceLineItem, InvoiceWithLineItems, Payment, PaymentMethod,
        PreviewPaymentMethod, PreviewSubscriptionItem, Price, PricingModel, Product, ProductFeature, Purchase,
        ReleaseResult, Resource, ResourceClaim, ResourceUsage, ResourceUsageWithClaims, Subscription, SubscriptionItem,
        SubscriptionItemFeature, UsageEvent, UsageMeter, UsageMeterBalance, Webhook,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{every_field, examples};

/// A record as JSON, with the functions of its type.
struct Record {
    name: &'static str,
    json: Value,
    /// Reads the JSON and writes it again. `None` for a record with a secret, which cannot be written.
    written_again: fn(&Value) -> serde_json::Result<Option<Value>>,
    debug: fn(&Value) -> String,
}

impl Record {
    fn of<T: Serialize + DeserializeOwned + Debug>(json: Value) -> Self {
        Self { written_again: |json| serde_json::to_value(read::<T>(json)?).map(Some), ..Self::read_only::<T>(json) }
    }

    fn read_only<T: DeserializeOwned + Debug>(json: Value) -> Self {
        Self {
            name: type_name::<T>().rsplit("::").next().unwrap(),
            json,
            written_again: |json| read::<T>(json).map(|_| None),
            debug: |json| format!("{:?}", read::<T>(json).unwrap()),
        }
    }

    /// Reads `json`, and asserts that what is written again says the same.
    fn is_read_whole(&self, json: &Value, why: &str) {
        match (self.written_again)(json) {
            Ok(Some(written)) => assert_eq!(plain(written), plain(json.clone()), "{}: {why}", self.name),
            Ok(None) => {}
            Err(error) => panic!("{}: {why}: {error}", self.name),
        }
    }

    fn needs(&self, field: &str) -> bool {
        (self.written_again)(&without(&self.json, field)).is_err()
    }
}

fn read<T: DeserializeOwned>(json: &Value) -> serde_json::Result<T> {
    serde_json::from_str(&json.to_string())
}

fn every_record() -> [Record; 49] {
    [
        Record::of::<Address>(every_field::address()),
        Record::of::<AdjustmentResult>(every_field::adjusted()),
        Record::of::<AdjustmentPreview>(every_field::adjustment_preview()),
        Record::read_only::<ApiKey>(every_field::api_key()),
        Record::of::<BillingAddress>(every_field::billing_address()),
        Record::of::<BillingDetails>(every_field::billing_details()),
        Record::of::<CanceledAdjustment>(every_field::canceled_adjustment()),
        Record::of::<CheckoutSession>(every_field::checkout_session()),
        Record::of::<ClaimResult>(every_field::claimed()),
        Record::of::<CreatedCustomer>(every_field::created_customer()),
        Record::read_only::<CreatedWebhook>(every_field::created_webhook()),
        Record::of::<Customer>(every_field::customer()),
        Record::of::<Discount>(every_field::discount()),
        Record::of::<ExpiredProductFeature>(every_field::expired_product_feature()),
        Record::of::<Feature>(every_field::feature()),
        Record::of::<HostedCheckout>(every_field::hosted_checkout()),
        Record::of::<Invoice>(every_field::invoice()),
        Record::of::<InvoiceLineItem>(every_field::invoice_line_item()),
        Record::of::<InvoiceWithLineItems>(every_field::invoice_with_line_items()),
        Record::of::<Payment>(every_field::payment()),
        Record::of::<PaymentMethod>(every_field::payment_method()),
        Record::of::<PreviewPaymentMethod>(every_field::preview_payment_method()),
        Record::of::<PreviewSubscriptionItem>(every_field::preview_subscription_item()),
        Record::of::<Price>(every_field::price()),
        Record::of::<PricingModel>(every_field::pricing_model()),
        Record::of::<PricingModelExport>(every_field::pricing_model_export()),
        Record::of::<PricingModelSetup>(every_field::pricing_model_setup()),
        Record::of::<Product>(every_field::product()),
        Record::of::<ProductFeature>(every_field::product_feature()),
        Record::of::<Purchase>(every_field::purchase()),
        Record::of::<ReleaseResult>(every_field::released()),
        Record::of::<Resource>(every_field::resource()),
        Record::of::<ResourceClaim>(every_field::resource_claim()),
        Record::of::<ResourceUsage>(every_field::resource_usage()),
        Record::of::<ResourceUsageWithClaims>(every_field::resource_usage_with_claims()),
        Record::of::<SetupFeature>(every_field::setup_feature()),
        Record::of::<SetupPrice>(every_field::setup_price()),
        Record::of::<SetupProduct>(every_field::setup_product()),
        Record::of::<SetupProductFields>(every_field::setup_product_fields()),
        Record::of::<SetupResource>(every_field::setup_resource()),
        Record::of::<SetupUsageMeter>(every_field::setup_usage_meter()),
        Record::of::<SetupUsageMeterFields>(every_field::setup_usage_meter_fields()),
        Record::of::<Subscription>(every_field::subscription()),
        Record::of::<SubscriptionItem>(every_field::subscription_item()),
        Record::of::<SubscriptionItemFeature>(every_field::subscription_item_feature()),
        Record::of::<UsageEvent>(every_field::usage_event()),
        Record::of::<UsageMeter>(every_field::usage_meter()),
        Record::of::<UsageMeterBalance>(every_field::usage_meter_balance()),
        Record::of::<Webhook>(every_field::webhook()),
    ]
}

/// `null`, an empty list and an empty map are as good as absent, a time is its milliseconds, and 2.0 is 2.
fn plain(json: Value) -> Value {
    match json {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, plain(value)));
            Value::Object(fields.filter(|(_, value)| !is_nothing(value)).collect())
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::String(text) => time(&text).map_or(Value::String(text), Value::from),
        Value::Number(number) => whole(&number).map_or(Value::Number(number), Value::from),
        other => other,
    }
}

fn is_nothing(json: &Value) -> bool {
    json.is_null() || json == &json!([]) || json == &json!({})
}

/// The milliseconds of a time that is written as text.
fn time(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_f64().filter(|number| number.fract() == 0.0)?.to_string().parse().ok()
}

fn without(json: &Value, field: &str) -> Value {
    let mut rest = json.clone();
    rest.as_object_mut().unwrap().remove(field);
    rest
}

fn with(json: &Value, field: &str, value: Value) -> Value {
    let mut changed = json.clone();
    changed[field] = value;
    changed
}

/// The JSON pointers of everything in `json`, itself included.
fn pointers(json: &Value) -> Vec<String> {
    let below = |key: &str, value: &Value| -> Vec<String> {
        pointers(value).iter().map(|pointer| format!("/{key}{pointer}")).collect()
    };
    let mut found = vec![String::new()];
    found.extend(json.as_object().into_iter().flatten().flat_map(|(key, value)| below(key, value)));
    found.extend(json.as_array().into_iter().flatten().enumerate().flat_map(|(n, value)| below(&n.to_string(), value)));
    found
}

#[test]
fn a_record_is_written_as_it_was_read() {
    for record in every_record() {
        record.is_read_whole(&record.json, "every field");
    }
}

#[test]
fn unknown_fields_are_kept_at_every_depth() {
    for record in every_record() {
        let mut newer = record.json.clone();
        for pointer in pointers(&record.json) {
            if let Some(Value::Object(fields)) = newer.pointer_mut(&pointer) {
                fields.insert("brandNewField".to_owned(), json!({"nested": [1, null, {"deep": "text"}], "half": 0.5}));
            }
        }
        record.is_read_whole(&newer, "unknown fields");
    }
}

#[test]
fn values_from_the_future_are_kept_wherever_there_is_text() {
    for record in every_record() {
        for pointer in pointers(&record.json) {
            let mut newer = record.json.clone();
            match newer.pointer_mut(&pointer) {
                Some(Value::String(text)) if time(text).is_none() => *text = "brand_new_value".to_owned(),
                _ => continue,
            }
            record.is_read_whole(&newer, &pointer);
        }
    }
}

#[test]
fn what_a_record_does_not_need_may_be_absent_or_null() {
    for record in every_record() {
        for field in record.json.as_object().unwrap().keys().filter(|field| !record.needs(field)) {
            let absent = without(&record.json, field);
            for (json, why) in [(&absent, "without"), (&with(&record.json, field, Value::Null), "null as")] {
                let why = format!("{why} {field}");
                match (record.written_again)(json) {
                    Ok(Some(written)) => {
                        assert_eq!(plain(without(&written, field)), plain(absent.clone()), "{}: {why}", record.name);
                    }
                    Ok(None) => {}
                    Err(error) => panic!("{}: {why}: {error}", record.name),
                }
            }
        }
    }
}

#[test]
fn a_record_cannot_do_without_these_fields() {
    let needs = every_record().map(|record| {
        let fields: BTreeSet<&String> = record.json.as_object().unwrap().keys().collect();
        let needed: Vec<&str> = fields.into_iter().map(String::as_str).filter(|field| record.needs(field)).collect();
        let needed = if needed.is_empty() { "nothing".to_owned() } else { needed.join(", ") };
        format!("{}: {needed}", record.name)
    });
    insta::assert_snapshot!(needs.join("\n"), @"
    Address: nothing
    AdjustmentResult: subscription
    AdjustmentPreview: canAdjust
    ApiKey: id, token, type
    BillingAddress: nothing
    BillingDetails: nothing
    CanceledAdjustment: canceledItemCount, subscription
    CheckoutSession: id, status
    ClaimResult: claims, usage
    CreatedCustomer: customer
    CreatedWebhook: secret, webhook
    Customer: createdAt, email, externalId, id, updatedAt
    Discount: amount, amountType, code, duration, id, name
    ExpiredProductFeature: success
    Feature: id, name, slug, type
    HostedCheckout: checkoutSession, url
    Invoice: id, status
    InvoiceLineItem: id, price, quantity
    InvoiceWithLineItems: invoice
    Payment: amount, id, status
    PaymentMethod: id, type
    PreviewPaymentMethod: id
    PreviewSubscriptionItem: name, quantity, unitPrice
    Price: id, type, unitPrice
    PricingModel: id
    PricingModelExport: pricingModel, updatedAt
    PricingModelSetup: features, name, products, usageMeters
    Product: id, name
    ProductFeature: featureId, id, productId
    Purchase: id, status
    ReleaseResult: releasedClaims, usage
    Resource: id, name, slug
    ResourceClaim: id, resourceId, subscriptionId
    ResourceUsage: available, capacity, claimed, resourceId, resourceSlug
    ResourceUsageWithClaims: usage
    SetupFeature: description, name, slug, type
    SetupPrice: isDefault, type, unitPrice
    SetupProduct: features, price, product
    SetupProductFields: active, name, slug
    SetupResource: name, slug
    SetupUsageMeter: usageMeter
    SetupUsageMeterFields: name, slug
    Subscription: createdAt, customerId, id, status
    SubscriptionItem: id, quantity, unitPrice
    SubscriptionItemFeature: id, name, slug, type
    UsageEvent: amount, id, subscriptionId, transactionId
    UsageMeter: id, name, slug
    UsageMeterBalance: availableBalance, id, slug
    Webhook: id, url
    ");
}

/// A record that reads a field refuses a value there that no type takes.
#[test]
fn every_field_that_is_tried_is_read() {
    for record in every_record() {
        for field in record.json.as_object().unwrap().keys() {
            let is_refused = |wrong: Value| {
                let mut json = record.json.clone();
                json[field] = wrong;
                (record.written_again)(&json).is_err()
            };
            let is_read = is_refused(json!({"no type": "has this"})) || is_refused(json!([["no type has this"]]));
            assert!(is_read, "{} has no {field}", record.name);
        }
    }
}

#[test]
fn no_record_shows_a_secret_or_a_person_in_a_log() {
    for record in every_record() {
        let shown = (record.debug)(&record.json);
        for hidden in every_field::HIDDEN {
            assert!(!shown.contains(hidden), "{}: {shown}", record.name);
        }
    }
}

/// The examples that were read so far.
#[derive(Default)]
struct Examples {
    read: BTreeSet<String>,
}

impl Examples {
    /// Reads what is under `pointer` in each of these examples, and asserts that it is written again as it was.
    fn hold<T: Serialize + DeserializeOwned + Debug>(&mut self, pointer: &str, names: &[&str]) {
        self.try_as(Record::of::<T>, pointer, names);
    }

    fn try_as(&mut self, record: fn(Value) -> Record, pointer: &str, names: &[&str]) {
        for name in names {
            self.read.insert((*name).to_owned());
            let record = record(examples::example(name).pointer(pointer).unwrap().clone());
            record.is_read_whole(&record.json, name);
        }
    }
}

#[test]
fn every_example_of_the_api_is_written_as_it_was_read() {
    let mut examples = Examples::default();
    examples.try_as(Record::read_only::<ApiKey>, "/apiKey", &["api-key"]);
    examples.try_as(Record::read_only::<CreatedWebhook>, "", &["webhook-create"]);
    hold_people(&mut examples);
    hold_what_can_be_bought(&mut examples);
    hold_what_was_bought(&mut examples);
    let responses = examples::responses();
    assert_eq!(responses.difference(&examples.read).collect::<Vec<_>>(), Vec::<&String>::new());
}

fn hold_people(examples: &mut Examples) {
    examples.hold::<Customer>("/customer", &["customer-get", "customer-update", "customer-archive"]);
    examples.hold::<CreatedCustomer>("/data", &["customer-create"]);
    examples.hold::<Vec<Customer>>("/data", &["customers-list"]);
    examples.hold::<Vec<UsageMeterBalance>>("/usageMeterBalances", &["customer-usage-balances"]);
    examples.hold::<PaymentMethod>("/paymentMethod", &["payment-method"]);
    let billing = ["customer-billing"];
    examples.hold::<Customer>("/customer", &billing);
    examples.hold::<Vec<Subscription>>("/subscriptions", &billing);
    examples.hold::<Vec<Subscription>>("/currentSubscriptions", &billing);
    examples.hold::<Subscription>("/currentSubscription", &billing);
    examples.hold::<Vec<InvoiceWithLineItems>>("/invoices", &billing);
    examples.hold::<Vec<PaymentMethod>>("/paymentMethods", &billing);
    examples.hold::<Vec<Purchase>>("/purchases", &billing);
    examples.hold::<PricingModel>("/pricingModel", &billing);
    examples.hold::<PricingModel>("/catalog", &billing);
}

fn hold_what_can_be_bought(examples: &mut Examples) {
    examples.hold::<PricingModelSetup>("", &["pricing-model-setup-request"]);
    examples.hold::<PricingModel>(
        "/pricingModel",
        &["pricing-model-create", "pricing-model-default", "pricing-model-setup"],
    );
    examples.hold::<Product>("/product", &["product-create"]);
    examples.hold::<Product>("", &["product-get"]);
    examples.hold::<Price>("/price", &["price-single-payment", "price-subscription", "price-usage"]);
    examples.hold::<Feature>("/feature", &["feature-resource", "feature-toggle", "feature-usage-credit-grant"]);
    examples.hold::<ProductFeature>("/productFeature", &["product-feature"]);
    examples.hold::<Discount>("/discount", &["discount"]);
    examples.hold::<UsageMeter>("/usageMeter", &["usage-meter"]);
    examples.hold::<Resource>("/resource", &["resource"]);
    examples.hold::<Vec<Resource>>("/resources", &["resources-list"]);
}

fn hold_what_was_bought(examples: &mut Examples) {
    examples.hold::<HostedCheckout>(
        "",
        &[
            "checkout-session-activate-subscription",
            "checkout-session-add-payment-method",
            "checkout-session-product",
            "checkout-session-succeeded",
        ],
    );
    examples.hold::<Purchase>("/purchase", &["purchase-single-payment", "purchase-subscription"]);
    examples.hold::<InvoiceWithLineItems>("", &["invoice-purchase", "invoice-subscription"]);
    examples.hold::<InvoiceLineItem>("", &["invoice-line-item-usage"]);
    examples.hold::<Payment>("/payment", &["payment-refund", "payment-single", "payment-subscription"]);
    examples.hold::<Subscription>(
        "/subscription",
        &[
            "subscription-cancel-at-period-end",
            "subscription-cancel-immediately",
            "subscription-create-trial",
            "subscription-get",
            "subscription-non-renewing",
            "subscription-uncancel",
        ],
    );
    examples.hold::<AdjustmentResult>("", &["subscription-adjust-at-period-end", "subscription-adjust-immediate"]);
    examples.hold::<AdjustmentPreview>("", &["subscription-preview-adjust", "subscription-preview-adjust-refused"]);
    examples.hold::<CanceledAdjustment>("", &["subscription-cancel-scheduled-adjustment"]);
    examples.hold::<SubscriptionItemFeature>(
        "/subscriptionItemFeature",
        &[
            "subscription-add-feature",
            "subscription-item-feature-credits",
            "subscription-item-feature-resource",
            "subscription-item-feature-toggle",
        ],
    );
    examples.hold::<UsageEvent>("/usageEvent", &["usage-event"]);
    examples.hold::<Vec<UsageEvent>>("/usageEvents", &["usage-events-bulk"]);
    examples.hold::<ClaimResult>("", &["resource-claim"]);
    examples.hold::<Vec<ResourceClaim>>("/claims", &["resource-claims-list"]);
    examples.hold::<ReleaseResult>("", &["resource-release"]);
    examples.hold::<ResourceUsageWithClaims>("", &["resource-usage"]);
    examples.hold::<Vec<ResourceUsageWithClaims>>("", &["resource-usages"]);
}
