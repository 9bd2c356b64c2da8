//! `/webhooks`: the addresses to which Flowglad posts events.

use std::collections::HashSet;

use serde::Serialize;

use crate::{
    api::with_id::WithId,
    client::{
        endpoint::{Changes, Endpoint},
        json::Response,
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    model::{CreatedWebhook, PricingModelId, Webhook, WebhookEventType, WebhookId},
};

/// Not idempotent: a retry would create a second webhook, and every event would be posted twice.
pub(crate) const CREATE: Endpoint<CreateWebhook<'_>, CreatedWebhook> =
    Endpoint::post("webhooks.create", "/webhooks").changes(Changes::Nothing);

pub(crate) const GET: Endpoint<(), Webhook> = Endpoint::get("webhooks.get", "/webhooks/{id}").under("webhook");

pub(crate) const UPDATE: Endpoint<UpdateWebhook<'_>, Webhook> =
    Endpoint::put("webhooks.update", "/webhooks/{id}").under("webhook").changes(Changes::Nothing);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateWebhook<'a> {
    webhook: &'a NewWebhook,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateWebhook<'a> {
    webhook: WithId<'a, WebhookId, WebhookChanges>,
}

/// A webhook to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewWebhook {
    /// The name shown in the dashboard.
    pub name: String,
    /// The URL to which events are posted.
    pub url: String,
    /// The types of events that are posted.
    pub filter_types: Vec<WebhookEventType>,
    /// The pricing model whose events are posted.
    pub pricing_model_id: PricingModelId,
    /// Whether events are posted. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl NewWebhook {
    /// Sets the required fields and leaves the others at their defaults.
    #[must_use]
    pub fn new(
        pricing_model_id: PricingModelId,
        name: impl Into<String>,
        url: impl Into<String>,
        filter_types: impl IntoIterator<Item = WebhookEventType>,
    ) -> Self {
        let filter_types = filter_types.into_iter().collect();
        Self { name: name.into(), url: url.into(), filter_types, pricing_model_id, active: None }
    }
}

/// Changes to a webhook. Fields that are `None` keep their values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookChanges {
    /// The URL to which events are posted.
    pub url: String,
    /// The types of events that are posted.
    pub filter_types: Vec<WebhookEventType>,
    /// The name shown in the dashboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether events are posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl WebhookChanges {
    /// Sets the required fields; every other field keeps its value.
    #[must_use]
    pub fn new(url: impl Into<String>, filter_types: impl IntoIterator<Item = WebhookEventType>) -> Self {
        Self { url: url.into(), filter_types: filter_types.into_iter().collect(), name: None, active: None }
    }
}

/// Operations on webhooks (`/webhooks`). Returned by [`Flowglad::webhooks`].
#[derive(Clone, Debug)]
pub struct Webhooks {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on webhooks (`/webhooks`).
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        Webhooks { flowglad: self.clone() }
    }
}

/// What [`Webhooks::ensure`] did.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EnsuredWebhook {
    /// It created the webhook: store its id and its secret.
    Created(Box<CreatedWebhook>),
    /// It changed the stored webhook.
    Changed(Box<Webhook>),
    /// The stored webhook is as it should be.
    Kept(Box<Webhook>),
}

impl EnsuredWebhook {
    /// The webhook.
    #[must_use]
    pub fn webhook(&self) -> &Webhook {
        match self {
            Self::Created(created) => &created.webhook,
            Self::Changed(webhook) | Self::Kept(webhook) => webhook,
        }
    }
}

