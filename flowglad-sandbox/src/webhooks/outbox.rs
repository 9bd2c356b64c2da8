//! Turns committed events into deliveries to the webhooks that asked for them.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    fault_list::FaultList,
    ids::MessageIds,
    records::{
        customer::Customer,
        event::{Event, EventType},
        webhook::Webhook,
    },
    store::tables::Tables,
    webhooks::{
        delivery::WebhookDelivery,
        delivery_log::{DeliveryLog, QueuedDelivery},
        webhook_fault::WebhookFault,
    },
};

/// Where committed events become deliveries.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) log: Arc<DeliveryLog>,
    pub(crate) faults: Arc<FaultList<WebhookFault>>,
    pub(crate) message_ids: MessageIds,
    pub(crate) queue: UnboundedSender<QueuedDelivery>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    object: &'static str,
    id: &'a str,
    customer: EventCustomer<'a>,
    pricing_model_id: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventCustomer<'a> {
    id: &'a str,
    external_id: &'a str,
}

impl Outbox {
    /// Queues an event for every active webhook that asked for its type.
    pub(crate) fn post(&self, tables: &Tables, event: &Event) {
        let Some(customer) = tables.customers.find(&event.customer_id) else { return };
        let id = self.message_ids.next();
        for webhook in tables.webhooks.iter().filter(|webhook| wants(webhook, event, customer)) {
            self.enqueue(self.log.add(delivery(&id, webhook, event, customer)));
        }
    }

    /// Queues the deliveries that are held. Returns how many there are.
    pub(crate) fn release(&self) -> usize {
        let released = self.log.release();
        let count = released.len();
        for delivery in released {
            self.enqueue(delivery);
        }
        count
    }

    /// Delivers an event anew to every webhook that got it. Returns how many there are.
    pub(crate) fn redeliver(&self, delivery_id: &str) -> usize {
        let (count, to_queue) = self.log.redeliver(delivery_id);
        for delivery in to_queue {
            self.enqueue(delivery);
        }
        count
    }

    fn enqueue(&self, delivery: QueuedDelivery) {
        // Without a receiver the sandbox is about to stop, and no delivery will be read.
        let _ = self.queue.send(delivery);
    }
}

fn wants(webhook: &Webhook, event: &Event, customer: &Customer) -> bool {
    webhook.active
        && (webhook.for_all_models || webhook.pricing_model_id == customer.pricing_model_id)
        && webhook.filter_types.iter().any(|wanted| wanted == event.kind.name())
}

fn delivery(id: &str, webhook: &Webhook, event: &Event, customer: &Customer) -> WebhookDelivery {
    let body = Body {
        object: object_of(event.kind),
        id: &event.object_id,
        customer: EventCustomer { id: &customer.meta.id, external_id: &customer.external_id },
        pricing_model_id: &customer.pricing_model_id,
    };
    WebhookDelivery::new(
        id.to_owned(),
        &webhook.meta.id,
        &webhook.url,
        event.kind.name(),
        serde_json::to_string(&body).expect("text fields serialize without fail"),
    )
}

fn object_of(kind: EventType) -> &'static str {
    kind.name().split('.').next().unwrap_or_default()
}
