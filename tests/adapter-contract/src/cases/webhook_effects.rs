//! What a delivery does to what is known of a customer's billing.

use flowglad_core::RequestingCustomer;
use serde_json::{Value, json};

use crate::{
    app::ADA,
    deliveries::{Delivery, NOW, SECOND_SECRET, event},
    documents::{entitled, subscription},
    webhook::{StartWebhooks, Step, VERIFIED, WEBHOOK, WebhookApp},
};

const DOCUMENT: &str = "/customers/user_42/billing";

/// An app that knows the billing of Ada, and of another customer.
async fn app_that_knows_billing(start: StartWebhooks) -> WebhookApp {
    let this = WebhookApp::start(start).await;
    this.app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    this.app.upstream.answer("GET", "/customers/user_43/billing", entitled("user_43")).await;
    assert_eq!((reads(&this, ADA).await, reads(&this, "user_43").await), (1, 1));
    assert_eq!((reads(&this, ADA).await, reads(&this, "user_43").await), (0, 0));
    this
}

/// How many requests it takes to have the billing of a customer.
async fn reads(this: &WebhookApp, external_id: &str) -> usize {
    let customer = RequestingCustomer::new(external_id, "Ada", "ada@example.com").unwrap();
    let before = this.app.upstream.requests().await.len();
    this.flowglad.customer(&customer).billing().await.unwrap();
    this.app.upstream.requests().await.len() - before
}

async fn assert_outdates_only_ada(this: &WebhookApp, id: &str, body: &Value) {
    let delivery = Delivery::new(id).body(body.to_string());
    assert_eq!(delivery.send(&this.app, WEBHOOK).await.status, 204, "{body}");
    assert_eq!(reads(this, ADA).await, 1, "{body}");
    assert_eq!(reads(this, "user_43").await, 0, "{body}");
}

/// A verified delivery outdates the billing of the customer whom it names, by either id, and that of no other.
pub async fn a_delivery_outdates_the_billing_of_its_customer(start: StartWebhooks) {
    let this = app_that_knows_billing(start).await;
    let customers = [
        json!({"id": "cust_user_42", "externalId": "user_42"}),
        json!({"id": "cust_unknown", "externalId": "user_42"}),
        json!({"id": "cust_user_42"}),
        json!({"id": "cust_user_42", "externalId": null}),
    ];
    for (position, customer) in customers.into_iter().enumerate() {
        let body = json!({"object": "payment", "id": "pay_1", "customer": customer});
        assert_outdates_only_ada(&this, &format!("msg_{position}"), &body).await;
    }
    let of_customer = json!({"object": "customer", "id": "cust_user_42"});
    assert_outdates_only_ada(&this, "msg_of_customer", &of_customer).await;
}

/// Where a delivery names no customer, its object is read.
pub async fn without_a_customer_the_object_is_read(start: StartWebhooks) {
    let this = app_that_knows_billing(start).await;
    let of_ada = subscription("sub_9", ADA, &[]);
    this.app.upstream.answer("GET", "/subscriptions/sub_9", json!({"subscription": of_ada})).await;
    let before = this.app.upstream.requests().await.len();
    let body = json!({"object": "subscription", "id": "sub_9", "pricingModelId": "pricing_model_1"});
    assert_outdates_only_ada(&this, "msg_1", &body).await;
    let requests = this.app.upstream.requests().await.split_off(before);
    assert_eq!(requests, ["GET /subscriptions/sub_9".to_owned(), format!("GET {DOCUMENT}")]);
}

/// Where a delivery names no customer and its object cannot be read, it is handled nevertheless.
pub async fn an_object_that_cannot_be_read_is_handled_nevertheless(start: StartWebhooks) {
    let this = app_that_knows_billing(start).await;
    for (id, object) in [("msg_1", "payment"), ("msg_2", "discount")] {
        let body = json!({"object": object, "id": "unknown_1"});
        let reply = Delivery::new(id).body(body.to_string()).send(&this.app, WEBHOOK).await;
        assert_eq!(reply.status, 204, "{reply}");
    }
    assert_eq!(this.handling.effects().len(), 2);
}

/// The handler itself sees what is true after the event, and so does a delivery whose handler fails.
pub async fn billing_is_outdated_before_the_handler_runs(start: StartWebhooks) {
    let this = app_that_knows_billing(start).await;
    this.handling.hold();
    let delivery = Delivery::new("msg_1");
    let sending = tokio::spawn(delivery.to(&this.app, WEBHOOK).send());
    this.handling.begun(1).await;
    assert_eq!(reads(&this, ADA).await, 1);
    this.handling.let_end();
    assert_eq!(sending.await.unwrap().unwrap().status(), 204);
    this.handling.then([Step::Fail]);
    assert_eq!(Delivery::new("msg_2").send(&this.app, WEBHOOK).await.status, 500);
    assert_eq!(reads(&this, ADA).await, 1);
}

/// What is not verified outdates nothing, and sends nothing to Flowglad.
pub async fn a_refused_delivery_outdates_nothing(start: StartWebhooks) {
    let this = app_that_knows_billing(start).await;
    let without_customer = json!({"object": "subscription", "id": "sub_9"}).to_string();
    let before = this.app.upstream.requests().await.len();
    for path in [WEBHOOK, VERIFIED] {
        for refused in [
            Delivery::new("msg_1").signed_with(SECOND_SECRET),
            Delivery::new("msg_1").at(NOW - 301),
            Delivery::new("msg_1").body(without_customer.clone()).signed_with(SECOND_SECRET),
        ] {
            assert_eq!(refused.send(&this.app, path).await.status, 400, "{path}");
        }
    }
    assert_eq!(this.app.upstream.requests().await.len(), before);
    assert_eq!((reads(&this, ADA).await, reads(&this, "user_43").await), (0, 0));
}

/// A delivery that the extractor takes outdates billing too.
pub async fn a_delivery_of_the_extractor_outdates_billing(start: StartWebhooks) {
    let this = app_that_knows_billing(start).await;
    let delivery = Delivery::new("msg_1").body(event("payment", "pay_1").to_string());
    assert_eq!(delivery.send(&this.app, VERIFIED).await.status, 200);
    assert_eq!(reads(&this, ADA).await, 1);
    assert_eq!(reads(&this, "user_43").await, 0);
}
