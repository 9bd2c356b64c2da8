//! Deliveries of the sandbox: the events in them, the records that they are about, and what they outdate.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowglad_core::{
    Flowglad,
    api::{CancellationTiming, EnsuredWebhook},
    billing::{Freshness, Source},
    cache::BillingCache,
    clock::{Clock as _, SystemClock},
    model::WebhookEventType,
    webhook::{WebhookEvent, WebhookObject, WebhookReceiver, WebhookRecord, WebhookSecret, WebhookSecrets},
};
use flowglad_sandbox::{Sandbox, WebhookDelivery};

use crate::{
    ada,
    webhook::signed::{Sent, headers, signature},
};

/// Nothing listens there: the tests take the deliveries from the sandbox's log.
const URL: &str = "http://127.0.0.1:9/webhooks/flowglad";

const TYPES: [WebhookEventType; 6] = [
    WebhookEventType::CustomerCreated,
    WebhookEventType::SubscriptionCreated,
    WebhookEventType::SubscriptionCanceled,
    WebhookEventType::PaymentSucceeded,
    WebhookEventType::PaymentFailed,
    WebhookEventType::PurchaseCompleted,
];

struct Fixture {
    sandbox: Sandbox,
    flowglad: Flowglad,
    secrets: WebhookSecrets,
    key: Vec<u8>,
}

impl Fixture {
    async fn start() -> Self {
        let sandbox = Sandbox::builder().webhook_retries([]).start().await.unwrap();
        let builder = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url());
        let flowglad = builder.cache(BillingCache::new()).build().unwrap();
        let EnsuredWebhook::Created(created) = flowglad.webhooks().ensure(URL, TYPES, None).await.unwrap() else {
            panic!("there was none")
        };
        let secrets = WebhookSecret::try_from(&created.secret).unwrap().into();
        let key = STANDARD.decode(created.secret.expose().strip_prefix("whsec_").unwrap()).unwrap();
        Self { sandbox, flowglad, secrets, key }
    }

    async fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.sandbox.wait_for_webhooks().await;
        self.sandbox.webhook_deliveries()
    }

    fn event(&self, delivery: &WebhookDelivery) -> WebhookEvent {
        let body = delivery.body.clone().into();
        self.secrets.verify(&sent(delivery), body, &SystemClock).unwrap().event().unwrap()
    }

    /// Hands a delivery to a receiver, as an adapter does.
    async fn receive(&self, sent: &Sent, body: String) -> u16 {
        let receiver = WebhookReceiver::new(&self.flowglad, self.secrets.clone(), async |_: WebhookEvent| {});
        receiver.receive("POST", sent, async { Ok(body.into()) }).await.status
    }

    /// The headers of a delivery of our own.
    fn signed(&self, id: &str, body: &str) -> Sent {
        let now = (SystemClock.date().as_millis() / 1000).to_string();
        headers(id, &now, &signature(&self.key, id, &now, body.as_bytes()))
    }
}

fn sent(delivery: &WebhookDelivery) -> Sent {
    let headers = &delivery.attempts.last().unwrap().headers;
    Sent(headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

#[tokio::test]
async fn each_event_of_the_sandbox_is_read_back_to_the_record_that_it_is_about() {
    let fixture = Fixture::start().await;
    let subscription = fixture.sandbox.subscribe("user_42", "pro_monthly").unwrap();
    let canceled = fixture.flowglad.subscriptions();
    canceled.cancel(&subscription.parse().unwrap(), CancellationTiming::Immediately).await.unwrap();
    let mut seen = Vec::new();
    for delivery in fixture.deliveries().await {
        let event = fixture.event(&delivery);
        assert_eq!((event.delivery_id(), event.external_id()), (&*delivery.id, Some("user_42")));
        let record = event.read_back(&fixture.flowglad).await.unwrap();
        let (object, id) = match &record {
            WebhookRecord::Customer(customer) => (WebhookObject::Customer, customer.id.as_str()),
            WebhookRecord::Subscription(subscription) => (WebhookObject::Subscription, subscription.id.as_str()),
            WebhookRecord::Payment(payment) => (WebhookObject::Payment, payment.id.as_str()),
            WebhookRecord::Purchase(purchase) => (WebhookObject::Purchase, purchase.id.as_str()),
            other => panic!("{other:?}"),
        };
        assert_eq!((&object, id), (&event.object, &*event.id));
        let of_customer = event.customer.as_ref().unwrap().id.as_ref();
        assert_eq!(record.customer_id(), of_customer);
        seen.push((delivery.event_type, object));
    }
    for object in
        [WebhookObject::Customer, WebhookObject::Subscription, WebhookObject::Payment, WebhookObject::Purchase]
    {
        assert!(
            seen.iter().any(|(event_type, seen)| *seen == object && event_type.starts_with(object.as_str())),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn a_delivery_outdates_the_billing_in_memory_also_if_it_names_no_customer() {
    let fixture = Fixture::start().await;
    let Fixture { sandbox, flowglad, .. } = &fixture;
    let me = flowglad.customer(&ada());
    me.find_or_create().await.unwrap();
    sandbox.subscribe("user_42", "pro_monthly").unwrap();
    for names_customer in [true, false] {
        me.billing().await.unwrap();
        // The next payment.
        sandbox.advance_days(32);
        let paid = fixture.deliveries().await.pop().unwrap();
        assert_eq!(me.billing_with(Freshness::Cached).await.unwrap().source(), Source::Cache);
        let status = if names_customer {
            fixture.receive(&sent(&paid), paid.body.clone()).await
        } else {
            let body = format!(r#"{{"object":"payment","id":"{}"}}"#, fixture.event(&paid).id);
            fixture.receive(&fixture.signed("msg_without_customer", &body), body).await
        };
        assert_eq!(status, 204);
        assert_eq!(me.billing_with(Freshness::Cached).await.unwrap().source(), Source::Live);
    }
}

#[tokio::test]
async fn ensuring_a_webhook_creates_it_once_if_its_id_is_kept() {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let hooks = flowglad.webhooks();
    let [paid, failed] = [WebhookEventType::PaymentSucceeded, WebhookEventType::PaymentFailed];
    let EnsuredWebhook::Created(created) = hooks.ensure(URL, [paid.clone()], None).await.unwrap() else { panic!() };
    let id = created.webhook.id.clone();
    assert!(matches!(hooks.ensure(URL, [paid.clone()], Some(&id)).await.unwrap(), EnsuredWebhook::Kept(_)));
    let both = [failed.clone(), paid.clone(), paid.clone()];
    let changed = hooks.ensure(URL, both.clone(), Some(&id)).await.unwrap();
    assert!(matches!(&changed, EnsuredWebhook::Changed(webhook) if webhook.id == id), "{changed:?}");
    assert!(matches!(hooks.ensure(URL, [paid.clone(), failed], Some(&id)).await.unwrap(), EnsuredWebhook::Kept(_)));
    let moved = hooks.ensure("http://127.0.0.1:9/other", both.clone(), Some(&id)).await.unwrap();
    assert!(moved.webhook().url.ends_with("/other"));
    let gone = hooks.ensure(URL, both, Some(&"webhook_0".parse().unwrap())).await.unwrap();
    assert!(matches!(&gone, EnsuredWebhook::Created(created) if created.webhook.id != id), "{gone:?}");
}
