//! Finds, creates and archives customers.

use crate::{
    records::{
        customer::Customer,
        event::EventType,
        subscription::{CancellationReason, Subscription},
    },
    refusal::Refusal,
    rules::{
        events,
        subscription::{current::current_subscriptions, ending, start},
    },
    store::Store,
};

/// The fields of a new customer.
#[derive(Debug)]
pub(crate) struct NewCustomer {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) external_id: String,
    pub(crate) archived: bool,
    pub(crate) logo_url: Option<String>,
    pub(crate) icon_url: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) user_id: Option<String>,
}

/// The changes of a customer; `Some(None)` clears a field.
#[derive(Debug)]
#[expect(clippy::option_option, reason = "absent, null and a value mean different changes")]
pub(crate) struct CustomerChanges {
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) logo_url: Option<Option<String>>,
    pub(crate) icon_url: Option<Option<String>>,
    pub(crate) domain: Option<Option<String>>,
    pub(crate) user_id: Option<Option<String>>,
}

impl CustomerChanges {
    fn apply_to(self, customer: &mut Customer) {
        set(&mut customer.email, self.email);
        set(&mut customer.name, self.name);
        set(&mut customer.logo_url, self.logo_url);
        set(&mut customer.icon_url, self.icon_url);
        set(&mut customer.domain, self.domain);
        set(&mut customer.user_id, self.user_id);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The customer with this `external_id` that is not archived.
pub(crate) fn by_external_id<'a>(store: &'a Store, model_id: &str, external_id: &str) -> Option<&'a Customer> {
    let mut customers = store.tables.customers.by_external_key(external_id);
    customers.find(|customer| !customer.archived && customer.pricing_model_id == model_id)
}

/// As [`by_external_id`] in the key's model, or the API's 404.
pub(crate) fn require<'a>(store: &'a Store, external_id: &str) -> Result<&'a Customer, Refusal> {
    by_external_id(store, &store.key_model_id, external_id).ok_or_else(|| unknown(external_id))
}

/// The customer of the key's model that has this `external_id`, or was the last to have it, or the API's 404.
pub(crate) fn newest<'a>(store: &'a Store, external_id: &str) -> Result<&'a Customer, Refusal> {
    let archived = || {
        let mut customers = store.tables.customers.by_external_key(external_id);
        customers.rfind(|customer| customer.pricing_model_id == store.key_model_id)
    };
    let live = by_external_id(store, &store.key_model_id, external_id);
    live.or_else(archived).ok_or_else(|| unknown(external_id))
}

fn unknown(external_id: &str) -> Refusal {
    Refusal::not_found(format!("Customer with externalId {external_id} not found"))
}

/// Creates a customer in a pricing model and starts its default plan. Returns the ids of both.
pub(crate) fn create(store: &mut Store, model_id: &str, new: NewCustomer) -> Result<(String, Option<String>), Refusal> {
    if !new.archived && by_external_id(store, model_id, &new.external_id).is_some() {
        return Err(Refusal::conflict(
            "This pricing model id external id unique idx already exists. Please choose a different value.",
        ));
    }
    // The real API knows the app's users only as its own, so no id that an app gives is one of them.
    if new.user_id.is_some() {
        return Err(Refusal::missing_reference());
    }
    let customer = Customer {
        meta: store.meta::<Customer>().written_twice(),
        organization_id: store.organization_id.clone(),
        email: new.email,
        name: new.name,
        invoice_number_base: store.invoice_number_base(),
        archived: new.archived,
        logo_url: new.logo_url,
        icon_url: new.icon_url,
        domain: new.domain,
        billing_address: None,
        external_id: new.external_id,
        user_id: new.user_id,
        pricing_model_id: model_id.to_owned(),
    };
    let customer_id = store.tables.customers.insert(customer);
    events::emit(store, EventType::CustomerCreated, &customer_id, &customer_id);
    // The real API ignores a failure here: the customer then has no plan.
    let subscription_id = store.attempt(|store| start::start_default_plan(store, &customer_id)).ok().flatten();
    Ok((customer_id, subscription_id))
}

/// Creates a customer for a checkout that names none.
pub(crate) fn create_anonymous(store: &mut Store, model_id: &str) -> Result<String, Refusal> {
    let external_id = store.id_with_prefix("anonymous");
    let new = NewCustomer {
        email: "anonymous@example.com".to_owned(),
        name: "Anonymous customer".to_owned(),
        external_id,
        archived: false,
        logo_url: None,
        icon_url: None,
        domain: None,
        user_id: None,
    };
    create(store, model_id, new).map(|(customer_id, _)| customer_id)
}

/// Changes a customer.
pub(crate) fn update(store: &mut Store, customer_id: &str, changes: CustomerChanges) -> Result<(), Refusal> {
    if matches!(changes.user_id, Some(Some(_))) {
        return Err(Refusal::missing_reference());
    }
    let now = store.now();
    store.tables.customers.change(customer_id, now, |customer| changes.apply_to(customer));
    Ok(())
}

/// Archives a customer: ends its current subscriptions and frees its external id.
pub(crate) fn archive(store: &mut Store, customer_id: &str) -> Result<(), Refusal> {
    let current: Vec<Subscription> = current_subscriptions(store, customer_id).cloned().collect();
    for subscription in current {
        ending::refuse_pending_adjustment(&subscription)?;
        ending::end_now(store, &subscription, Some(CancellationReason::CustomerArchived));
    }
    let now = store.now();
    store.tables.customers.change(customer_id, now, |customer| customer.archived = true);
    Ok(())
}
