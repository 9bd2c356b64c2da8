//! What happened, as webhooks tell it. Each thing happens once: the same event about the same object is not noted again.

use crate::{
    records::event::{Event, EventType},
    store::Store,
};

/// Notes that something happened to an object of a customer.
pub(crate) fn emit(store: &mut Store, kind: EventType, object_id: &str, customer_id: &str) {
    let is_noted = store.tables.events.of(object_id).any(|event| event.kind == kind);
    if is_noted {
        return;
    }
    let event = Event {
        meta: store.meta::<Event>(),
        kind,
        object_id: object_id.to_owned(),
        customer_id: customer_id.to_owned(),
    };
    store.tables.events.insert(event);
}
