//! A schema, and the document in which its references lead somewhere.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::SchemaError;

/// How many references may follow each other without anything in between.
const MOST_HOPS: usize = 64;

/// A schema, and the document in which its references lead somewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located<'a> {
    schema: &'a Value,
    document: &'a Value,
}

impl<'a> Located<'a> {
    pub(crate) fn new(schema: &'a Value, document: &'a Value) -> Self {
        Self { schema, document }
    }

    /// Another schema of the same document.
    pub(crate) fn beside(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }

    pub(crate) fn schema(self) -> &'a Value {
        self.schema
    }

    /// Where `reference` leads: `#`, or a JSON pointer after it.
    pub(crate) fn follow(self, reference: &str) -> Result<Self, SchemaError> {
        let missing = || SchemaError::MissingReference { reference: reference.to_owned() };
        let fragment = reference.strip_prefix('#').ok_or_else(missing)?;
        let pointer = percent_decode_str(fragment).decode_utf8().map_err(|_| missing())?;
        Ok(self.beside(self.document.pointer(&pointer).ok_or_else(missing)?))
    }

    /// The schema behind references that say nothing else. Stops at one that leads nowhere: that is told when it is read.
    pub(crate) fn settled(mut self) -> Self {
        for _ in 0..MOST_HOPS {
            let Some(next) = self.schema.as_object().and_then(sole_reference).and_then(|to| self.follow(to).ok())
            else {
                break;
            };
            self = next;
        }
        self
    }

    /// What tells two schemas of one run apart, whatever they say.
    pub(crate) fn address(self) -> usize {
        std::ptr::from_ref(self.schema).addr()
    }
}

fn sole_reference(schema: &Map<String, Value>) -> Option<&str> {
    let says_nothing_else = schema.keys().all(|key| matches!(&**key, "$ref" | "description" | "title"));
    schema.get("$ref").filter(|_| says_nothing_else)?.as_str()
}
