//! Records usage events: finds their meter and price, and consumes credits.

use crate::{
    records::{
        metadata::Metadata,
        pricing::{Aggregation, Price, PriceType, UsageMeter},
        subscription::Subscription,
        usage::UsageEvent,
    },
    refusal::Refusal,
    rules::{billing::billing_run, entitlement::credits, pricing::pricing_model, scope},
    store::Store,
};

/// The fields of a new usage event.
#[derive(Debug)]
pub(crate) struct NewUsageEvent {
    pub(crate) subscription_id: String,
    pub(crate) amount: i64,
    pub(crate) transaction_id: String,
    pub(crate) meter: MeterRef,
    pub(crate) usage_date: Option<i64>,
    pub(crate) properties: Option<Metadata>,
}

/// The meter of a usage event, named directly or by a price.
#[derive(Debug)]
pub(crate) enum MeterRef {
    PriceId(String),
    PriceSlug(String),
    MeterId(String),
    MeterSlug(String),
}

/// A new usage event whose subscription, price and meter were found.
#[derive(Debug)]
pub(crate) struct ResolvedUsage {
    subscription: Subscription,
    price: Price,
    meter: UsageMeter,
    billing_period_id: Option<String>,
    event: NewUsageEvent,
}

/// Why a usage event cannot be recorded. Alone and among others, the API has different words for it.
#[derive(Debug)]
pub(crate) enum Unresolved {
    UnknownSubscription(String),
    ArchivedCustomer,
    UnknownMeterId(String),
    UnknownMeterSlug(String),
    UnknownPriceId(String),
    UnknownPriceSlug(String),
    /// A price, named by its slug, that has no meter.
    NoMeter {
        price_id: String,
        slug: String,
    },
    /// A price, named by its id, that is not a usage price.
    OtherPrice {
        price_id: String,
        kind: PriceType,
    },
    Properties(String),
}

impl Unresolved {
    /// The refusal of a single event.
    pub(crate) fn refusal(self) -> Refusal {
        let not_found =
            |sentence: String| Refusal::rule_not_found(format!("Unwrap called on Err: NotFoundError: {sentence}"));
        let invalid = |sentence: String| Refusal::rule(format!("Unwrap called on Err: ValidationError: {sentence}"));
        match self {
            Self::UnknownSubscription(id) => Refusal::no_row("subscriptions", &id),
            Self::ArchivedCustomer => Refusal::rule("Cannot create usage event for archived customer"),
            Self::UnknownMeterId(id) => {
                not_found(format!("UsageMeter not found: {id} (not in customer's pricing model)"))
            }
            Self::UnknownMeterSlug(slug) => {
                not_found(format!("UsageMeter not found: with slug {slug} (not in customer's pricing model)"))
            }
            Self::UnknownPriceId(id) => not_found(format!("Price not found: {id}")),
            Self::UnknownPriceSlug(slug) => not_found(unknown_price_slug(&slug)),
            Self::NoMeter { price_id, .. } => {
                invalid(format!("Invalid priceId: Price {price_id} does not have a usage meter associated with it."))
            }
            Self::OtherPrice { price_id, .. } => invalid(format!(
                "Invalid priceId: Price {price_id} is not a usage price. Please provide a usage price id to create a \
                 usage event."
            )),
            Self::Properties(sentence) => Refusal::rule(sentence),
        }
    }

    /// The refusal of all events because of the one at `index`.
    pub(crate) fn refusal_at(self, index: usize) -> Refusal {
        match self {
            Self::UnknownSubscription(id) => {
                Refusal::rule_not_found(format!("Subscription not found: {id} (usage event at index {index})"))
            }
            Self::UnknownMeterId(id) => Refusal::rule_not_found(format!("UsageMeter not found: {id} (index {index})")),
            Self::UnknownMeterSlug(slug) => Refusal::rule_not_found(format!("UsageMeter not found: slug \"{slug}\"")),
            Self::UnknownPriceId(id) => Refusal::rule_not_found(format!("Price not found: {id} (index {index})")),
            Self::UnknownPriceSlug(slug) | Self::NoMeter { slug, .. } => {
                Refusal::rule_not_found(unknown_price_slug(&slug))
            }
            Self::OtherPrice { price_id, kind } => Refusal::rule(format!(
                "Invalid priceId: Price {price_id} at index {index} is type \"{}\" which is not a usage price",
                kind.word()
            )),
            Self::ArchivedCustomer | Self::Properties(_) => self.refusal(),
        }
    }
}

