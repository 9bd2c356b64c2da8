//! The typed client, as it describes itself.

use flowglad_core::schema::{Operation, operations};

use crate::{ClientOperation, QueryParameter};

/// Every operation of the typed client.
#[must_use]
pub fn client_operations() -> Vec<ClientOperation> {
    operations().into_iter().map(ClientOperation::from).collect()
}

impl From<Operation> for ClientOperation {
    fn from(operation: Operation) -> Self {
        let Operation { name, method, path, query, body, reply, .. } = operation;
        let query = query
            .iter()
            .map(|parameter| QueryParameter { name: parameter.name.to_owned(), repeated: parameter.repeated });
        Self {
            name: name.to_owned(),
            method: method.to_string(),
            path: path.to_owned(),
            query: query.collect(),
            body,
            reply,
        }
    }
}
