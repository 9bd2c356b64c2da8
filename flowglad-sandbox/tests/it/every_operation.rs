//! A story in which every operation of the API is called with a valid request, and every response is as described.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    Api,
    description::{Description, WITHOUT_PROCEDURE},
    send, text,
};

/// A sandbox whose responses are checked, and the operations called so far.
struct Story {
    api: Api,
    description: Description,
    called: BTreeSet<String>,
}

impl Story {
    async fn begin() -> Self {
        Self { api: Api::start().await, description: Description::read(), called: BTreeSet::new() }
    }

    /// Calls an operation without a body.
    async fn ask(&mut self, name: &str, path_values: &[&str]) -> Value {
        self.call(name, path_values, "", None).await
    }

    /// Calls an operation with a body.
    async fn send(&mut self, name: &str, path_values: &[&str], body: Value) -> Value {
        self.call(name, path_values, "", Some(body)).await
    }

    /// Calls an operation and returns its response, which is as described, or `null` if the sandbox does not have it yet.
    async fn call(&mut self, name: &str, path_values: &[&str], query: &str, body: Option<Value>) -> Value {
        let operation = self.description.operation(name).clone();
        let values: Vec<String> = path_values.iter().map(|value| (*value).to_owned()).collect();
        let path = format!("{}{query}", operation.path_with(&values));
        let mut request = self.api.request(operation.method.clone(), &path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = send(request).await;
        self.called.insert(operation.name.clone());
        if answer.status == 404 && WITHOUT_PROCEDURE.iter().any(|(known, _)| *known == name) {
            return Value::Null;
        }
        assert_eq!(answer.status, 200, "{name} {path}: {}", answer.text);
        let problems = self.description.problems(&operation, &answer.body);
        assert!(problems.is_empty(), "{name}: {problems:#?}\n{:#}", answer.body);
        answer.body
    }

    /// Creates a record with one operation, and reads it with another.
    async fn create_and_read(&mut self, resource: &str, record: &str, body: Value) -> Value {
        let created = self.send(&format!("{resource}.create"), &[], body).await;
        let id = id(&created[record]);
        if !created.is_null() {
            self.ask(&format!("{resource}.get"), &[&id]).await;
        }
        created[record].clone()
    }

    /// Reads the first page of a resource, then a page of one record.
    async fn list(&mut self, resource: &str) -> Value {
        let page = self.ask(&format!("{resource}.list"), &[]).await;
        self.call(&format!("{resource}.list"), &[], "?limit=1", None).await;
        page["data"].clone()
    }

    /// The id of the key's own record, which no operation of the API returns.
    async fn key_id(&self) -> String {
        let url = format!("{}/_sandbox/api-key", self.api.sandbox.base_url());
        id(&send(self.api.client.get(url)).await.body)
    }

    async fn buy(&mut self, external_id: &str, price_slug: &str) {
        let body = checkout(&json!({ "type": "product", "customerExternalId": external_id, "priceSlug": price_slug,
            "outputMetadata": { "a": 1 }, "outputName": "Bought" }));
        let session = self.send("checkoutSessions.create", &[], body).await;
        let session_id = text(&session["checkoutSession"]["id"]);
        self.ask("checkoutSessions.get", &[&session_id]).await;
        self.api.sandbox.complete_checkout_session(&session_id).unwrap();
        self.ask("checkoutSessions.get", &[&session_id]).await;
    }
}

fn checkout(fields: &Value) -> Value {
    let mut session = json!({ "successUrl": "https://app.example.com/ok", "cancelUrl": "https://app.example.com/no" });
    session.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({ "checkoutSession": session })
}

/// The id of a record, or one that no record has if there is no record yet.
fn id(record: &Value) -> String {
    record["id"].as_str().unwrap_or("none_000000000000000000000").to_owned()
}

fn with_slug<'a>(records: &'a Value, slug: &str) -> &'a Value {
    let found = records.as_array().unwrap().iter().find(|record| record["slug"] == slug);
    found.unwrap_or_else(|| panic!("nothing with the slug {slug} in {records:#}"))
}