fn unknown_price_slug(slug: &str) -> String {
    format!("Price not found: with slug {slug} (not in customer's pricing model)")
}

/// Finds the subscription, price and meter of an event.
pub(crate) fn resolve(store: &Store, event: NewUsageEvent) -> Result<ResolvedUsage, Unresolved> {
    let Some(subscription) = scope::find::<Subscription>(store, &event.subscription_id) else {
        return Err(Unresolved::UnknownSubscription(event.subscription_id));
    };
    if store.tables.customers.find(&subscription.customer_id).is_some_and(|customer| customer.archived) {
        return Err(Unresolved::ArchivedCustomer);
    }
    let (price, meter) = price_and_meter(store, &subscription.pricing_model_id, &event.meter)?;
    let billing_period = billing_run::period_at(store, &subscription.meta.id, store.now());
    let billing_period_id = billing_period.map(|period| period.meta.id.clone());
    if meter.aggregation_type == Aggregation::CountDistinctProperties {
        require_distinct_properties(meter, &event, billing_period_id.as_deref())?;
    }
    Ok(ResolvedUsage {
        subscription: subscription.clone(),
        price: price.clone(),
        meter: meter.clone(),
        billing_period_id,
        event,
    })
}

fn price_and_meter<'a>(
    store: &'a Store,
    model_id: &str,
    on: &MeterRef,
) -> Result<(&'a Price, &'a UsageMeter), Unresolved> {
    match on {
        MeterRef::PriceId(id) => {
            let price = pricing_model::price_by_id(store, model_id, id);
            let price = price.ok_or_else(|| Unresolved::UnknownPriceId(id.clone()))?;
            let other = || Unresolved::OtherPrice { price_id: id.clone(), kind: price.kind };
            Ok((price, meter_of(store, price).ok_or_else(other)?))
        }
        MeterRef::PriceSlug(slug) => {
            let price = pricing_model::price_by_slug(store, model_id, slug);
            let price = price.ok_or_else(|| Unresolved::UnknownPriceSlug(slug.clone()))?;
            let no_meter = || Unresolved::NoMeter { price_id: price.meta.id.clone(), slug: slug.clone() };
            Ok((price, meter_of(store, price).ok_or_else(no_meter)?))
        }
        MeterRef::MeterId(id) => metered_by_default(store, model_id, |meter| meter.meta.id == *id)
            .ok_or_else(|| Unresolved::UnknownMeterId(id.clone())),
        MeterRef::MeterSlug(slug) => metered_by_default(store, model_id, |meter| meter.slug == *slug)
            .ok_or_else(|| Unresolved::UnknownMeterSlug(slug.clone())),
    }
}

fn meter_of<'a>(store: &'a Store, price: &Price) -> Option<&'a UsageMeter> {
    let id = price.usage_meter_id.as_deref().filter(|_| price.kind == PriceType::Usage)?;
    store.tables.usage_meters.find(id)
}

/// A meter with the price of usage that names no price.
fn metered_by_default<'a>(
    store: &'a Store,
    model_id: &str,
    is_wanted: impl Fn(&UsageMeter) -> bool,
) -> Option<(&'a Price, &'a UsageMeter)> {
    let mut meters = store.tables.usage_meters.iter();
    let meter = meters.find(|meter| meter.pricing_model_id == model_id && is_wanted(meter))?;
    Some((pricing_model::default_meter_price(store, &meter.meta.id)?, meter))
}

