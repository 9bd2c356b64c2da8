//! The gated routes that every test app has, and what their handlers answer.

use std::{sync::Arc, time::Duration};

use flowglad_core::{
    Billing, CustomerScope, Flowglad, FlowgladBuilder,
    billing::Standing,
    clock::ManualClock,
    gate::{self, Gate, Requirement, WhenUnknown},
};

use crate::fleet;

flowglad_core::feature! {
    /// The feature that most gates require.
    pub ExportCsv = "export_csv"
}

/// A gate, two customers, two billings and two decisions in one request: `Customer`, `CurrentBilling` and
/// `Entitled<ExportCsv>` behind the gate of [`feature`]; answers with [`seen`].
pub const EVERYTHING: &str = "/gates/everything";

/// `Entitled<ExportCsv>` without a gate; answers with [`seen`].
pub const ENTITLED: &str = "/gates/entitled";

/// `Result<Entitled<ExportCsv>, Refusal>` without a gate; answers with [`seen`] or [`own_answer`].
pub const OWN_ANSWER: &str = "/gates/own-answer";

/// `CurrentBilling` without a gate; answers with [`seen`].
pub const BILLING: &str = "/gates/billing";

/// `CurrentBilling` without a gate; the handler itself requires [`many_calls`] and returns a `Refusal`.
pub const IN_HANDLER: &str = "/gates/in-handler";

/// A gate of [`feature`] within a gate of a paid plan; answers with the external id.
pub const NESTED: &str = "/gates/nested";

/// `ReturnedCheckout`; answers with its state.
pub const RETURNED: &str = "/gates/returned";

/// The way to Flowglad's own page.
pub const PORTAL: &str = "/gates/portal";

/// Routes with a gate of their own. Each accepts GET and POST, and answers with [`customer`].
#[must_use]
pub fn gates() -> Vec<(&'static str, Gate)> {
    vec![
        ("/gates/feature", feature().into()),
        ("/gates/balance", gate::balance("api_calls", 3).into()),
        ("/gates/paid-plan", gate::paid_plan().into()),
        ("/gates/plan", gate::plan("pro").into()),
        ("/gates/purchased", gate::purchased("pack").into()),
        ("/gates/seat", gate::seat("seats").into()),
        ("/gates/and", feature().and(gate::balance("api_calls", 3)).into()),
        ("/gates/or", gate::plan("team").or(feature()).into()),
        ("/gates/strict", feature().counting(Standing::paid_up()).into()),
        ("/gates/open", Gate::from(feature()).when_unknown(WhenUnknown::Allow)),
        ("/gates/upgrade", Gate::from(feature()).upgrade_url("/pricing")),
        ("/gates/page", page()),
        ("/gates/plans-page", page().redirect_to("/pricing?plan=pro")),
    ]
}

/// The gate of pages. Each app also has it before its route `/*/gated-page`, where `*` is any one segment; that answers
/// with [`customer`] too.
pub fn page() -> Gate {
    Gate::from(feature()).redirect_to("/pricing").sign_in_at("/sign-in")
}

/// The requirement of most gates.
pub fn feature() -> Requirement {
    gate::feature("export_csv")
}

/// More than any customer of the suite has.
pub fn many_calls() -> Requirement {
    gate::balance("api_calls", 1_000_000)
}

/// What a handler answers that takes the customer.
#[must_use]
pub fn customer(me: &CustomerScope) -> String {
    me.requesting_customer().external_id().to_owned()
}

/// What a handler answers that takes billing.
#[must_use]
pub fn seen(billing: &Billing) -> String {
    format!("{} {}", billing.customer().external_id, billing.source().as_str())
}

/// What a handler answers that takes the customer and billing in every way: the same document each time.
#[must_use]
pub fn all(me: &CustomerScope, seen_by: &[&Billing]) -> String {
    let raw = |billing: &&Billing| billing.raw().as_str().as_ptr();
    assert!(seen_by.iter().all(|billing| raw(billing) == raw(&seen_by[0])), "two documents in one request");
    assert_eq!(me.requesting_customer().external_id(), seen_by[0].customer().external_id);
    seen(seen_by[0])
}

/// What a handler answers for itself instead of a refusal. The app's own session layer gives no code.
#[must_use]
pub fn own_answer(status: u16, code: Option<&str>) -> String {
    format!("our own page instead of {status} {}", code.unwrap_or("without a code"))
}

/// A client with a cache, and the clock by which it ages.
#[must_use]
pub fn cached(base_url: &str) -> (Flowglad, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at("2026-01-15T12:00:00Z".parse().unwrap()));
    let flowglad = builder(base_url).cache(fleet::cache()).clock(Arc::clone(&clock)).build().unwrap();
    (flowglad, clock)
}

/// A client that neither retries nor waits.
pub fn builder(base_url: &str) -> FlowgladBuilder {
    let builder = Flowglad::builder().api_key("sk_test_adapter_contract").base_url(base_url);
    builder.max_retries(0).retry_delay(Duration::from_millis(1))
}