#[tokio::test]
async fn every_operation_answers_a_good_request_as_described() {
    let mut story = Story::begin().await;
    let model = a_catalog_is_there(&mut story).await;
    the_catalog_grows(&mut story, &model).await;
    pricing_models_are_made_and_copied(&mut story).await;
    a_customer_buys_and_uses(&mut story, &model).await;
    a_subscription_changes(&mut story, &model).await;
    what_was_billed_can_be_read(&mut story).await;
    a_customer_leaves(&mut story).await;
    a_pricing_model_is_set_up(&mut story).await;

    let described: BTreeSet<String> =
        story.description.operations.iter().map(|operation| operation.name.clone()).collect();
    let never: Vec<&String> = described.difference(&story.called).collect();
    assert!(never.is_empty(), "the story leaves out {never:?}");
    eprintln!("{} operations answer", described.len());
}

async fn a_catalog_is_there(story: &mut Story) -> Value {
    let model = story.ask("pricingModels.getDefault", &[]).await["pricingModel"].clone();
    story.ask("pricingModels.get", &[&id(&model)]).await;
    story.list("pricingModels").await;
    story.ask("pricingModels.export", &[&id(&model)]).await;
    for resource in ["products", "prices", "features", "productFeatures", "usageMeters"] {
        story.list(resource).await;
    }
    story.ask("resources.list", &[]).await;
    for product in model["products"].as_array().unwrap() {
        story.ask("products.get", &[&id(product)]).await;
        story.ask("prices.get", &[&id(&product["defaultPrice"])]).await;
        for feature in product["features"].as_array().unwrap() {
            story.ask("features.get", &[&id(feature)]).await;
        }
    }
    story.ask("usageMeters.get", &[&id(&model["usageMeters"][0])]).await;
    model
}