impl Webhooks {
    /// Sees to it that events of these types are posted to a URL, for the start of an app: keeps the webhook with the stored
    /// id, changes it if its URL or its types are others or it is switched off (`GET` and `PUT /webhooks/{id}`), or else
    /// creates one for the default pricing model (`GET /pricing-models/default`, `POST /webhooks`).
    ///
    /// The API cannot list or delete webhooks. So without the stored id each call creates one more, and every event is
    /// posted once more, each time with another secret.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Error, Flowglad, api::EnsuredWebhook, model::{WebhookEventType, WebhookId}};
    ///
    /// async fn register(flowglad: &Flowglad, stored: Option<&WebhookId>) -> Result<(), Error> {
    ///     let types = [WebhookEventType::PaymentSucceeded, WebhookEventType::PaymentFailed];
    ///     let url = "https://app.example.com/webhooks/flowglad";
    ///     if let EnsuredWebhook::Created(created) = flowglad.webhooks().ensure(url, types, stored).await? {
    ///         store(&created.webhook.id, created.secret.expose());
    ///     }
    ///     Ok(())
    /// }
    /// # fn store(_: &WebhookId, _: &str) {}
    /// ```
    pub async fn ensure(
        &self,
        url: &str,
        types: impl IntoIterator<Item = WebhookEventType>,
        stored: Option<&WebhookId>,
    ) -> Result<EnsuredWebhook, Error> {
        let types: Vec<WebhookEventType> = types.into_iter().collect();
        let found = match stored {
            Some(id) => self.find(id).await?,
            None => None,
        };
        let Some(webhook) = found else {
            let pricing_model = self.flowglad.pricing_models().default_model().await?;
            let wanted = NewWebhook::new(pricing_model.id.clone(), url, url, types);
            return Ok(EnsuredWebhook::Created(Box::new(self.create(&wanted).await?.into_record())));
        };
        if webhook.active && webhook.url == url && are_same(&webhook.filter_types, &types) {
            return Ok(EnsuredWebhook::Kept(Box::new(webhook)));
        }
        let changes = WebhookChanges { active: Some(true), ..WebhookChanges::new(url, types) };
        Ok(EnsuredWebhook::Changed(Box::new(self.update(&webhook.id, &changes).await?.into_record())))
    }

    async fn find(&self, id: &WebhookId) -> Result<Option<Webhook>, Error> {
        match self.get(id).await {
            Ok(webhook) => Ok(Some(webhook.into_record())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates a webhook (`POST /webhooks`).
    /// Not retried after it was sent.
    /// The API cannot list or delete webhooks, so store the id and the secret.
    ///
    /// # Errors
    /// The API answers 500 if the pricing model is not the API key's.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{api::NewWebhook, model::WebhookEventType};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let url = "https://app.example.com/flowglad-webhook";
    /// let paid = [WebhookEventType::PaymentSucceeded];
    /// let hook = NewWebhook::new("pricing_model_1".parse()?, "Payments", url, paid);
    /// let created = flowglad.webhooks().create(&hook).await?;
    /// std::fs::write("webhook-secret", created.secret.expose())?;
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, webhook: &NewWebhook) -> Result<Response<CreatedWebhook>, Error> {
        self.flowglad.call(&CREATE, Call::body(&CreateWebhook { webhook })).await
    }

    /// Reads a webhook (`GET /webhooks/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no webhook has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.webhooks().get(&"webhook_1".parse()?).await?.url);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &WebhookId) -> Result<Response<Webhook>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Changes a webhook (`PUT /webhooks/{id}`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{api::WebhookChanges, model::WebhookEventType};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let ended = [WebhookEventType::SubscriptionCanceled];
    /// let mut changes = WebhookChanges::new("https://app.example.com/flowglad-webhook", ended);
    /// changes.active = Some(false);
    /// flowglad.webhooks().update(&"webhook_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, id: &WebhookId, changes: &WebhookChanges) -> Result<Response<Webhook>, Error> {
        let body = UpdateWebhook { webhook: WithId { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }
}

/// The order of types, and a type that comes twice, mean nothing.
fn are_same(left: &[WebhookEventType], right: &[WebhookEventType]) -> bool {
    left.iter().collect::<HashSet<_>>() == right.iter().collect()
}
