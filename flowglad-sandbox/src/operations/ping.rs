//! `/utils/ping`: whether the key works, and whose it is.

use serde_json::json;

use crate::{
    operations::{call::Call, reply::Reply},
    refusal::Refusal,
    store::Store,
};

#[expect(clippy::unnecessary_wraps, reason = "all operations have the same signature")]
pub(crate) fn ping(store: &mut Store, _call: &Call) -> Result<Reply, Refusal> {
    Ok(Reply::json(&json!({
        "message": "pong",
        "environment": "test",
        "userId": "api",
        "organizationId": &store.organization_id,
    })))
}
