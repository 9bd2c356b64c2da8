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

impl Meta {
    /// How long after its creation the real API writes a new customer or subscription once more. There it takes 10 to 200
    /// milliseconds.
    const WRITTEN_AGAIN_AFTER_MS: i64 = 20;

    /// The first fields of a record that the real API writes twice when it creates it.
    pub(crate) fn written_twice(self) -> Self {
        Self { updated_at: self.created_at.saturating_add(Self::WRITTEN_AGAIN_AFTER_MS), ..self }
    }
}

/// A kind of record that a table can hold.
pub(crate) trait Record: Clone {
    /// The prefix of its ids.
    const PREFIX: &'static str;
    /// Whether the random part of its ids can have `-` and `_` besides letters and digits.
    const IDS_HAVE_DASHES: bool = false;
    fn meta(&self) -> &Meta;
    fn meta_mut(&mut self) -> &mut Meta;

    /// The id of the record that it belongs to. Tables index it, so it never changes.
    fn owner(&self) -> Option<&str> {
        None
    }

    /// The key that the app gave it. It is not unique, and never changes.
    fn external_key(&self) -> Option<&str> {
        None
    }

    /// A hash of what makes two records duplicates of each other. It never changes.
    fn dedup_key(&self) -> Option<u64> {
        None
    }

    /// The running sum of its owner that it adds to, by name, and the amount.
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
