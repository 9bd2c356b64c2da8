//! Every answer of every operation validates against the recorded facts of the API.

use std::collections::{BTreeSet, HashMap};

use reqwest::Method;
use serde_json::{Value, json};

use crate::description::{Description, Operation};
use crate::{Api, Reply, send, text};

/// Validates what an API answers, and remembers which operations did.
pub(crate) struct Checked {
    pub(crate) api: Api,
    description: Description,
    /// The names of the operations that answered.
    pub(crate) operations: BTreeSet<String>,
}

impl Checked {
    pub(crate) async fn start() -> Self {
        Self { api: Api::start().await, description: Description::read(), operations: BTreeSet::new() }
    }

    /// Sends a request to the path that the template becomes, and gives its valid answer.
    pub(crate) async fn call(&mut self, method: Method, template: &str, values: &[&str], body: Option<Value>) -> Value {
        let (path, query) = template.split_once('?').unwrap_or((template, ""));
        let mut filled = format!("{path}{}{query}", if query.is_empty() { "" } else { "?" });
        for value in values {
            let (start, rest) = filled.split_once('{').unwrap();
            filled = format!("{start}{value}{}", rest.split_once('}').unwrap().1);
        }
        let mut request = self.api.request(method.clone(), &filled);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer: Reply = send(request).await;
        let body = answer.ok();
        let operation = self.description.operation_at(&method, path);
        let problems = self.description.problems(operation, &body);
        assert!(problems.is_empty(), "{}: {problems:#?}\n{body:#}", operation.name);
        self.operations.insert(operation.name.clone());
        body
    }
}

#[tokio::test]
async fn each_operation_answers_as_described() {
    let mut checked = Checked::start().await;
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);

    checked.call(get.clone(), "/pricing-models/default", &[], None).await;
    let form = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    let model = checked.call(post.clone(), "/pricing-models/setup", &[], Some(form)).await;
    let model_id = text(&model["pricingModel"]["id"]);
    checked.call(get.clone(), "/pricing-models/{id}", &[&model_id], None).await;

    let customer = json!({ "customer": { "email": "a@example.com", "name": "A", "externalId": "u" } });
    checked.call(post.clone(), "/customers", &[], Some(customer.clone())).await;
    checked.call(get.clone(), "/customers/{externalId}", &["u"], None).await;
    checked.call(put, "/customers/{externalId}", &["u"], Some(json!({ "customer": { "name": "B" } }))).await;
    checked.call(get.clone(), "/customers/{externalId}/billing", &["u"], None).await;

    let urls =
        json!({ "customerExternalId": "u", "successUrl": "https://a.example/ok", "cancelUrl": "https://a.example/no" });
    let with = |fields: Value| {
        let mut session = urls.clone();
        session.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        Some(json!({ "checkoutSession": session }))
    };
    for slug in ["pro_monthly", "credit_pack_500"] {
        let bought = with(json!({ "type": "product", "priceSlug": slug, "outputMetadata": { "a": 1 } }));
        let session = checked.call(post.clone(), "/checkout-sessions", &[], bought).await;
        let id = text(&session["checkoutSession"]["id"]);
        checked.api.sandbox.complete_checkout_session(&id).unwrap();
        checked.call(get.clone(), "/checkout-sessions/{id}", &[&id], None).await;
    }
    let id = checked.api.current("u").await;
    for kind in ["add_payment_method", "activate_subscription"] {
        let session = with(json!({ "type": kind, "targetSubscriptionId": id }));
        checked.call(post.clone(), "/checkout-sessions", &[], session).await;
    }

    let event = |transaction: &str| json!({ "subscriptionId": id, "usageMeterSlug": "api_calls", "amount": 2, "transactionId": transaction });
    checked.call(post.clone(), "/usage-events", &[], Some(json!({ "usageEvent": event("t1") }))).await;
    checked
        .call(post.clone(), "/usage-events/bulk", &[], Some(json!({ "usageEvents": [event("t1"), event("t2")] })))
        .await;
    checked.call(get.clone(), "/customers/{externalId}/usage-balances", &["u"], None).await;

    let seats = Some(json!({ "resourceSlug": "seats", "externalIds": ["a", "b"], "metadata": { "role": "admin" } }));
    checked.call(post.clone(), "/resource-claims/{subscriptionId}/claim", &[&id], seats).await;
    checked.call(get.clone(), "/resource-claims/{subscriptionId}/usage?resourceSlug=seats", &[&id], None).await;
    checked.call(get.clone(), "/resource-claims/{subscriptionId}/usages", &[&id], None).await;
    checked.call(get.clone(), "/resource-claims/{subscriptionId}/claims", &[&id], None).await;
    let seat = Some(json!({ "resourceSlug": "seats", "externalId": "a" }));
    checked.call(post.clone(), "/resource-claims/{subscriptionId}/release", &[&id], seat).await;

    checked.call(get.clone(), "/subscriptions/{id}", &[&id], None).await;
    let twice = json!({ "timing": "auto", "newSubscriptionItems": [{ "priceSlug": "pro_monthly", "quantity": 2 }] });
    checked.call(post.clone(), "/subscriptions/{id}/adjust", &[&id], Some(json!({ "adjustment": twice }))).await;
    checked.call(get.clone(), "/customers/{externalId}/billing", &["u"], None).await;
    for timing in ["at_end_of_current_billing_period", "immediately"] {
        let cancel = Some(json!({ "cancellation": { "timing": timing } }));
        checked.call(post.clone(), "/subscriptions/{id}/cancel", &[&id], cancel).await;
        checked.call(post.clone(), "/subscriptions/{id}/uncancel", &[&id], Some(json!({}))).await;
    }
    let new = Some(json!({ "customerExternalId": "u", "priceSlug": "pro_monthly" }));
    checked.call(post.clone(), "/subscriptions", &[], new).await;
    checked.call(get, "/customers/{externalId}/billing", &["u"], None).await;
    checked.call(post, "/customers/{externalId}/archive", &["u"], Some(json!({}))).await;
    assert_eq!(checked.operations.len(), 23, "one for each operation that is built");
}

