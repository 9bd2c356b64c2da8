//! `/resources`: what plans limit the number of.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        reply::Reply,
    },
    records::pricing::Resource,
    refusal::Refusal,
    rules::{
        pricing::{setup, setup_form::ResourceForm},
        scope,
    },
    store::Store,
};

#[derive(Debug)]
struct ResourceChanges {
    slug: Option<String>,
    name: Option<String>,
    active: Option<bool>,
}

/// Lists all resources at once: this list has no pages.
#[expect(clippy::unnecessary_wraps, reason = "all operations have the same signature")]
pub(crate) fn list(store: &mut Store, _call: &Call) -> Result<Reply, Refusal> {
    let resources: Vec<&Resource> = scope::all(store).collect();
    Ok(Reply::json(&json!({ "resources": resources })))
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let form = input::read(call, |root| {
        let resource = root.object("resource");
        ResourceForm {
            slug: resource.at("slug").string(),
            name: resource.at("name").string(),
            active: resource.at("active").optional(Field::boolean).unwrap_or(true),
        }
    })?;
    if slug_is_taken(store, &form.slug, None) {
        return Err(Refusal::not_inserted("resources"));
    }
    let model_id = store.key_model_id.clone();
    let id = setup::make_resource(store, &model_id, &form);
    scope::require(store, &id).map(resource_reply)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    scope::require(store, call.param("id")).map(resource_reply)
}

pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let changes = input::read(call, |root| {
        let resource = root.object("resource");
        resource.at("id").string();
        ResourceChanges {
            slug: resource.at("slug").optional(Field::string),
            name: resource.at("name").optional(Field::string),
            active: resource.at("active").optional(Field::boolean),
        }
    })?;
    scope::require::<Resource>(store, id)?;
    if changes.slug.as_ref().is_some_and(|slug| slug_is_taken(store, slug, Some(id))) {
        return Err(Refusal::not_updated("resources"));
    }
    let now = store.now();
    store.tables.resources.change(id, now, |resource| {
        resource.slug = changes.slug.unwrap_or_else(|| resource.slug.clone());
        resource.name = changes.name.unwrap_or_else(|| resource.name.clone());
        resource.active = changes.active.unwrap_or(resource.active);
    });
    scope::require(store, id).map(resource_reply)
}

fn slug_is_taken(store: &Store, slug: &str, own_id: Option<&str>) -> bool {
    scope::all::<Resource>(store).any(|resource| resource.slug == slug && Some(resource.meta.id.as_str()) != own_id)
}

fn resource_reply(resource: &Resource) -> Reply {
    Reply::json(&json!({ "resource": resource }))
}
