//! One log line for each slug that a customer's pricing model does not know.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use tracing::warn;

/// An app that computes slugs must not fill the memory.
const MOST: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct UnknownSlugs(Mutex<BTreeSet<(&'static str, String)>>);

impl UnknownSlugs {
    pub(super) fn report(&self, kind: &'static str, slug: &str) {
        if self.is_new(kind, slug) {
            warn!(event = "unknown_slug", kind, slug, "the customer's pricing model has no {kind} with this slug");
        }
    }

    fn is_new(&self, kind: &'static str, slug: &str) -> bool {
        let mut reported = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reported.len() < MOST && reported.insert((kind, slug.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slug_is_new_once_and_there_is_a_limit() {
        let slugs = UnknownSlugs::default();
        assert!(slugs.is_new("feature", "export_csv"));
        assert!(!slugs.is_new("feature", "export_csv"));
        assert!(slugs.is_new("product", "export_csv"));
        let new = (0..2 * MOST).filter(|n| slugs.is_new("feature", &n.to_string())).count();
        assert_eq!(new, MOST - 2);
    }
}