#[tokio::test]
async fn records_of_money_and_usage_answer_as_described() {
    let mut checked = Checked::start().await;
    let (get, post) = (Method::GET, Method::POST);
    checked.api.new_customer("u").await;
    for slug in ["pro_monthly", "credit_pack_500"] {
        checked.api.buy("u", slug).await;
    }
    checked.api.use_calls(&checked.api.current("u").await, 3, "t").await.ok();

    let mut ids = HashMap::new();
    for list in [
        "/subscriptions",
        "/checkout-sessions",
        "/usage-events",
        "/invoices",
        "/invoice-line-items",
        "/payments",
        "/payment-methods",
    ] {
        let page = checked.call(get.clone(), list, &[], None).await;
        ids.insert(list, text(&page["data"][0]["id"]));
    }
    for list in ["/usage-events", "/invoices", "/invoice-line-items", "/payments", "/payment-methods"] {
        checked.call(get.clone(), &format!("{list}/{{id}}"), &[&ids[list]], None).await;
    }
    let purchases = checked.api.billing("u").await["purchases"].clone();
    for purchase in purchases.as_array().unwrap() {
        checked.call(get.clone(), "/purchases/{id}", &[&text(&purchase["id"])], None).await;
    }
    for body in [json!({ "partialAmount": 1 })] {
        checked.call(post.clone(), "/payments/{id}/refund", &[&ids["/payments"]], Some(body)).await;
    }
    checked.call(get, "/payments", &[], None).await;
    assert_eq!(checked.operations.len(), 14, "one for each operation that is built");
}

#[tokio::test]
async fn changes_of_plans_and_features_answer_as_described() {
    let mut checked = Checked::start().await;
    let (get, post) = (Method::GET, Method::POST);
    checked.api.new_customer("u").await;
    let free = checked.api.current("u").await;
    checked.api.buy("u", "pro_monthly").await;
    let id = checked.api.current("u").await;

    let path = "/subscriptions/{id}/preview-adjust";
    for (id, quantity) in [(&free, 1), (&id, 2), (&id, 1)] {
        let items = json!([{ "priceSlug": "pro_monthly", "quantity": quantity }]);
        let adjustment = json!({ "adjustment": { "timing": "auto", "newSubscriptionItems": items } });
        checked.call(post.clone(), path, &[id], Some(adjustment)).await;
    }
    let at_end = json!({ "timing": "at_end_of_current_billing_period",
        "newSubscriptionItems": [{ "priceSlug": "pro_monthly" }] });
    checked.call(post.clone(), "/subscriptions/{id}/adjust", &[&id], Some(json!({ "adjustment": at_end }))).await;
    let path = "/subscriptions/{id}/cancel-scheduled-adjustment";
    checked.call(post.clone(), path, &[&id], Some(json!({}))).await;

    let (add, item) = ("/subscriptions/{id}/add-feature", "/subscription-item-features/{id}");
    for slug in ["export_csv", "pro_api_credits", "pro_seats"] {
        let feature = json!({ "featureSlug": slug, "grantCreditsImmediately": true });
        let added = checked.call(post.clone(), add, &[&id], Some(feature)).await;
        let added = &added["subscriptionItemFeature"];
        let added_id = text(&added["id"]);
        checked.call(get.clone(), item, &[&added_id], None).await;
        let body = || Some(json!({ "subscriptionItemFeature": added }));
        checked.call(post.clone(), "/subscription-item-features", &[], body()).await;
        checked.call(Method::PUT, item, &[&added_id], body()).await;
    }
    checked.call(get, "/customers/{externalId}/billing", &["u"], None).await;
    assert_eq!(checked.operations.len(), 8, "one for each operation that is built, adjust and billing among them");
}

#[tokio::test]
async fn every_described_operation_is_known() {
    let checked = Checked::start().await;
    for Operation { name, method, path, .. } in &checked.description.operations {
        let answer = send(checked.api.request(method.clone(), path).json(&json!({}))).await;
        assert!(answer.text != "Not Found" && answer.status != 405, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn what_time_leaves_behind_is_as_described() {
    let mut checked = Checked::start().await;
    checked.api.new_customer("u").await;
    checked.api.buy("u", "pro_monthly").await;
    let id = checked.api.current("u").await;
    checked.api.use_calls(&id, 1234, "t").await.ok();
    checked.api.sandbox.fail_next_payment();
    for (days, status) in [(31, "past_due"), (3, "active"), (365, "active")] {
        checked.api.sandbox.advance_days(days);
        let billing = checked.call(Method::GET, "/customers/{externalId}/billing", &["u"], None).await;
        assert_eq!(billing["currentSubscription"]["status"], status);
        assert_eq!(billing["invoices"][1]["invoiceLineItems"][1]["type"], "usage");
    }
}
