//! Emits the events that webhooks deliver. An event of one type is emitted once for each object.

use crate::{
    records::event::{Event, EventType},
    store::Store,
};

/// Emits an event about an object of a customer.
pub(crate) fn emit(store: &mut Store, kind: EventType, object_id: &str, customer_id: &str) {
    let is_noted = store.tables.events.owned_by(object_id).any(|event| event.kind == kind);
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
