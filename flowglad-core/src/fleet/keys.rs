//! The names of the keys.
//!
//! `<prefix>:<version>:<kind>:{<tag>}…`: what is between the braces decides where a cluster keeps a key, so that all keys of
//! one step are in one place.

/// Grows when what is in the keys changes its form, so that two releases of an app do not read each other's.
const VERSION: u32 = 1;

/// The keys of one fleet.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: Box<str>,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: format!("{prefix}:{VERSION}").into() }
    }

    /// The messages between the instances.
    pub(super) fn channel(&self) -> String {
        format!("{}:changes", self.prefix)
    }

    /// The billing of a customer. The id comes last, so that no id looks like another key.
    pub(super) fn billing(&self, customer: &str) -> String {
        format!("{}:billing:{{c:{customer}}}", self.prefix)
    }

    /// The epoch that begins anew when the billing of everyone is outdated.
    pub(super) fn everyone(&self) -> String {
        format!("{}:everyone", self.prefix)
    }

    /// The customer to whom an id of Flowglad's belongs.
    pub(super) fn customer_of(&self, id: &str) -> String {
        format!("{}:id:{{{id}}}", self.prefix)
    }

    /// A webhook delivery.
    pub(super) fn delivery(&self, delivery_key: &str) -> String {
        format!("{}:delivery:{{{delivery_key}}}", self.prefix)
    }

    /// A part of usage and holds. They change together, in one step, so they are in one place.
    pub(super) fn usage(&self, part: &str) -> String {
        format!("{}:{{usage}}:{part}", self.prefix)
    }
}