async fn the_catalog_grows(story: &mut Story, model: &Value) {
    let model_id = id(model);
    let meter = json!({ "name": "Storage", "slug": "storage" });
    let price = json!({ "type": "usage", "unitPrice": 3, "usageEventsPerUnit": 100 });
    let meter =
        story.create_and_read("usageMeters", "usageMeter", json!({ "usageMeter": meter, "price": price })).await;
    let renamed = json!({ "usageMeter": { "id": id(&meter), "name": "Disk space" } });
    story.send("usageMeters.update", &[&id(&meter)], renamed).await;

    let rooms = json!({ "resource": { "slug": "rooms", "name": "Rooms" } });
    let rooms = story.create_and_read("resources", "resource", rooms).await;
    story.ask("resources.list", &[]).await;
    story.ask("resources.get", &[&id(&rooms)]).await;
    let renamed = json!({ "resource": { "id": id(&rooms), "name": "Meeting rooms" } });
    story.send("resources.update", &[&id(&rooms)], renamed).await;

    let toggle = json!({ "type": "toggle", "slug": "dark_mode", "name": "Dark mode", "description": "Easy on the eyes",
        "pricingModelId": model_id });
    let toggle = story.create_and_read("features", "feature", json!({ "feature": toggle })).await;
    let credits = json!({ "type": "usage_credit_grant", "slug": "more_calls", "name": "More calls",
        "description": "50 calls", "amount": 50, "renewalFrequency": "once", "pricingModelId": model_id,
        "usageMeterId": id(&model["usageMeters"][0]) });
    story.create_and_read("features", "feature", json!({ "feature": credits })).await;
    let seats = json!({ "type": "resource", "slug": "two_rooms", "name": "Two rooms", "description": "2 rooms",
        "amount": 2, "resourceId": id(&rooms), "pricingModelId": model_id });
    story.create_and_read("features", "feature", json!({ "feature": seats })).await;
    let renamed = json!({ "feature": { "id": id(&toggle), "type": "toggle", "name": "Night mode" } });
    story.send("features.update", &[&id(&toggle)], renamed).await;

    let product = json!({ "name": "Team", "slug": "team", "active": true, "pricingModelId": model_id,
        "description": "For teams", "singularQuantityLabel": "seat", "pluralQuantityLabel": "seats" });
    let price = json!({ "type": "subscription", "name": "Team monthly", "slug": "team_monthly", "unitPrice": 5000,
        "intervalUnit": "month", "intervalCount": 1, "isDefault": true, "active": true });
    let export = with_slug(&with_slug(&model["products"], "pro")["features"], "export_csv").clone();
    let body = json!({ "product": product, "price": price, "featureIds": [id(&export)] });
    let product = story.create_and_read("products", "product", body).await;
    let renamed = json!({ "product": { "id": id(&product), "name": "Teams", "active": true, "slug": "team" } });
    story.send("products.update", &[&id(&product)], renamed).await;

    let attach = json!({ "productFeature": { "productId": id(&product), "featureId": id(&toggle) } });
    let attached = story.create_and_read("productFeatures", "productFeature", attach).await;
    story.ask("productFeatures.get", &[&id(&attached)]).await;
    story.send("productFeatures.expire", &[&id(&attached)], json!({})).await;

    let price = json!({ "type": "subscription", "name": "Team monthly, new", "slug": "team_monthly_2",
        "unitPrice": 6000, "intervalUnit": "month", "intervalCount": 1, "isDefault": true, "active": true,
        "productId": id(&product) });
    let price = story.create_and_read("prices", "price", json!({ "price": price })).await;
    let renamed =
        json!({ "price": { "id": id(&price), "type": "subscription", "isDefault": true, "name": "Team, monthly" } });
    story.send("prices.update", &[&id(&price)], renamed).await;

    let discount = json!({ "name": "Launch", "code": "launch20", "amount": 20, "amountType": "percent",
        "duration": "number_of_payments", "numberOfPayments": 3 });
    let discount = story.create_and_read("discounts", "discount", json!({ "discount": discount })).await;
    story.ask("discounts.get", &[&id(&discount)]).await;
    let cheaper = json!({ "id": id(&discount), "code": "LAUNCH25", "amount": 25, "amountType": "percent",
        "duration": "once" });
    story.send("discounts.update", &[&id(&discount)], json!({ "discount": cheaper })).await;
    story.list("discounts").await;

    // No server listens there, and the webhook is not active.
    let webhook = json!({ "name": "App", "url": "http://127.0.0.1:9/hook", "active": false,
        "filterTypes": ["subscription.created"], "pricingModelId": model_id });
    let webhook = story.create_and_read("webhooks", "webhook", json!({ "webhook": webhook })).await;
    story.ask("webhooks.get", &[&id(&webhook)]).await;
    let changed = json!({ "id": id(&webhook), "url": "http://127.0.0.1:9/other", "active": false,
        "filterTypes": ["payment.succeeded", "customer.created"] });
    story.send("webhooks.update", &[&id(&webhook)], json!({ "webhook": changed })).await;

    let key = story.key_id().await;
    story.ask("apiKeys.get", &[&key]).await;
}

async fn pricing_models_are_made_and_copied(story: &mut Story) {
    let fresh = json!({ "pricingModel": { "name": "Fresh" }, "defaultPlanIntervalUnit": "month" });
    let fresh = story.send("pricingModels.create", &[], fresh).await["pricingModel"].clone();
    let renamed = json!({ "pricingModel": { "id": id(&fresh), "name": "Fresh again" } });
    story.send("pricingModels.update", &[&id(&fresh)], renamed).await;
    let model = story.ask("pricingModels.getDefault", &[]).await["pricingModel"].clone();
    let copied = story.send("pricingModels.clone", &[&id(&model)], json!({ "name": "A copy" })).await;
    if !copied.is_null() {
        story.ask("pricingModels.export", &[&id(&copied["pricingModel"])]).await;
    }
}

