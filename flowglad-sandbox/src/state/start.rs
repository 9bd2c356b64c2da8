//! What a sandbox has when it starts, and again after each reset.

use std::convert::Infallible;

use crate::{
    clock::{Clock, ClockSetting},
    ids::Ids,
    operations::webhooks,
    pricing_model::PricingModel,
    rules::pricing::setup,
    store::Store,
};

/// What a sandbox has when it starts, and again after each reset.
pub(crate) struct Start {
    pricing_model: PricingModel,
    pub(super) clock: Clock,
    pub(super) clock_setting: ClockSetting,
    pub(super) ids: Ids,
    key_stays: bool,
    pub(super) webhooks: GivenWebhooks,
}

/// The webhooks that do not go with the state.
#[derive(Clone, Default)]
pub(crate) struct GivenWebhooks {
    pub(crate) at_start: Vec<GivenWebhook>,
    /// Whether those that the app has registered stay too.
    pub(crate) keeps_registered: bool,
}

impl GivenWebhooks {
    /// Whether the sandbox was started with a webhook at this address.
    pub(crate) fn are_given(&self, url: &str) -> bool {
        self.at_start.iter().any(|webhook| webhook.url == url)
    }
}

/// A webhook that a sandbox is started with.
#[derive(Clone)]
pub(crate) struct GivenWebhook {
    pub(crate) url: String,
    pub(crate) secret: String,
}

impl Start {
    pub(crate) fn new(
        pricing_model: PricingModel,
        clock: Clock,
        ids: Ids,
        key_stays: bool,
        webhooks: GivenWebhooks,
    ) -> Self {
        Self { pricing_model, clock_setting: clock.setting(), clock, ids, key_stays, webhooks }
    }

    pub(super) fn store(&self) -> Store {
        let mut store = Store::new(self.clock.clone(), self.ids.begin());
        let Ok(_) = store.transaction(|store| Ok::<_, Infallible>(setup::set_up(store, self.pricing_model.form())));
        self.complete(&mut store);
        store
    }

    /// Adds what belongs to the sandbox whatever its state is.
    pub(super) fn complete(&self, store: &mut Store) {
        store.key_stays = self.key_stays;
        for GivenWebhook { url, secret } in &self.webhooks.at_start {
            if !webhooks::is_registered(store, url, secret) {
                let Ok(_) =
                    store.transaction(|store| Ok::<_, Infallible>(webhooks::register(store, url, Some(secret))));
            }
        }
    }
}
