//! Webhooks: URLs of the app that events are delivered to.

use serde::{Deserialize, Serialize};

use crate::records::record::{Meta, record};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Webhook {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    /// The types of events that are sent, such as `customer.created`.
    pub(crate) filter_types: Vec<String>,
    pub(crate) organization_id: String,
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) active: bool,
    pub(crate) pricing_model_id: String,
    /// Whether it gets the events of every pricing model: one that was given to the sandbox, and not registered by the API.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) for_all_models: bool,
    /// What deliveries are signed with. Only the response to the creation shows it.
    pub(crate) secret: String,
    /// The secret before the last rotation. Deliveries are signed with it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous_secret: Option<String>,
}

impl Webhook {
    /// The secrets that deliveries are signed with, newest first.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        [Some(&self.secret), self.previous_secret.as_ref()].into_iter().flatten().map(String::as_str)
    }
}

record!(Webhook: "webhook");
