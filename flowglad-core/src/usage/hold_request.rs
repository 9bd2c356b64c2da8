//! Asks for a hold on a balance.

use std::{borrow::Cow, future::IntoFuture, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::time::{sleep, timeout};

use crate::{
    billing::{Billing, Freshness, Source},
    cache::StoreError,
    customer::CustomerScope,
    error::{Error, shared as shared_cause},
    gate::Refused,
    input::TransactionId,
    model::{FeatureKind, MeterRef, Price, PriceKind},
    outbox::{
        RecordError, WhenAlone,
        book::{NewHold, SaidBalance, TooLittle},
        meter_names::names_of,
        open_outbox::OpenOutbox,
        record::RecordedUsage,
        shared_book::{Guard, Held, SharedBook, SharedHold, age},
    },
    usage::{
        hold::{Begun, HeldInFleet, Hold},
        recorder::charged,
    },
};

/// A refusal by older billing is not final: the customer may have bought credits since.
const REFUSES_UP_TO: Duration = Duration::from_secs(1);

/// Who waits for work of another instance looks so often whether it has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A hold that is asked for, made by [`CustomerScope::hold`]. Await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is held until this is awaited"]
pub struct HoldRequest {
    scope: CustomerScope,
    meter: Cow<'static, str>,
    amount: u64,
    key: Option<Box<str>>,
    wait_for_key: Duration,
    credit: Credit,
    when_alone: WhenAlone,
}

/// Whether usage needs credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credit {
    AsTheMeter,
    Needed,
    NotNeeded,
}