async fn a_customer_buys_and_uses(story: &mut Story, model: &Value) {
    let customer = json!({ "customer": { "email": "a@example.com", "name": "A", "externalId": "u" } });
    story.send("customers.create", &[], customer).await;
    story.ask("customers.get", &["u"]).await;
    story.send("customers.update", &["u"], json!({ "customer": { "name": "B", "domain": "example.com" } })).await;
    story.ask("customers.getBilling", &["u"]).await;
    story.ask("customers.getUsageBalances", &["u"]).await;
    story.buy("u", "pro_monthly").await;
    story.buy("u", "credit_pack_500").await;
    story.list("checkoutSessions").await;
    story.list("customers").await;

    let subscription = story.api.current("u").await;
    for kind in ["add_payment_method", "activate_subscription"] {
        let body = checkout(&json!({ "type": kind, "customerExternalId": "u", "targetSubscriptionId": subscription }));
        story.send("checkoutSessions.create", &[], body).await;
    }
    let event = |transaction: &str| {
        json!({ "subscriptionId": subscription, "usageMeterId": id(&model["usageMeters"][0]), "amount": 2,
            "transactionId": transaction, "properties": { "region": "eu" } })
    };
    let used = story.send("usageEvents.create", &[], json!({ "usageEvent": event("t1") })).await;
    story.send("usageEvents.bulkInsert", &[], json!({ "usageEvents": [event("t1"), event("t2")] })).await;
    story.ask("usageEvents.get", &[&id(&used["usageEvent"])]).await;
    story.list("usageEvents").await;
    let of_one = format!("?subscriptionId={subscription}");
    story.call("customers.getUsageBalances", &["u"], &of_one, None).await;

    let seats = json!({ "resourceSlug": "seats", "externalIds": ["a", "b"], "metadata": { "role": "admin" } });
    story.send("resourceClaims.claim", &[&subscription], seats).await;
    story.send("resourceClaims.claim", &[&subscription], json!({ "resourceSlug": "seats", "quantity": 1 })).await;
    story.call("resourceClaims.getUsage", &[&subscription], "?resourceSlug=seats", None).await;
    story.ask("resourceClaims.listResourceUsages", &[&subscription]).await;
    story.call("resourceClaims.listClaims", &[&subscription], "?resourceSlug=seats", None).await;
    let seat = json!({ "resourceSlug": "seats", "externalId": "a" });
    story.send("resourceClaims.release", &[&subscription], seat).await;
}

async fn a_subscription_changes(story: &mut Story, model: &Value) {
    let subscription = story.api.current("u").await;
    story.ask("subscriptions.get", &[&subscription]).await;
    story.list("subscriptions").await;
    features_hang_on_it(story, &subscription, model).await;

    let pro = |timing: &str, quantity: i64| {
        let items = json!([{ "priceSlug": "pro_monthly", "quantity": quantity }]);
        json!({ "adjustment": { "timing": timing, "newSubscriptionItems": items } })
    };
    story.send("subscriptions.previewAdjust", &[&subscription], pro("auto", 2)).await;
    story.send("subscriptions.adjust", &[&subscription], pro("auto", 2)).await;
    story.send("subscriptions.previewAdjust", &[&subscription], pro("immediately", 1)).await;
    story.ask("customers.getBilling", &["u"]).await;

    // Another customer's, so that what follows does not depend on the canceled adjustment.
    story.api.new_customer("v").await;
    story.buy("v", "pro_monthly").await;
    let subscription = story.api.current("v").await;
    story.send("subscriptions.adjust", &[&subscription], pro("at_end_of_current_billing_period", 1)).await;
    story.send("subscriptions.previewAdjust", &[&subscription], pro("auto", 3)).await;
    story.ask("customers.getBilling", &["v"]).await;
    story.send("subscriptions.cancelScheduledAdjustment", &[&subscription], json!({})).await;
    story.ask("customers.getBilling", &["v"]).await;
}

