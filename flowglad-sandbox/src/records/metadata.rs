//! Free key-value data that callers attach to records.

use serde_json::{Map, Value};

/// Free key-value data that callers attach to records.
pub(crate) type Metadata = Map<String, Value>;
