//! `/webhooks`: URLs of the app that events are delivered to.

use serde::Serialize;
use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        reply::Reply,
    },
    records::{record::Meta, webhook::Webhook},
    refusal::Refusal,
    rules::scope,
    store::Store,
    webhooks::signature,
};

/// The types of events that a webhook can ask for. As on the real API, the updates and the last are never sent.
const EVENT_TYPES: [(&str, &str); 9] = [
    ("customer.created", "customer.created"),
    ("customer.updated", "customer.updated"),
    ("purchase.completed", "purchase.completed"),
    ("payment.failed", "payment.failed"),
    ("payment.succeeded", "payment.succeeded"),
    ("subscription.created", "subscription.created"),
    ("subscription.updated", "subscription.updated"),
    ("subscription.canceled", "subscription.canceled"),
    ("sync.events_available", "sync.events_available"),
];

/// A webhook as the API shows it: without its secret.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WebhookView<'a> {
    #[serde(flatten)]
    meta: &'a Meta,
    filter_types: &'a [String],
    organization_id: &'a str,
    url: &'a str,
    name: &'a str,
    active: bool,
    pricing_model_id: &'a str,
}

impl<'a> WebhookView<'a> {
    fn new(webhook: &'a Webhook) -> Self {
        Self {
            meta: &webhook.meta,
            filter_types: &webhook.filter_types,
            organization_id: &webhook.organization_id,
            url: &webhook.url,
            name: &webhook.name,
            active: webhook.active,
            pricing_model_id: &webhook.pricing_model_id,
        }
    }
}

/// Creates a webhook. Only this response shows its secret.
pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let webhook = input::read(call, |root| new_webhook(store, &root.object("webhook")))?;
    if webhook.pricing_model_id != store.key_model_id {
        return Err(Refusal::rule(format!(
            "Failed to insert item into webhooks: the API key does not belong to the pricing model {}",
            webhook.pricing_model_id
        )));
    }
    let reply = Reply::json(&json!({ "webhook": WebhookView::new(&webhook), "secret": &webhook.secret }));
    let twin = store.tables.webhooks.iter().find(|other| other.active && other.url == webhook.url);
    if let Some(notice) = twin.map(|twin| same_address(twin, &webhook)) {
        store.note(notice);
    }
    store.tables.webhooks.insert(webhook);
    Ok(reply)
}

fn same_address(one: &Webhook, other: &Webhook) -> String {
    format!(
        "{} and {} have the address {}. As on the real platform, each event is delivered to it twice, under one id, with a \
         signature by the secret of either",
        one.meta.id, other.meta.id, one.url
    )
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    scope::require::<Webhook>(store, call.param("id")).map(webhook_reply)
}

pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (url, filter_types, name, active) = input::read(call, |root| {
        let webhook = root.object("webhook");
        webhook.at("id").string();
        let (filter_types, url) = (filter_types(&webhook), webhook.at("url").web_address());
        let name = webhook.at("name").optional(Field::string);
        (url, filter_types, name, webhook.at("active").optional(Field::boolean))
    })?;
    let id = call.param("id");
    let webhook = scope::find::<Webhook>(store, id).ok_or_else(|| Refusal::plain_no_row("webhooks", id))?;
    let id = webhook.meta.id.clone();
    let now = store.now();
    store.tables.webhooks.change(&id, now, |webhook| {
        webhook.url = url;
        webhook.filter_types = filter_types;
        webhook.name = name.unwrap_or_else(|| std::mem::take(&mut webhook.name));
        webhook.active = active.unwrap_or(webhook.active);
    });
    scope::require::<Webhook>(store, &id).map(webhook_reply)
}

fn new_webhook(store: &mut Store, webhook: &Field<'_>) -> Webhook {
    Webhook {
        meta: new_meta(store),
        filter_types: filter_types(webhook),
        organization_id: store.organization_id.clone(),
        url: webhook.at("url").web_address(),
        name: webhook.at("name").string(),
        active: webhook.at("active").optional(Field::boolean).unwrap_or(true),
        pricing_model_id: webhook.at("pricingModelId").string(),
        for_all_models: false,
        secret: signature::encode_secret(store.secret_bytes()),
        previous_secret: None,
    }
}