async fn features_hang_on_it(story: &mut Story, subscription: &str, model: &Value) {
    let pack = &with_slug(&model["products"], "credit_pack")["features"][0];
    let credits = json!({ "featureId": id(pack), "grantCreditsImmediately": true });
    let added = story.send("subscriptions.addFeatureToSubscription", &[subscription], credits).await;
    let added = added["subscriptionItemFeature"].clone();
    if !added.is_null() {
        story.ask("subscriptionItemFeatures.get", &[&id(&added)]).await;
    }
    let billing = story.ask("customers.getBilling", &["u"]).await;
    let current = &billing["currentSubscription"];
    let features = &current["experimental"]["featureItems"];
    for feature in features.as_array().unwrap() {
        story.ask("subscriptionItemFeatures.get", &[&id(feature)]).await;
    }
    // The free plan's credits, on an item that came without them.
    let free = &with_slug(&model["products"], "free")["features"][0];
    let grant = json!({ "type": "usage_credit_grant", "subscriptionItemId": id(&current["subscriptionItems"][0]),
        "featureId": id(free), "amount": 7, "usageMeterId": free["usageMeterId"],
        "renewalFrequency": "every_billing_period", "name": free["name"], "slug": free["slug"] });
    let made = story.send("subscriptionItemFeatures.create", &[], json!({ "subscriptionItemFeature": grant })).await;
    let made = id(&made["subscriptionItemFeature"]);
    let more = json!({ "id": made, "type": "usage_credit_grant", "amount": 9, "usageMeterId": free["usageMeterId"],
        "renewalFrequency": "every_billing_period" });
    story.send("subscriptionItemFeatures.update", &[&made], json!({ "subscriptionItemFeature": more })).await;
    story.send("subscriptionItemFeatures.deactivate", &[&made], json!({})).await;
}

async fn what_was_billed_can_be_read(story: &mut Story) {
    let billing = story.ask("customers.getBilling", &["u"]).await;
    for invoice in billing["invoices"].as_array().unwrap() {
        story.ask("invoices.get", &[&id(&invoice["invoice"])]).await;
        for line in invoice["invoiceLineItems"].as_array().unwrap() {
            story.ask("invoiceLineItems.get", &[&id(line)]).await;
        }
    }
    for purchase in billing["purchases"].as_array().unwrap() {
        story.ask("purchases.get", &[&id(purchase)]).await;
    }
    for method in billing["paymentMethods"].as_array().unwrap() {
        story.ask("paymentMethods.get", &[&id(method)]).await;
    }
    for resource in ["invoices", "invoiceLineItems", "paymentMethods"] {
        story.list(resource).await;
    }
    let payments = story.list("payments").await;
    let payment = id(&payments[0]);
    story.ask("payments.get", &[&payment]).await;
    story.send("payments.refund", &[&payment], json!({})).await;
    story.ask("payments.get", &[&payment]).await;
    story.ask("customers.getBilling", &["u"]).await;
}

async fn a_customer_leaves(story: &mut Story) {
    let subscription = story.api.current("u").await;
    for timing in ["at_end_of_current_billing_period", "immediately"] {
        let cancel = json!({ "cancellation": { "timing": timing } });
        story.send("subscriptions.cancel", &[&subscription], cancel).await;
        story.send("subscriptions.uncancel", &[&subscription], json!({})).await;
    }
    let again = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "metadata": { "again": true } });
    story.send("subscriptions.create", &[], again).await;
    story.ask("customers.getBilling", &["u"]).await;
    story.send("customers.archive", &["u"], json!({})).await;
}

/// Last, because the sandbox's key may follow the model that it sets up.
async fn a_pricing_model_is_set_up(story: &mut Story) {
    let form = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    let model = story.send("pricingModels.setup", &[], form).await;
    story.ask("pricingModels.get", &[&id(&model["pricingModel"])]).await;
}

#[tokio::test]
async fn what_is_not_described_is_not_answered() {
    let description = Description::read();
    let api = Api::start().await;
    for operation in &description.operations {
        for method in [Method::PATCH, Method::DELETE] {
            let answer = send(api.request(method.clone(), &operation.path).json(&json!({}))).await;
            assert!([404, 405].contains(&answer.status), "{method} {}: {answer:?}", operation.path);
        }
    }
}
