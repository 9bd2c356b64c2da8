//! What all records have in common.

use serde::{Deserialize, Serialize};

/// The fields that every record starts with.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    pub(crate) id: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) livemode: bool,
}

/// A kind of record that a table can hold.
pub(crate) trait Record: Clone {
    /// What its ids start with.
    const PREFIX: &'static str;
    fn meta(&self) -> &Meta;
    fn meta_mut(&mut self) -> &mut Meta;

    /// The record that it belongs to. Like all that records are found by, this never changes.
    fn owner(&self) -> Option<&str> {
        None
    }

    /// The id that the app gave it, which other records may bear too.
    fn external_key(&self) -> Option<&str> {
        None
    }

    /// A number that records share if they are alike in what may be running_total once only.
    fn dedup_key(&self) -> Option<u64> {
        None
    }

    /// What it adds to a running sum of its owner, after the name of that sum.
    fn running_total(&self) -> Option<(&str, i64)> {
        None
    }
}

/// Implements [`Record`] for a struct: the prefix of its ids, the field with the id of its owner, and other keys.
macro_rules! record {
    ($record:ident: $prefix:literal $(of $owner:ident)? $({ $($more:tt)* })?) => {
        impl crate::records::record::Record for $record {
            const PREFIX: &'static str = $prefix;

            fn meta(&self) -> &crate::records::record::Meta {
                &self.meta
            }

            fn meta_mut(&mut self) -> &mut crate::records::record::Meta {
                &mut self.meta
            }

            $(fn owner(&self) -> Option<&str> {
                Some(&self.$owner)
            })?

            $($($more)*)?
        }
    };
}

pub(crate) use record;
