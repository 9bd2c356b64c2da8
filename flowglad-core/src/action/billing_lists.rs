//! The actions that return a list of the billing document: features, payment methods, invoices, purchases.

use serde::Serialize;

use crate::{
    action::{
        body::Body,
        field_values::{form, slug, whole_number},
    },
    adapter::{browser_error::BrowserError, failure::Failure},
    client::json::{RawJson, Response},
    customer::CustomerScope,
    input::ListPage,
    model::SubscriptionItemFeature,
};

pub(super) async fn features(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let subscription = body.read_strictly(&["subscriptionId"], |fields| fields.optional("subscriptionId", form))?;
    let granted = customer.feature_access(subscription.as_ref()).await?;
    Ok(RawJson::from_value(&Features { features: granted.iter().map(Feature::new).collect() }))
}

#[derive(Serialize)]
struct Features<'a> {
    features: Vec<Feature<'a>>,
}

#[derive(Serialize)]
struct Feature<'a> {
    id: &'a str,
    livemode: bool,
    slug: &'a str,
    name: &'a str,
}

impl<'a> Feature<'a> {
    fn new(item: &'a SubscriptionItemFeature) -> Self {
        Self { id: item.id.as_str(), livemode: item.livemode, slug: &item.slug, name: &item.name }
    }
}

pub(super) async fn payment_methods(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    body.read_strictly(&[], |_| Some(()))?;
    let payment_methods = customer.payment_methods().await?;
    let portal = RawJson::from_value(&payment_methods.billing_portal_url);
    Ok(RawJson::object(&[("paymentMethods", &list(&payment_methods.methods)), ("billingPortalUrl", &portal)]))
}

pub(super) async fn invoices(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let invoices = customer.invoices(&page(body)?).await?;
    Ok(RawJson::object(&[("invoices", &list(&invoices))]))
}

pub(super) async fn purchases(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let purchases = customer.purchases(&page(body)?).await?;
    Ok(RawJson::object(&[("purchases", &list(&purchases))]))
}

fn page(body: Body) -> Result<ListPage, BrowserError> {
    body.read_strictly(&["limit", "startingAfter"], |fields| {
        let (limit, starting_after) = (fields.optional("limit", whole_number), fields.optional("startingAfter", slug));
        Some(ListPage { limit: limit?, starting_after: starting_after? })
    })
}

fn list<T>(records: &[Response<T>]) -> RawJson {
    RawJson::array(records.iter().map(Response::raw))
}
