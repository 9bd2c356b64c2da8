//! The memory of a build without the feature `cache`: there is none, so that none of this is ever called.

use std::{sync::Arc, time::Instant};

use crate::{
    billing::document::BillingDocument,
    cache::rules::{BillingCache, Failure},
};

pub(super) enum Memory {}

pub(super) struct Entry {
    pub(super) document: Arc<BillingDocument>,
    pub(super) began: Instant,
    pub(super) failure: Option<Failure>,
}

impl Entry {
    pub(super) fn new(_: &Arc<BillingDocument>, _: Instant) -> Option<Self> {
        None
    }
}

impl Memory {
    pub(super) fn new(_: &BillingCache) -> Self {
        unreachable!("only the feature `cache` lets an app set a cache")
    }

    pub(super) fn get(&mut self, _: &str) -> Option<&mut Entry> {
        match *self {}
    }

    pub(super) fn keep(&mut self, _: Arc<str>, _: Entry) -> Vec<Entry> {
        match *self {}
    }

    pub(super) fn forget(&mut self, _: &str) {
        match *self {}
    }

    pub(super) fn forget_all(&mut self) {
        match *self {}
    }

    pub(super) fn customer_of(&self, _: &str) -> Option<Arc<str>> {
        match *self {}
    }

    pub(super) fn size(&self) -> (usize, usize) {
        match *self {}
    }
}
