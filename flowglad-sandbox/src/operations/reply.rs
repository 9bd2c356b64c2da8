//! The reply of an operation that succeeded.

use serde::Serialize;

/// A JSON body that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Reply(pub(crate) Vec<u8>);

impl Reply {
    pub(crate) fn json(body: &impl Serialize) -> Self {
        Self(serde_json::to_vec(body).expect("records have string keys and serialize without fail"))
    }
}
