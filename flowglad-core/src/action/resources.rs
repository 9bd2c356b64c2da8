//! The actions `resources/…`.

use crate::{
    action::{
        body::{Body, Fields},
        field_values::{form, forms, metadata, positive_number, slug},
    },
    adapter::failure::Failure,
    api::{ClaimTarget, NewClaim, NewRelease, ReleaseTarget, ResourceRef},
    client::json::{RawJson, Response},
    customer::CustomerScope,
};

const SUBSCRIPTION: &str = "subscriptionId";

pub(super) async fn usages(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let subscription = body.read(|fields| fields.optional(SUBSCRIPTION, form))?;
    let usages = customer.resource_usages(subscription.as_ref()).await?;
    Ok(RawJson::object(&[("resources", &RawJson::array(usages.iter().map(Response::raw)))]))
}

pub(super) async fn usage(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let (resource, subscription) = body.read(|fields| {
        let (resource, subscription) = (resource(fields), fields.optional(SUBSCRIPTION, form));
        Some((resource?, subscription?))
    })?;
    Ok(customer.resource_usage(&resource, subscription.as_ref()).await?.body().clone())
}

pub(super) async fn claims(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let (resource_slug, subscription) = body.read(|fields| {
        let (slug, subscription) = (fields.optional("resourceSlug", slug), fields.optional(SUBSCRIPTION, form));
        Some((slug?, subscription?))
    })?;
    Ok(customer.resource_claims(resource_slug.as_deref(), subscription.as_ref()).await?.body().clone())
}

pub(super) async fn claim(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let (claim, subscription) = body.read(|fields| {
        let (resource, target) = (fields.required("resourceSlug", slug), claim_target(fields));
        let (attached, subscription) = (fields.optional("metadata", metadata), fields.optional(SUBSCRIPTION, form));
        Some((NewClaim { resource_slug: resource?, target: target?, metadata: attached? }, subscription?))
    })?;
    Ok(customer.claim_resource(&claim, subscription.as_ref()).await?.body().clone())
}

pub(super) async fn release(customer: CustomerScope, body: Body) -> Result<RawJson, Failure> {
    let (release, subscription) = body.read(|fields| {
        let (resource, target) = (fields.required("resourceSlug", slug), release_target(fields));
        let subscription = fields.optional(SUBSCRIPTION, form);
        Some((NewRelease { resource_slug: resource?, target: target? }, subscription?))
    })?;
    Ok(customer.release_resource(&release, subscription.as_ref()).await?.body().clone())
}

fn resource(fields: &Fields<'_>) -> Option<ResourceRef> {
    match fields.exactly_one(&["resourceSlug", "resourceId"])? {
        key @ "resourceId" => fields.required(key, form).map(ResourceRef::Id),
        key => fields.required(key, slug).map(ResourceRef::Slug),
    }
}

fn claim_target(fields: &Fields<'_>) -> Option<ClaimTarget> {
    match fields.exactly_one(&["quantity", "externalId", "externalIds"])? {
        key @ "quantity" => fields.required(key, positive_number).map(ClaimTarget::Quantity),
        key @ "externalId" => fields.required(key, form).map(ClaimTarget::ExternalId),
        key => fields.required(key, forms).map(ClaimTarget::ExternalIds),
    }
}

fn release_target(fields: &Fields<'_>) -> Option<ReleaseTarget> {
    match fields.exactly_one(&["quantity", "externalId", "externalIds", "claimIds"])? {
        key @ "quantity" => fields.required(key, positive_number).map(ReleaseTarget::Quantity),
        key @ "externalId" => fields.required(key, form).map(ReleaseTarget::ExternalId),
        key @ "externalIds" => fields.required(key, forms).map(ReleaseTarget::ExternalIds),
        key => fields.required(key, forms).map(ReleaseTarget::ClaimIds),
    }
}