/// Whether the sandbox was given this webhook before.
pub(crate) fn is_registered(store: &Store, url: &str, secret: &str) -> bool {
    let mut given = store.tables.webhooks.iter().filter(|webhook| webhook.active && webhook.for_all_models);
    given.any(|webhook| webhook.url == url && webhook.secrets().any(|own| own == secret))
}

/// Fails with the reason if the sandbox cannot deliver to an address.
pub(crate) fn check_address(url: &str) -> Result<(), String> {
    match reqwest::Url::parse(url) {
        Ok(url) if url.scheme() == "http" => Ok(()),
        Ok(url) => Err(format!("the sandbox delivers webhooks over plain http, not {}", url.scheme())),
        Err(error) => Err(format!("the address of the webhook cannot be read: {error}")),
    }
}

/// Registers a webhook for all events of all pricing models, in place of those at the same address. Returns its secret, which
/// is made if none is given. No operation of the API does so.
pub(crate) fn register(store: &mut Store, url: &str, secret: Option<&str>) -> String {
    let secret = secret.map_or_else(|| signature::encode_secret(store.secret_bytes()), str::to_owned);
    let now = store.now();
    let at_address = store.tables.webhooks.iter().filter(|webhook| webhook.active && webhook.url == url);
    let replaced: Vec<String> = at_address.map(|webhook| webhook.meta.id.clone()).collect();
    for id in replaced {
        store.tables.webhooks.change(&id, now, |webhook| webhook.active = false);
    }
    let webhook = Webhook {
        meta: new_meta(store),
        filter_types: EVENT_TYPES.iter().map(|(name, _)| (*name).to_owned()).collect(),
        organization_id: store.organization_id.clone(),
        url: url.to_owned(),
        name: "Sandbox".to_owned(),
        active: true,
        pricing_model_id: store.key_model_id.clone(),
        for_all_models: true,
        secret: secret.clone(),
        previous_secret: None,
    };
    store.tables.webhooks.insert(webhook);
    secret
}

/// Takes over the webhooks of a store that is replaced by this one, except those at an address that the sandbox was started
/// with, and where the new store has another one at their address.
pub(crate) fn take_over(store: &mut Store, replaced: &Store, is_of_start: impl Fn(&str) -> bool) {
    let now = store.now();
    let kept = replaced.tables.webhooks.iter().filter(|webhook| webhook.active && !is_of_start(&webhook.url));
    for webhook in kept {
        let is_at_address = |other: &Webhook| other.active && other.url == webhook.url && !is_same(other, webhook);
        if store.tables.webhooks.iter().any(is_at_address) {
            continue;
        }
        // The pricing model that it was registered for may be gone.
        let kept = Webhook { for_all_models: true, ..webhook.clone() };
        if store.tables.webhooks.find(&kept.meta.id).is_some() {
            let id = kept.meta.id.clone();
            store.tables.webhooks.change(&id, now, |webhook| *webhook = kept);
        } else {
            store.tables.webhooks.insert(kept);
        }
    }
}

fn is_same(one: &Webhook, other: &Webhook) -> bool {
    one.meta.id == other.meta.id
}

/// The first fields of a new webhook. Seeded ids begin again with a reset, and one that was taken over may have the next id.
fn new_meta(store: &mut Store) -> Meta {
    loop {
        let meta = store.meta::<Webhook>();
        if store.tables.webhooks.find(&meta.id).is_none() {
            return meta;
        }
    }
}

/// Gives a webhook a new secret, and keeps the one before it. No operation of the API does so: the platform's dashboard
/// does. Returns the new secret, or nothing if there is no such webhook.
pub(crate) fn rotate_secret(store: &mut Store, id: &str) -> Option<String> {
    store.tables.webhooks.find(id)?;
    let secret = signature::encode_secret(store.secret_bytes());
    let now = store.now();
    store.tables.webhooks.change(id, now, |webhook| {
        webhook.previous_secret = Some(std::mem::replace(&mut webhook.secret, secret.clone()));
    });
    Some(secret)
}

fn filter_types(webhook: &Field<'_>) -> Vec<String> {
    let types = webhook.at("filterTypes").list();
    types.iter().filter_map(|word| word.choice(&EVENT_TYPES)).map(str::to_owned).collect()
}

fn webhook_reply(webhook: &Webhook) -> Reply {
    Reply::json(&json!({ "webhook": WebhookView::new(webhook) }))
}
