//! The key that a caller shows.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Head;

/// A key. Which pricing model it belongs to is not here: it follows the model that is set up.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKey {
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) organization_id: String,
    pub(crate) name: Cow<'static, str>,
    pub(crate) token: String,
    pub(crate) active: bool,
    #[serde(rename = "type")]
    pub(crate) kind: Cow<'static, str>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) stack_auth_hosted_billing_user_id: Option<String>,
    /// The sandbox compares keys as they are and keeps no hash of them.
    pub(crate) hash_text: Option<String>,
}

impl ApiKey {
    pub(crate) fn of(head: Head, organization_id: String, token: &str) -> Self {
        Self {
            head,
            organization_id,
            name: "sandbox".into(),
            token: token.to_owned(),
            active: true,
            kind: "secret".into(),
            expires_at: None,
            stack_auth_hosted_billing_user_id: None,
            hash_text: None,
        }
    }
}
