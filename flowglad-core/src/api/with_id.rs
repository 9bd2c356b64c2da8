//! The form of update bodies that contain the id of the record.

use serde::Serialize;

/// Changes together with the id of the changed record. For products and prices the API uses this id and ignores the one
/// in the path; we send the same id in both.
#[derive(Serialize)]
pub(crate) struct WithId<'a, Id, Changes> {
    pub(crate) id: &'a Id,
    #[serde(flatten)]
    pub(crate) changes: &'a Changes,
}