/// Why nothing is held. The work should not begin.
///
/// A handler may return it: the adapters' `Refusal` is made of it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotHeld {
    /// Too little is left of the balance.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Flowglad could not be read, and nothing fresh enough was known.
    #[error("cannot find out how much the customer has left: {0}")]
    Unavailable(#[source] Error),
    /// Work with the same key runs.
    #[error("a request with the same key is still in progress")]
    InFlight,
    /// The usage could not be recorded afterwards.
    #[error(transparent)]
    Outbox(#[from] RecordError),
}

/// Why a balance does not let something be held: too little is left, or what is left cannot be known.
enum TooLittleOr {
    TooLittle(TooLittle),
    Other(NotHeld),
}

impl From<TooLittle> for TooLittleOr {
    fn from(too_little: TooLittle) -> Self {
        Self::TooLittle(too_little)
    }
}

impl CustomerScope {
    /// Holds `amount` units of the usage meter `slug` while the work for it runs, so that two requests at once cannot both
    /// take the last of a balance. [Settle](Hold::settle) the hold when the work has succeeded; if it is dropped, nothing is
    /// charged.
    ///
    /// What is left is what Flowglad said (billing in memory or, if that says too little, read anew), minus what this
    /// client has recorded and Flowglad's answer cannot show yet, minus the open holds. That is exact for one process that
    /// alone records a customer's usage, and for the instances of a fleet (feature `redis`) together. Flowglad itself reserves nothing: usage that others record meanwhile is not seen
    /// until billing is read again.
    ///
    /// A meter needs credit if the plan grants credits of it, if any are left, or if the pricing model sells them in a
    /// product without a subscription. Usage of other meters is paid afterwards or free, and is never refused, unless
    /// [`credits_only`](HoldRequest::credits_only) is called. Without a current subscription nothing is held, since nothing
    /// could be charged.
    ///
    /// # Errors
    /// [`NotHeld`].
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope, request_id: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let hold = me.hold("api_calls", 3).key(request_id).await?;
    /// // The work comes here. An error before the next line charges nothing.
    /// let settled = hold.settle(3).await?;
    /// println!("{:?} calls left", settled.left);
    /// # Ok(()) }
    /// ```
    pub fn hold(&self, slug: impl Into<Cow<'static, str>>, amount: u64) -> HoldRequest {
        let scope = self.clone().with_shared_deadline();
        let (key, wait_for_key, credit) = (None, Duration::ZERO, Credit::AsTheMeter);
        let when_alone = WhenAlone::default();
        HoldRequest { scope, meter: slug.into(), amount, key, wait_for_key, credit, when_alone }
    }
}

impl HoldRequest {
    /// Names the work, for example by the `Idempotency-Key` of a request, so that it is charged once: while it runs, other
    /// work of this customer with the same key is refused; afterwards it is let through, and not charged again.
    pub fn key(mut self, key: impl Into<Box<str>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Waits this long while work with the same key runs. Default: it is refused at once.
    pub fn wait_for_key(mut self, limit: Duration) -> Self {
        self.wait_for_key = limit;
        self
    }

    /// Refuses usage without credit, whatever the meter.
    pub fn credits_only(mut self) -> Self {
        self.credit = Credit::Needed;
        self
    }

    /// Lets usage without credit pass, whatever the meter. Flowglad charges for it afterwards.
    pub fn allow_overdraft(mut self) -> Self {
        self.credit = Credit::NotNeeded;
        self
    }

    /// Sets what happens in a fleet whose server is away. Default: it is held by this instance alone.
    pub fn when_alone(mut self, when_alone: WhenAlone) -> Self {
        self.when_alone = when_alone;
        self
    }

    async fn make(self) -> Result<Hold, NotHeld> {
        let outbox = Arc::clone(self.scope.flowglad().outbox().ok_or(RecordError::NoOutbox)?);
        outbox.ready().await?.has_place()?;
        let id = self.key.as_ref().map(|key| TransactionId::of(self.scope.requesting_customer(), key));
        let mut in_flight = None;
        if let Some(id) = &id {
            let key = RecordedUsage::key(&MeterRef::UsageMeterSlug(self.meter.clone().into_owned()), id);
            in_flight = Some(self.begin(&outbox, &key).await?);
            if outbox.has_recorded(&key).await? {
                return self.repeated(outbox, id.clone(), in_flight).await;
            }
        }
        let billing = self.billing(Freshness::CachedOrStale).await?;
        let held = match self.try_hold(&outbox, &billing).await {
            Err(TooLittleOr::TooLittle(_)) if billing.source() != Source::Live && billing.age() > REFUSES_UP_TO => {
                let newer = self.billing(Freshness::NoOlderThan(REFUSES_UP_TO)).await;
                let billing = newer.unwrap_or(billing);
                self.try_hold(&outbox, &billing).await.map_err(|reason| self.not_held(&billing, reason))?
            }
            held => held.map_err(|reason| self.not_held(&billing, reason))?,
        };
        Ok(Hold { id, _in_flight: in_flight, ..held })
    }

    async fn begin(&self, outbox: &OpenOutbox, key: &[u8]) -> Result<Begun, NotHeld> {
        if self.wait_for_key.is_zero() {
            let here = outbox.book.begin(key).ok_or(NotHeld::InFlight)?;
            let in_fleet = self.begin_in_fleet(outbox, key).await?;
            return Ok(Begun { _here: here, _in_fleet: in_fleet });
        }
        let waiting = async {
            let here = outbox.book.begin_after(key).await;
            loop {
                match self.begin_in_fleet(outbox, key).await {
                    Err(NotHeld::InFlight) => sleep(LOOK_AGAIN).await,
                    in_fleet => return Ok(Begun { _here: here, _in_fleet: in_fleet? }),
                }
            }
        };
        timeout(self.wait_for_key, waiting).await.unwrap_or(Err(NotHeld::InFlight))
    }

    /// Begins the key's work in the fleet too. `None`: there is no fleet, or its server is away.
    async fn begin_in_fleet(&self, outbox: &OpenOutbox, key: &[u8]) -> Result<Option<Guard>, NotHeld> {
        let Some(shared) = outbox.shared() else { return Ok(None) };
        match shared.begin(key, outbox.settings.hold_limit).await {
            Ok(Some(begun)) => Ok(Some(begun)),
            Ok(None) => Err(NotHeld::InFlight),
            Err(error) => self.alone(&**shared, error).map(|()| None),
        }
    }

    /// Goes on without the fleet, if this request may.
    fn alone(&self, shared: &dyn SharedBook, error: StoreError) -> Result<(), NotHeld> {
        if self.when_alone == WhenAlone::Refuse {
            return Err(RecordError::Store { cause: shared_cause(error) }.into());
        }
        shared.held_alone();
        Ok(())
    }

    async fn billing(&self, freshness: Freshness) -> Result<Billing, NotHeld> {
        self.scope.billing_with(freshness).await.map_err(NotHeld::Unavailable)
    }

    /// Holds in the fleet, which knows what all instances have spent and hold, or else in this process alone.
    async fn try_hold(&self, outbox: &Arc<OpenOutbox>, billing: &Billing) -> Result<Hold, TooLittleOr> {
        let said = self.said(billing);
        let Some(shared) = outbox.shared() else { return Ok(self.hold_here(outbox, billing, said)?) };
        let now = outbox.clock.now();
        let new = SharedHold {
            customer: self.scope.requesting_customer().external_id(),
            meters: &names_of(billing, &self.meter),
            amount: self.amount,
            limit: outbox.settings.hold_limit,
            said: said.map(|said| (said.available, age(said.began, now))),
        };
        match shared.hold(new).await {
            // Gates of this instance count it too.
            Ok(Held::Now { guard, left }) => {
                let hold = self.hold_here(outbox, billing, None)?;
                Ok(Hold { in_fleet: Some(HeldInFleet { guard, left }), ..hold })
            }
            Ok(Held::TooLittle(left)) => Err(TooLittle(left).into()),
            Err(error) => {
                self.alone(&**shared, error).map_err(TooLittleOr::Other)?;
                Ok(self.hold_here(outbox, billing, said)?)
            }
        }
    }

    /// Holds in this process. `said`: what must suffice.
    fn hold_here(
        &self,
        outbox: &Arc<OpenOutbox>,
        billing: &Billing,
        said: Option<SaidBalance>,
    ) -> Result<Hold, TooLittle> {
        let charged = charged(billing).ok_or(TooLittle(0))?;
        let meters = names_of(billing, &self.meter);
        let now = outbox.clock.now();
        let new = NewHold {
            customer: self.scope.requesting_customer().external_id(),
            meters: &meters,
            amount: self.amount,
            ends: now + outbox.settings.hold_limit,
        };
        let held = Some(outbox.book.hold(&new, said, now)?);
        Ok(Hold { charged: Some(charged), said, amount: self.amount, held, ..self.empty(outbox, meters) })
    }

    /// Work that was charged before. What is left is said if it is known without waiting for long.
    async fn repeated(
        &self,
        outbox: Arc<OpenOutbox>,
        id: TransactionId,
        in_flight: Option<Begun>,
    ) -> Result<Hold, NotHeld> {
        let billing = self.billing(Freshness::CachedOrStale).await.ok();
        let meters = billing.as_ref().map(|billing| names_of(billing, &self.meter)).unwrap_or_default();
        let said = billing.as_ref().and_then(|billing| self.said(billing));
        Ok(Hold { said, id: Some(id), _in_flight: in_flight, is_repeated: true, ..self.empty(&outbox, meters) })
    }

    fn empty(&self, outbox: &Arc<OpenOutbox>, meters: Vec<MeterRef>) -> Hold {
        Hold {
            scope: self.scope.clone(),
            outbox: Arc::clone(outbox),
            meters,
            amount: 0,
            charged: None,
            said: None,
            id: None,
            is_repeated: false,
            held: None,
            in_fleet: None,
            _in_flight: None,
        }
    }

    /// What Flowglad said of the balance. `None` if usage needs no credit.
    fn said(&self, billing: &Billing) -> Option<SaidBalance> {
        let needs_credit = match self.credit {
            Credit::AsTheMeter => is_on_credit(billing, &self.meter),
            Credit::Needed => true,
            Credit::NotNeeded => false,
        };
        // Of the subscription that is charged.
        let balance =
            billing.current_subscription().and_then(|plan| billing.check_usage_balance_on(&plan.id, &self.meter));
        let available = balance.map_or(0, |balance| balance.available_balance);
        needs_credit.then(|| SaidBalance { available, began: billing.began() })
    }

    fn not_held(&self, billing: &Billing, reason: TooLittleOr) -> NotHeld {
        let left = match reason {
            TooLittleOr::TooLittle(TooLittle(left)) => left,
            TooLittleOr::Other(reason) => return reason,
        };
        let refused = Refused::low_balance(billing, self.meter.clone(), self.amount, left);
        self.scope.refusal(refused).into()
    }
}

impl IntoFuture for HoldRequest {
    type Output = Result<Hold, NotHeld>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.make().boxed()
    }
}

/// Whether usage of a meter is paid with credits: the plan grants some, some are left, or they are sold.
fn is_on_credit(billing: &Billing, slug: &str) -> bool {
    let is_left = billing.check_usage_balance(slug).is_some_and(|balance| balance.available_balance > 0);
    is_left || is_granted(billing, slug) || is_sold(billing, slug)
}

fn is_granted(billing: &Billing, slug: &str) -> bool {
    billing.credits(slug).is_some_and(|credits| credits.granted_each_period > 0 || credits.granted_once > 0)
}

/// Whether a product without a subscription grants credits.
fn is_sold(billing: &Billing, slug: &str) -> bool {
    let model = billing.pricing_model();
    let Some(meter) = model.usage_meters.iter().find(|meter| meter.slug == slug) else { return false };
    let is_sold_once = |price: &Price| price.kind == PriceKind::SinglePayment;
    model.products.iter().filter(|product| product.prices.iter().any(is_sold_once)).any(|product| {
        let mut credits = product.features.iter().filter(|feature| feature.kind == FeatureKind::UsageCreditGrant);
        credits.any(|feature| feature.usage_meter_id.as_ref() == Some(&meter.id))
    })
}
