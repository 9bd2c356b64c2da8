//! API keys.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{ApiKeyId, OrganizationId, PricingModelId, Secret, Timestamp, null_as_default};

/// An API key. It has no `Serialize`, so that its token is not written by accident.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApiKey {
    /// Flowglad's id.
    pub id: ApiKeyId,
    /// The name shown in the dashboard.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// What the key allows.
    #[serde(rename = "type")]
    pub kind: ApiKeyKind,
    /// The key itself, in full or as far as Flowglad shows it.
    pub token: Secret,
    /// Whether it is accepted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub active: bool,
    /// When the key expires.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// A hash of the key.
    #[serde(default)]
    pub hash_text: Option<Secret>,
    /// The user of the hosted billing portal that the key was created for.
    #[serde(default)]
    pub stack_auth_hosted_billing_user_id: Option<String>,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// `true` in live mode (real payments), `false` in test mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What an API key allows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApiKeyKind {
    /// All operations; for servers only.
    Secret,
    /// The operations that a browser may call.
    Publishable,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
