//! API keys and webhooks.

use std::fmt;

use flowglad_core::{
    Response,
    api::{NewWebhook, WebhookChanges},
    model::WebhookEventType,
};

use super::{Case, Record, case, id, under, whole};

const URL: &str = "https://app.example.com/flowglad-webhook";

pub(super) fn cases() -> Vec<Case> {
    let hook = || {
        let events = [WebhookEventType::PaymentSucceeded, WebhookEventType::Unknown("payment.disputed".into())];
        NewWebhook::new(id("pricing_model_1"), "Payments", URL, events)
    };
    let changes = || WebhookChanges::new(URL, [WebhookEventType::SubscriptionCanceled]);
    vec![
        case("api_keys.get", "", under("apiKey"), |api| async move {
            Ok(unwritten(&api.api_keys().get(&id("apikey_1")).await?))
        })
        .examples(&["api-key"]),
        case("webhooks.create", "everything", whole(), move |api| async move {
            let mut hook = hook();
            hook.active = Some(false);
            Ok(unwritten(&api.webhooks().create(&hook).await?))
        })
        .examples(&["webhook-create"]),
        case("webhooks.create", "least", whole(), move |api| async move {
            Ok(unwritten(&api.webhooks().create(&hook()).await?))
        }),
        case("webhooks.create", "for all events", whole(), move |api| async move {
            let hook = NewWebhook::new(id("pricing_model_1"), "All", URL, every_event());
            Ok(unwritten(&api.webhooks().create(&hook).await?))
        }),
        case("webhooks.get", "", under("webhook"), |api| async move { api.webhooks().get(&id("webhook_1")).await }),
        case("webhooks.update", "everything", under("webhook"), move |api| async move {
            let mut changes = changes();
            changes.name = Some("Ends".into());
            changes.active = Some(false);
            api.webhooks().update(&id("webhook_1"), &changes).await
        }),
        case("webhooks.update", "least", under("webhook"), move |api| async move {
            api.webhooks().update(&id("webhook_1"), &changes()).await
        }),
    ]
}

fn every_event() -> [WebhookEventType; 9] {
    [
        WebhookEventType::CustomerCreated,
        WebhookEventType::CustomerUpdated,
        WebhookEventType::PurchaseCompleted,
        WebhookEventType::PaymentFailed,
        WebhookEventType::PaymentSucceeded,
        WebhookEventType::SubscriptionCreated,
        WebhookEventType::SubscriptionUpdated,
        WebhookEventType::SubscriptionCanceled,
        WebhookEventType::SyncEventsAvailable,
    ]
}

/// Neither a key nor a new webhook is written as JSON, because of the secret that it has.
fn unwritten<T: fmt::Debug>(response: &Response<T>) -> Record {
    Record::new(response.raw().as_str(), None, format!("{:?}", **response))
}
