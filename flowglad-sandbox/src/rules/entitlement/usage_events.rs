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
    pub(crate) meter: Option<MeterRef>,
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

/// Finds the subscription, price and meter of an event, or refuses it.
pub(crate) fn resolve(store: &Store, event: NewUsageEvent) -> Result<ResolvedUsage, Refusal> {
    let subscription: &Subscription =
        scope::find(store, &event.subscription_id).ok_or_else(|| not_found("Subscription", &event.subscription_id))?;
    if store.tables.customers.find(&subscription.customer_id).is_some_and(|customer| customer.archived) {
        return Err(Refusal::rule("Cannot create usage event for archived customer"));
    }
    let price = usage_price(store, &subscription.pricing_model_id, event.meter.as_ref())?;
    let meter = price
        .usage_meter_id
        .as_deref()
        .and_then(|id| store.tables.usage_meters.find(id))
        .ok_or_else(|| not_found("UsageMeter", "of the price"))?;
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

fn usage_price<'a>(store: &'a Store, model_id: &str, on: Option<&MeterRef>) -> Result<&'a Price, Refusal> {
    match on {
        Some(MeterRef::PriceId(id)) => metered(pricing_model::price_by_id(store, model_id, id), id),
        Some(MeterRef::PriceSlug(slug)) => metered(pricing_model::price_by_slug(store, model_id, slug), slug),
        Some(MeterRef::MeterId(id)) => default_price(store, model_id, id, |meter| meter.meta.id == *id),
        Some(MeterRef::MeterSlug(slug)) => default_price(store, model_id, slug, |meter| meter.slug == *slug),
        None => Err(Refusal::rule("A usage event needs a price or a usage meter")),
    }
}

fn metered<'a>(price: Option<&'a Price>, name: &str) -> Result<&'a Price, Refusal> {
    let price = price.ok_or_else(|| not_found("Price", name))?;
    if price.kind != PriceType::Usage {
        return Err(Refusal::rule(format!("Invalid price: {name} is not a usage price")));
    }
    Ok(price)
}

fn default_price<'a>(
    store: &'a Store,
    model_id: &str,
    name: &str,
    is_wanted: impl Fn(&UsageMeter) -> bool,
) -> Result<&'a Price, Refusal> {
    store
        .tables
        .usage_meters
        .iter()
        .find(|meter| meter.pricing_model_id == model_id && is_wanted(meter))
        .and_then(|meter| pricing_model::default_meter_price(store, &meter.meta.id))
        .ok_or_else(|| not_found("UsageMeter", name))
}

fn not_found(what: &str, name: &str) -> Refusal {
    Refusal::rule_not_found(format!("Unwrap called on Err: NotFoundError: {what} not found: {name}"))
}

fn require_distinct_properties(
    meter: &UsageMeter,
    event: &NewUsageEvent,
    billing_period_id: Option<&str>,
) -> Result<(), Refusal> {
    if billing_period_id.is_none() {
        return Err(Refusal::rule(format!(
            "Billing period is required for usage meter {}, which counts distinct properties",
            meter.slug
        )));
    }
    if event.properties.as_ref().is_none_or(Metadata::is_empty) {
        return Err(Refusal::rule(format!(
            "Properties are required for usage meter {}, which counts distinct properties",
            meter.slug
        )));
    }
    Ok(())
}

impl ResolvedUsage {
    /// The earlier event with the same transaction id on the same meter, of any subscription.
    pub(crate) fn recorded_before<'a>(&self, store: &'a Store) -> Option<&'a UsageEvent> {
        let mut earlier = store.tables.usage_events.by_external_key(&self.event.transaction_id);
        earlier.find(|earlier| earlier.usage_meter_id == self.meter.meta.id)
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

    /// Stores the event and consumes credits. Returns the event's id.
    pub(crate) fn record(self, store: &mut Store) -> String {
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
        store.tables.usage_events.insert(event)
    }
}
