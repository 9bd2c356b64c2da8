//! Deliveries of the sandbox: the events in them, the records that they are about, and what they outdate.

use flowglad_core::{
    Flowglad,
    api::{CancellationTiming, EnsuredWebhook},
    billing::{Freshness, Source},
    cache::BillingCache,
    clock::SystemClock,
    model::WebhookEventType,
    webhook::{WebhookEvent, WebhookObject, WebhookReceiver, WebhookRecord, WebhookSecret, WebhookSecrets},
};
use flowglad_sandbox::{Sandbox, WebhookDelivery, WebhookFault};

use crate::{ada, webhook::signed::Sent};

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
        Self { sandbox, flowglad, secrets }
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
    async fn receive(&self, delivery: &WebhookDelivery) -> u16 {
        let receiver = WebhookReceiver::new(&self.flowglad, self.secrets.clone(), async |_: WebhookEvent| {});
        let body = delivery.body.clone().into();
        receiver.receive("POST", &sent(delivery), async { Ok(body) }).await.status
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
    fixture.sandbox.subscribe("user_42", "credit_pack").unwrap_err();
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
    for object in [WebhookObject::Customer, WebhookObject::Subscription, WebhookObject::Payment, WebhookObject::Purchase] {
        assert!(seen.iter().any(|(event_type, seen)| *seen == object && event_type.starts_with(object.as_str())), "{seen:?}");
    }
}

#[tokio::test]
async fn a_delivery_outdates_the_billing_in_memory_also_if_it_names_no_customer() {
    let fixture = Fixture::start().await;
    let Fixture { sandbox, flowglad, .. } = &fixture;
    let me = flowglad.customer(&ada());
    me.find_or_create().await.unwrap();
    for without_customer in [false, true] {
        if without_customer {
            sandbox.inject_webhook_fault(WebhookFault::new().without_customer().times(100)).unwrap();
        }
        let plan = if without_customer { "team_monthly" } else { "pro_monthly" };
        let from_memory = Freshness::default();
        me.billing_with(from_memory).await.unwrap();
        assert_eq!(me.billing_with(from_memory).await.unwrap().source(), Source::Cache);
        if without_customer {
            let current = me.billing().await.unwrap().current_subscription().unwrap().id.clone();
            sandbox.advance_days(31);
            let _ = (plan, current);
        } else {
            sandbox.subscribe("user_42", plan).unwrap();
        }
        me.billing_with(from_memory).await.unwrap();
        let last = fixture.deliveries().await.pop().unwrap();
        assert_eq!(last.body.contains("user_42"), !without_customer, "{}", last.body);
        assert_eq!(fixture.receive(&last).await, 204);
        assert_eq!(me.billing_with(from_memory).await.unwrap().source(), Source::Live);
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
