//! The actions `customers/…` and `customerDetails`.

use serde::Serialize;

use crate::{
    action::{
        body::{Body, Fields},
        field_values::{form, json_object, text},
    },
    adapter::failure::Failure,
    api::CustomerChanges,
    client::json::RawJson,
    customer::CustomerScope,
    model::{Customer, CustomerId},
};

/// Returns the billing document, byte for byte.
pub(super) async fn billing(customer: CustomerScope) -> Result<RawJson, Failure> {
    Ok(customer.billing_json().await?)
}

pub(super) async fn find_or_create(customer: CustomerScope) -> Result<RawJson, Failure> {
    Ok(RawJson::object(&[("customer", customer.find_or_create().await?.raw())]))
}

/// The session decides which customer is changed; an id in the body is ignored.
pub(super) async fn update(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let changes = body.read(|fields| fields.object("customer", changes))?;
    Ok(customer.update(&changes).await?.body().clone())
}

fn changes(fields: &Fields<'_>) -> Option<CustomerChanges> {
    let (name, email) = (fields.optional("name", text), fields.optional("email", form));
    let (phone, address) = (fields.optional("phone", text), fields.optional("billingAddress", json_object));
    Some(CustomerChanges {
        name: name?,
        email: email?,
        phone: phone?,
        billing_address: address?,
        ..CustomerChanges::new()
    })
}

pub(super) async fn details(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    body.read_strictly(&[], |_| Some(()))?;
    let customer = customer.details().await?;
    Ok(RawJson::from_value(&DetailsData { customer: Details::new(&customer) }))
}

#[derive(Serialize)]
struct DetailsData<'a> {
    customer: Details<'a>,
}

/// The response of `customerDetails`, where timestamps are ISO 8601 texts with milliseconds, as the hook expects.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    id: &'a CustomerId,
    livemode: bool,
    email: &'a str,
    name: &'a str,
    external_id: &'a str,
    created_at: String,
    updated_at: String,
}

impl<'a> Details<'a> {
    fn new(customer: &'a Customer) -> Self {
        Self {
            id: &customer.id,
            livemode: customer.livemode,
            email: &customer.email,
            name: &customer.name,
            external_id: &customer.external_id,
            created_at: customer.created_at.to_string(),
            updated_at: customer.updated_at.to_string(),
        }
    }
}
