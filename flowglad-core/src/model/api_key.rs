//! API keys.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{ApiKeyId, OrganizationId, PricingModelId, Secret, Timestamp, null_as_default};

/// A key of the API. It is not written as JSON again, so that its token does not get where nobody expects it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApiKey {
    /// Flowglad's id.
    pub id: ApiKeyId,
    /// Its name in the dashboard.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// What may be done with it.
    #[serde(rename = "type")]
    pub kind: ApiKeyKind,
    /// The key itself, or as much of it as Flowglad shows.
    pub token: Secret,
    /// Whether it is accepted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub active: bool,
    /// When it stops being accepted.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// A hash of the key.
    #[serde(default)]
    pub hash_text: Option<Secret>,
    /// The user of the hosted billing portal that it was made for.
    #[serde(default)]
    pub stack_auth_hosted_billing_user_id: Option<String>,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// Whether it belongs to live mode, where real money moves.
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

/// What may be done with an API key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApiKeyKind {
    /// Everything; for servers only.
    Secret,
    /// What a browser may do.
    Publishable,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
