//! What every page of the dashboard has: its parts, the time, and what is about to go wrong.

use crate::{
    http::pages::wording::{counted, minute, picked_minute},
    state::SandboxState,
    store::Store,
};

/// The parts of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Overview,
    Customers,
    Catalog,
    Webhooks,
    Requests,
    Faults,
}

/// The header and footer of a page.
#[derive(Debug)]
pub(super) struct Frame {
    part: Part,
    pub(super) base_url: String,
    pub(super) now: String,
    /// The time as the field of the time control has it.
    pub(super) picked: String,
    pub(super) model_name: String,
    pub(super) portal: String,
    /// What is planned to go wrong, as sentences.
    pub(super) warnings: Vec<String>,
    /// Changes whenever the dashboard has something new.
    pub(super) revision: String,
}

impl Frame {
    pub(super) fn new(state: &SandboxState, store: &Store, part: Part) -> Self {
        let model = store.tables.pricing_models.find(&store.key_model_id);
        Self {
            part,
            base_url: state.settings.base_url.clone(),
            now: minute(store.now()),
            picked: picked_minute(store.now()),
            model_name: model.map_or_else(String::new, |model| model.name.clone()),
            portal: format!("/billing-portal/{}", store.organization_id),
            warnings: warnings(state, store),
            revision: state.revision_of(store),
        }
    }

    /// The links to the parts: the URL, the text, and whether it is this part.
    pub(super) fn parts(&self) -> [(&'static str, &'static str, bool); 6] {
        let part = |part, url, text| (url, text, self.part == part);
        [
            part(Part::Overview, "/", "Overview"),
            part(Part::Customers, "/dashboard/customers", "Customers"),
            part(Part::Catalog, "/dashboard/catalog", "Catalog"),
            part(Part::Webhooks, "/dashboard/webhooks", "Webhooks"),
            part(Part::Requests, "/dashboard/requests", "Requests"),
            part(Part::Faults, "/dashboard/faults", "Faults"),
        ]
    }
}

fn warnings(state: &SandboxState, store: &Store) -> Vec<String> {
    let payments = match store.fail_next_payments {
        0 => None,
        1 => Some("The next payment will fail.".to_owned()),
        times => Some(format!("The next {times} payments will fail.")),
    };
    let faults = state.faults.all().len() + state.webhook_faults().all().len();
    let faults = (faults > 0).then(|| {
        let count = i64::try_from(faults).unwrap_or(i64::MAX);
        format!("{} planned for requests and webhooks.", counted(count, "fault"))
    });
    payments.into_iter().chain(faults).collect()
}
