//! `/customers`: the app's users and organisations.

use serde_json::json;

use crate::{
    operations::{
        billing_view,
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
        subscriptions::{SubscriptionView, items_of},
    },
    records::{customer::Customer, subscription::Subscription},
    refusal::Refusal,
    rules::{
        customers::{self, CustomerChanges, NewCustomer},
        entitlement::credits::{self, UsageMeterBalance},
        scope,
        subscription::current::current_subscriptions,
    },
    store::Store,
};

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let new = input::read(call, |root| {
        let customer = root.object("customer");
        NewCustomer {
            email: customer.at("email").string(),
            name: customer.at("name").string(),
            archived: customer.at("archived").optional(Field::boolean).unwrap_or(false),
            logo_url: customer.at("logoURL").nullish(Field::string),
            icon_url: customer.at("iconURL").nullish(Field::string),
            domain: customer.at("domain").nullish(Field::string),
            external_id: customer.at("externalId").string(),
            user_id: customer.at("userId").nullish(Field::string),
        }
    })?;
    let model_id = store.key_model_id.clone();
    let (customer_id, subscription_id) = customers::create(store, &model_id, new)?;
    let customer = store.tables.customers.find(&customer_id);
    let subscription = subscription_id.and_then(|id| store.tables.subscriptions.find(&id));
    Ok(Reply::json(&json!({ "data": {
        "customer": customer,
        "subscription": subscription.map(SubscriptionView::new),
        "subscriptionItems": subscription.map(|subscription| items_of(store, subscription)),
    } })))
}

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<Customer>(store), |customer| customer)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    customers::require(store, call.param("externalId")).map(customer_reply)
}

pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let changes = input::read(call, |root| {
        let customer = root.object("customer");
        CustomerChanges {
            email: customer.at("email").optional(Field::string),
            name: customer.at("name").optional(Field::string),
            logo_url: customer.at("logoURL").patch(Field::string),
            icon_url: customer.at("iconURL").patch(Field::string),
            domain: customer.at("domain").patch(Field::string),
            user_id: customer.at("userId").patch(Field::string),
        }
    })?;
    let id = customers::require(store, call.param("externalId"))?.meta.id.clone();
    customers::update(store, &id, changes)?;
    customers::require(store, call.param("externalId")).map(customer_reply)
}

/// Archives a customer. One that is archived already does not change.
pub(crate) fn archive(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let customer = customers::newest(store, call.param("externalId"))?;
    let (id, is_archived) = (customer.meta.id.clone(), customer.archived);
    if !is_archived {
        customers::archive(store, &id)?;
    }
    scope::require(store, &id).map(customer_reply)
}

pub(crate) fn billing(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let customer = customers::require(store, call.param("externalId"))?;
    billing_view::show(store, customer, &call.base_url)
}

pub(crate) fn usage_balances(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let wanted = input::read(call, |root| root.at("subscriptionId").optional(Field::string))?;
    let customer = customers::require(store, call.param("externalId"))?;
    let subscriptions: Vec<&Subscription> = match wanted.filter(|id| !id.is_empty()) {
        Some(id) => vec![subscription_of(store, customer, &id)?],
        None => current_subscriptions(store, &customer.meta.id).collect(),
    };
    let balances: Vec<UsageMeterBalance<'_>> =
        subscriptions.into_iter().flat_map(|subscription| credits::balances(store, subscription)).collect();
    Ok(Reply::json(&json!({ "usageMeterBalances": balances })))
}

fn subscription_of<'a>(store: &'a Store, customer: &Customer, id: &str) -> Result<&'a Subscription, Refusal> {
    store
        .tables
        .subscriptions
        .find(id)
        .filter(|subscription| subscription.customer_id == customer.meta.id)
        .ok_or_else(|| Refusal::not_found(format!("Subscription with id {id} not found for this customer")))
}

fn customer_reply(customer: &Customer) -> Reply {
    Reply::json(&json!({ "customer": customer }))
}