fn require_distinct_properties(
    meter: &UsageMeter,
    event: &NewUsageEvent,
    billing_period_id: Option<&str>,
) -> Result<(), Unresolved> {
    if billing_period_id.is_none() {
        return Err(Unresolved::Properties(
            "Invalid billingPeriod: Billing period is required for usage meter of type \"count_distinct_properties\"."
                .to_owned(),
        ));
    }
    if event.properties.as_ref().is_none_or(Metadata::is_empty) {
        return Err(Unresolved::Properties(format!(
            "Invalid properties: Properties are required for usage meter \"{}\" because it uses \
             \"count_distinct_properties\" aggregation. Each usage event must have a non-empty properties object to \
             identify the distinct combination being counted.",
            meter.name
        )));
    }
    Ok(())
}

impl ResolvedUsage {
    /// The earlier event with the same transaction id on the same meter, of any subscription.
    pub(crate) fn recorded_before<'a>(&self, store: &'a Store) -> Option<&'a UsageEvent> {
        self.recorded_in_first(store, usize::MAX)
    }

    /// As [`Self::recorded_before`], among the first `seen` events of all.
    pub(crate) fn recorded_in_first<'a>(&self, store: &'a Store, seen: usize) -> Option<&'a UsageEvent> {
        let mut earlier = store.tables.usage_events.by_external_key_in_first(seen, &self.event.transaction_id);
        earlier.find(|earlier| earlier.usage_meter_id == self.meter.meta.id)
    }

    /// The first event on the meter. On the real API, an empty transaction id is that of every event.
    pub(crate) fn any_recorded_on_meter<'a>(&self, store: &'a Store) -> Option<&'a UsageEvent> {
        let mut events = store.tables.usage_events.iter();
        events.find(|earlier| earlier.usage_meter_id == self.meter.meta.id)
    }

    pub(crate) fn has_transaction_id(&self) -> bool {
        !self.event.transaction_id.is_empty()
    }

    pub(crate) fn is_of(&self, subscription_id: &str) -> bool {
        self.subscription.meta.id == subscription_id
    }

    pub(crate) fn price_is_active(&self) -> bool {
        self.price.active
    }

    /// Whether the meter counts distinct properties and has counted these in this period.
    fn repeats(&self, store: &Store) -> bool {
        if self.meter.aggregation_type != Aggregation::CountDistinctProperties {
            return false;
        }
        let (meter_id, period_id) = (&self.meter.meta.id, &self.billing_period_id);
        let Some(properties) = &self.event.properties else { return false };
        let dedup_key = UsageEvent::dedup_key_for(meter_id, period_id.as_deref(), properties);
        dedup_key.is_some_and(|dedup_key| {
            store.tables.usage_events.duplicates_of(dedup_key).any(|earlier| {
                earlier.usage_meter_id == *meter_id
                    && earlier.billing_period_id == *period_id
                    && earlier.properties == *properties
            })
        })
    }

    /// Stores the event and consumes credits. Returns the event's id. An amount beyond 32 bits is refused, and so is an
    /// event that is recorded already, which only a race leads to.
    pub(crate) fn record(self, store: &mut Store) -> Result<String, Refusal> {
        if self.event.amount > i64::from(i32::MAX) {
            return Err(Refusal::not_inserted("usage_events"));
        }
        if self.recorded_before(store).is_some() {
            return Err(Refusal::collision("usage_events"));
        }
        let repeats = self.repeats(store);
        let properties = self.event.properties.unwrap_or_default();
        let (subscription_id, meter_id) = (&self.subscription.meta.id, &self.meter.meta.id);
        let uncovered = if repeats { 0 } else { credits::use_up(store, subscription_id, meter_id, self.event.amount) };
        let event = UsageEvent {
            meta: store.meta::<UsageEvent>(),
            customer_id: self.subscription.customer_id,
            subscription_id: self.subscription.meta.id,
            usage_meter_id: self.meter.meta.id,
            billing_period_id: self.billing_period_id,
            amount: self.event.amount,
            usage_date: self.event.usage_date.unwrap_or(store.now()),
            transaction_id: self.event.transaction_id,
            price_id: self.price.meta.id,
            properties,
            pricing_model_id: self.subscription.pricing_model_id,
            costs: !repeats,
            uncovered,
        };
        Ok(store.tables.usage_events.insert(event))
    }
}
