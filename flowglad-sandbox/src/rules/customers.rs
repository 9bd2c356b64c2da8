//! Customers: finding them, making them with their free plan, putting them away.

use crate::http::api_error::ApiError;
use crate::records::{CancellationReason, Customer, Subscription};
use crate::rules::{cancellation, catalog, subscription_start};
use crate::store::Store;

/// What a caller says about a new customer.
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

/// What may change about a customer; `Some(None)` clears a field.
#[derive(Debug)]
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
pub(crate) struct CustomerChanges {
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) logo_url: Option<Option<String>>,
    pub(crate) icon_url: Option<Option<String>>,
    pub(crate) domain: Option<Option<String>>,
    pub(crate) user_id: Option<Option<String>>,
}

impl CustomerChanges {
    pub(crate) fn apply_to(self, customer: &mut Customer) {
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

/// The customer whom the app knows by `external_id`; archived ones do not count.
pub(crate) fn by_external_id<'a>(store: &'a Store, model_id: &str, external_id: &str) -> Option<&'a Customer> {
    let mut customers = store.tables.customers.known_as(external_id);
    customers.find(|customer| !customer.archived && customer.pricing_model_id == model_id)
}

/// As [`by_external_id`] within the key's model, or the API's 404.
pub(crate) fn require<'a>(store: &'a Store, external_id: &str) -> Result<&'a Customer, ApiError> {
    by_external_id(store, &store.key_model_id, external_id)
        .ok_or_else(|| ApiError::not_found(format!("Customer with externalId {external_id} not found")))
}

/// Makes a customer in a pricing model and starts its default plan; gives both ids.
pub(crate) fn create(
    store: &mut Store,
    model_id: &str,
    new: NewCustomer,
) -> Result<(String, Option<String>), ApiError> {
    if !new.archived && by_external_id(store, model_id, &new.external_id).is_some() {
        return Err(ApiError::conflict(
            "This pricing model id external id unique idx already exists. Please choose a different value.",
        ));
    }
    let customer = Customer {
        head: store.head::<Customer>(),
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
    // The real API swallows a failure here: the customer then simply has no plan.
    let subscription_id = store.attempt(|store| start_default_plan(store, &customer_id)).ok().flatten();
    Ok((customer_id, subscription_id))
}

/// Makes a customer for a checkout without one.
pub(crate) fn create_anonymous(store: &mut Store, model_id: &str) -> Result<String, ApiError> {
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

/// Starts the default plan of a customer's model; none if the model has no such plan, or the customer is archived.
pub(crate) fn start_default_plan(store: &mut Store, customer_id: &str) -> Result<Option<String>, ApiError> {
    let Some(customer) = store.tables.customers.find(customer_id).filter(|customer| !customer.archived).cloned() else {
        return Ok(None);
    };
    let Some((product, price)) = catalog::default_plan(store, &customer.pricing_model_id) else {
        return Ok(None);
    };
    let name = format!("{} Subscription", product.name);
    let terms = subscription_start::Terms { name: Some(name), ..subscription_start::Terms::of(price) };
    let (product, price) = (product.clone(), price.clone());
    subscription_start::start(store, &customer, &product, &price, &terms).map(Some)
}

/// The subscriptions that a customer has now, oldest first.
pub(crate) fn current_subscriptions<'a>(store: &'a Store, customer_id: &str) -> impl Iterator<Item = &'a Subscription> {
    store.tables.subscriptions.of(customer_id).filter(|subscription| subscription.is_current())
}

/// The one that counts if a customer has several: the newest.
pub(crate) fn current_subscription<'a>(store: &'a Store, customer_id: &str) -> Option<&'a Subscription> {
    current_subscriptions(store, customer_id).max_by(|one, other| {
        let age = |subscription: &Subscription| (subscription.head.created_at, subscription.head.updated_at);
        age(one).cmp(&age(other)).then_with(|| other.head.id.cmp(&one.head.id))
    })
}

/// Puts a customer away: ends its current subscriptions and frees its external id.
pub(crate) fn archive(store: &mut Store, customer_id: &str) -> Result<(), ApiError> {
    let current: Vec<Subscription> = current_subscriptions(store, customer_id).cloned().collect();
    for subscription in current {
        cancellation::refuse_pending_adjustment(&subscription)?;
        cancellation::end_now(store, &subscription, Some(CancellationReason::CustomerArchived));
    }
    let now = store.now();
    store.tables.customers.change(customer_id, now, |customer| customer.archived = true);
    Ok(())
}
