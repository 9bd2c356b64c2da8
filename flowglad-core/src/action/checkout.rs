//! The actions `checkout-sessions/…`.

use std::num::NonZeroU64;

use crate::{
    action::{
        body::{Body, Fields},
        field_values::{form, metadata, positive_number, slug, text},
    },
    adapter::failure::Failure,
    api::{ActivateSubscriptionCheckout, AddPaymentMethodCheckout, CheckoutOptions, PriceRef, ProductCheckout},
    client::json::RawJson,
    customer::CustomerScope,
};

pub(super) async fn create(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let checkout = body.read(|fields| {
        let (price, quantity) = (price(fields), fields.optional("quantity", positive_number));
        let options = options(fields);
        Some(ProductCheckout { price: price?, quantity: quantity?.unwrap_or(NonZeroU64::MIN), options: options? })
    })?;
    Ok(customer.create_checkout_session(&checkout).await?.body().clone())
}

pub(super) async fn create_add_payment_method(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let checkout = body.read(|fields| {
        let (target, options) = (fields.optional("targetSubscriptionId", form), options(fields));
        Some(AddPaymentMethodCheckout { target_subscription_id: target?, options: options? })
    })?;
    Ok(customer.create_add_payment_method_checkout_session(&checkout).await?.body().clone())
}

pub(super) async fn create_activate_subscription(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let checkout = body.read(|fields| {
        let (target, price) = (fields.required("targetSubscriptionId", form), fields.optional("priceId", form));
        let options = options(fields);
        Some(ActivateSubscriptionCheckout { target_subscription_id: target?, price_id: price?, options: options? })
    })?;
    Ok(customer.create_activate_subscription_checkout_session(&checkout).await?.body().clone())
}

fn price(fields: &Fields<'_>) -> Option<PriceRef> {
    price_ref(fields, fields.exactly_one(PRICE_KEYS)?)
}

/// The two fields that can name a price. Exactly one of them is required.
pub(super) const PRICE_KEYS: &[&str] = &["priceId", "priceSlug"];

/// Reads the price under one of [`PRICE_KEYS`].
pub(super) fn price_ref(fields: &Fields<'_>, key: &str) -> Option<PriceRef> {
    match key {
        "priceId" => fields.required(key, form).map(PriceRef::Id),
        _ => fields.required(key, slug).map(PriceRef::Slug),
    }
}

fn options(fields: &Fields<'_>) -> Option<CheckoutOptions> {
    let (success_url, cancel_url) = (fields.required("successUrl", form), fields.required("cancelUrl", form));
    let (name, attached) = (fields.optional("outputName", text), fields.optional("outputMetadata", metadata));
    Some(CheckoutOptions {
        success_url: success_url?,
        cancel_url: cancel_url?,
        output_name: name?,
        output_metadata: attached?,
    })
}
