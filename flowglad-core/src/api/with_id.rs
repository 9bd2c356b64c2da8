//! The form of most updates.

use serde::Serialize;

/// Changes with the id of what changes. For products and prices the API acts on this id and not on the one in the path;
/// we send the same in both.
#[derive(Serialize)]
pub(crate) struct WithId<'a, Id, Changes> {
    pub(crate) id: &'a Id,
    #[serde(flatten)]
    pub(crate) changes: &'a Changes,
}
