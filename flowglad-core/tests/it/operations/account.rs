//! Operations of API keys and webhooks.

use flowglad_core::{
    api::{NewWebhook, WebhookChanges},
    model::WebhookEventType,
};

use super::{Case, case, every_field, id, under, whole};

const URL: &str = "https://app.example.com/flowglad-webhook";

pub(super) fn cases() -> Vec<Case> {
    let hook = || {
        let events = [WebhookEventType::PaymentSucceeded, WebhookEventType::Unknown("payment.disputed".into())];
        NewWebhook::new(id("pricing_model_1"), "Payments", URL, events)
    };
    let changes = || WebhookChanges::new(URL, [WebhookEventType::SubscriptionCanceled]);
    vec![
        case("api_keys.get", "", under("apiKey", every_field::api_key()), |api| async move {
            api.api_keys().get(&id("apikey_1")).await
        })
        .examples(&["api-key"]),
        case("webhooks.create", "everything", whole(every_field::created_webhook()), move |api| async move {
            let mut hook = hook();
            hook.active = Some(false);
            api.webhooks().create(&hook).await
        })
        .examples(&["webhook-create"]),
        case("webhooks.create", "least", whole(every_field::created_webhook()), move |api| async move {
            api.webhooks().create(&hook()).await
        }),
        case("webhooks.get", "", under("webhook", every_field::webhook()), |api| async move {
            api.webhooks().get(&id("webhook_1")).await
        }),
        case("webhooks.update", "everything", under("webhook", every_field::webhook()), move |api| async move {
            let mut changes = changes();
            changes.name = Some("Ends".into());
            changes.active = Some(false);
            api.webhooks().update(&id("webhook_1"), &changes).await
        }),
        case("webhooks.update", "least", under("webhook", every_field::webhook()), move |api| async move {
            api.webhooks().update(&id("webhook_1"), &changes()).await
        }),
    ]
}
