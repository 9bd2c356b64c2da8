//! Asks whether a customer meets a requirement: from memory first, and from Flowglad before a refusal.

use std::{borrow::Borrow, time::Duration};

use tracing::warn;

use crate::{
    billing::{Billing, Freshness, Source, Standing},
    customer::CustomerScope,
    gate::{
        admission::{Granted, NotAdmitted},
        decision::Reason,
        refused::Refused,
        requirement::Requirement,
        settings::{Gate, WhenUnknown},
    },
    observe::{Answer, GateOutcome},
};

/// A refusal by older billing is not final: the customer may have paid since.
const REFUSES_UP_TO: Duration = Duration::from_secs(1);

/// By what a gate decides.
pub(crate) struct Terms<'a> {
    pub(crate) gate: &'a Gate,
    /// Who counts as entitled, unless the requirement says it.
    pub(crate) standing: Standing,
    /// The billing that was read for the same request already.
    pub(crate) known: Option<Billing>,
}

impl CustomerScope {
    /// Requires something of the customer, as a gate does: from the cache, and if Flowglad cannot be read, from old billing.
    /// Before it refuses by billing that is more than a second old it asks Flowglad, since the customer may have paid
    /// (`GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// [`NotAdmitted::Refused`] if the customer is not entitled, [`NotAdmitted::Unavailable`] if that cannot be found out.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::gate::{self, NotAdmitted};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), NotAdmitted> {
    /// let granted = me.require(gate::balance("api_calls", 3)).await?;
    /// println!("{:?}", granted.check_usage_balance("api_calls"));
    /// # Ok(()) }
    /// ```
    pub async fn require(&self, requirement: impl Borrow<Requirement>) -> Result<Granted, NotAdmitted> {
        self.clone().with_shared_deadline().grant_and_report(requirement.borrow(), Standing::default(), None).await
    }

    /// The same on the app's terms.
    pub(crate) async fn grant_and_report(
        &self,
        requirement: &Requirement,
        standing: Standing,
        known: Option<Billing>,
    ) -> Result<Granted, NotAdmitted> {
        let granted = self.grant(requirement, standing, known).await;
        self.report(requirement, WhenUnknown::Deny, &granted);
        granted
    }

    /// Asks on the terms of a gate. `None` if nothing was known, and the gate is open then.
    pub(crate) async fn ask(&self, terms: Terms<'_>) -> Result<Option<Granted>, NotAdmitted> {
        let Gate { requirement, when_unknown, .. } = terms.gate;
        let granted = self.grant(requirement, terms.standing, terms.known).await;
        self.report(requirement, *when_unknown, &granted);
        match (granted, when_unknown) {
            (Err(NotAdmitted::Unavailable(error)), WhenUnknown::Allow) => {
                let (requirement, slug) = (requirement.kind(), requirement.slug());
                warn!(event = "gate_open_without_billing", requirement, slug, "a gate is open: {}", error.report());
                Ok(None)
            }
            (granted, _) => granted.map(Some),
        }
    }

    async fn grant(
        &self,
        requirement: &Requirement,
        standing: Standing,
        known: Option<Billing>,
    ) -> Result<Granted, NotAdmitted> {
        let billing = match known {
            Some(billing) => billing,
            None => self.billing_with(Freshness::CachedOrStale).await.map_err(NotAdmitted::Unavailable)?,
        };
        let refused = match self.decide(billing, requirement, standing).await {
            Err(refused) if refused.source != Source::Live && refused.age > REFUSES_UP_TO => refused,
            decided => return Ok(decided?),
        };
        match self.billing_with(Freshness::NoOlderThan(REFUSES_UP_TO)).await {
            Ok(billing) => Ok(self.decide(billing, requirement, standing).await?),
            Err(_) => Err(refused.into()),
        }
    }

    async fn decide(
        &self,
        billing: Billing,
        requirement: &Requirement,
        standing: Standing,
    ) -> Result<Granted, Refused> {
        let spent = self.spent_of_meters(&billing, requirement).await;
        let left = |meter: &str, available: i64| {
            let here = self.left(&billing, meter, available);
            let in_fleet = spent.iter().find(|(of, _)| *of == meter);
            in_fleet.map_or(here, |(_, spent)| here.min(available.saturating_sub(*spent)))
        };
        let decision = billing.decide_on_terms(requirement, standing, self.flowglad().clock().date(), &left);
        let decision = decision.into_result().inspect_err(|refused| self.report_unknown_slug(&billing, refused));
        Ok(Granted::new(billing, decision.map_err(|refused| self.refusal(refused))?))
    }

    /// How much all instances of a fleet have spent and hold of each meter that billing may not show. Nothing is asked if no
    /// usage waits, and nothing is known while the server is away.
    async fn spent_of_meters<'a>(&self, billing: &Billing, requirement: &'a Requirement) -> Vec<(&'a str, i64)> {
        let mut spent = Vec::new();
        if self.usage_waits_in_fleet() {
            for meter in requirement.meters() {
                spent.extend(self.spent_in_fleet(billing, meter).await.map(|amount| (meter, amount)));
            }
        }
        spent
    }

    /// The refusal with the place of the plans, so that a handler need not know it.
    pub(crate) fn refusal(&self, refused: Refused) -> Refused {
        Refused { upgrade_url: self.upgrade_url.clone(), ..refused }
    }

    fn report(&self, requirement: &Requirement, when_unknown: WhenUnknown, granted: &Result<Granted, NotAdmitted>) {
        let (outcome, answer) = match granted {
            Ok(granted) => (GateOutcome::Allowed, granted.decision().source.into()),
            Err(NotAdmitted::Refused(refused)) => (GateOutcome::Refused, refused.source.into()),
            Err(NotAdmitted::Unavailable(_)) => match when_unknown {
                WhenUnknown::Allow => (GateOutcome::OpenWithoutBilling, Answer::Failed),
                WhenUnknown::Deny => (GateOutcome::Unavailable, Answer::Failed),
            },
        };
        self.flowglad().observation().gate_decided(requirement.kind(), requirement.slug(), outcome, answer);
    }

    /// A slug that the app has misspelt is refused like one that the plan does not grant, so a developer gets a hint.
    fn report_unknown_slug(&self, billing: &Billing, refused: &Refused) {
        if !cfg!(debug_assertions) {
            return;
        }
        let (kind, slug, is_known) = match &refused.reason {
            Reason::NoFeature { feature } => ("feature", feature, billing.knows_feature(feature)),
            Reason::LowBalance { meter, .. } => ("usage meter", meter, billing.knows_meter(meter)),
            Reason::OtherPlan { plan: product } | Reason::NotPurchased { product } => {
                ("product", product, billing.get_product(product).is_some())
            }
            Reason::NoSeat { resource } => ("feature", resource, billing.knows_feature(resource)),
            Reason::NoPaidPlan | Reason::NotEntitled(_) => return,
        };
        if !is_known {
            self.flowglad().observation().unknown_slug(kind, slug);
        }
    }
}
