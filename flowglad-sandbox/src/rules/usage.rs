//! Usage events: what was used, on which meter, and against which credits.

use crate::http::api_error::ApiError;
use crate::http::input::Metadata;
use crate::records::{Aggregation, Price, PriceType, Subscription, UsageEvent, UsageMeter};
use crate::rules::{billing_run, catalog, credits, scope};
use crate::store::Store;

/// What a caller says about a piece of usage.
#[derive(Debug)]
pub(crate) struct NewUsageEvent {
    pub(crate) subscription_id: String,
    pub(crate) amount: i64,
    pub(crate) transaction_id: String,
    pub(crate) on: Option<UsageOf>,
    pub(crate) usage_date: Option<i64>,
    pub(crate) properties: Option<Metadata>,
}

/// How a caller names what was used.
#[derive(Debug)]
pub(crate) enum UsageOf {
    PriceId(String),
    PriceSlug(String),
    MeterId(String),
    MeterSlug(String),
}

/// A piece of usage whose names were looked up.
#[derive(Debug)]
pub(crate) struct ResolvedUsage {
    subscription: Subscription,
    price: Price,
    meter: UsageMeter,
    billing_period_id: Option<String>,
    event: NewUsageEvent,
}

/// Looks up what an event names, and refuses what does not exist.
pub(crate) fn resolve(store: &Store, event: NewUsageEvent) -> Result<ResolvedUsage, ApiError> {
    let subscription: &Subscription =
        scope::find(store, &event.subscription_id).ok_or_else(|| not_found("Subscription", &event.subscription_id))?;
    if store.tables.customers.find(&subscription.customer_id).is_some_and(|customer| customer.archived) {
        return Err(ApiError::internal("Cannot create usage event for archived customer"));
    }
    let price = usage_price(store, &subscription.pricing_model_id, event.on.as_ref())?;
    let meter = price
        .usage_meter_id
        .as_deref()
        .and_then(|id| store.tables.usage_meters.find(id))
        .ok_or_else(|| not_found("UsageMeter", "of the price"))?;
    let billing_period = billing_run::period_at(store, &subscription.head.id, store.now());
    let billing_period_id = billing_period.map(|period| period.head.id.clone());
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

fn usage_price<'a>(store: &'a Store, model_id: &str, on: Option<&UsageOf>) -> Result<&'a Price, ApiError> {
    match on {
        Some(UsageOf::PriceId(id)) => metered(catalog::price_by_id(store, model_id, id), id),
        Some(UsageOf::PriceSlug(slug)) => metered(catalog::price_by_slug(store, model_id, slug), slug),
        Some(UsageOf::MeterId(id)) => default_price(store, model_id, id, |meter| meter.head.id == *id),
        Some(UsageOf::MeterSlug(slug)) => default_price(store, model_id, slug, |meter| meter.slug == *slug),
        None => Err(ApiError::internal("A usage event needs a price or a usage meter")),
    }
}

fn metered<'a>(price: Option<&'a Price>, name: &str) -> Result<&'a Price, ApiError> {
    let price = price.ok_or_else(|| not_found("Price", name))?;
    if price.kind != PriceType::Usage {
        return Err(ApiError::internal(format!("Invalid price: {name} is not a usage price")));
    }
    Ok(price)
}

fn default_price<'a>(
    store: &'a Store,
    model_id: &str,
    name: &str,
    is_wanted: impl Fn(&UsageMeter) -> bool,
) -> Result<&'a Price, ApiError> {
    store
        .tables
        .usage_meters
        .iter()
        .find(|meter| meter.pricing_model_id == model_id && is_wanted(meter))
        .and_then(|meter| catalog::default_meter_price(store, &meter.head.id))
        .ok_or_else(|| not_found("UsageMeter", name))
}

fn not_found(what: &str, name: &str) -> ApiError {
    ApiError::internal_not_found(format!("Unwrap called on Err: NotFoundError: {what} not found: {name}"))
}

fn require_distinct_properties(
    meter: &UsageMeter,
    event: &NewUsageEvent,
    billing_period_id: Option<&str>,
) -> Result<(), ApiError> {
    if billing_period_id.is_none() {
        return Err(ApiError::internal(format!(
            "Billing period is required for usage meter {}, which counts distinct properties",
            meter.slug
        )));
    }
    if event.properties.as_ref().is_none_or(Metadata::is_empty) {
        return Err(ApiError::internal(format!(
            "Properties are required for usage meter {}, which counts distinct properties",
            meter.slug
        )));
    }
    Ok(())
}

impl ResolvedUsage {
    /// The event that was recorded before under the same transaction and meter, by whatever subscription.
    pub(crate) fn recorded_before<'a>(&self, store: &'a Store) -> Option<&'a UsageEvent> {
        let mut earlier = store.tables.usage_events.known_as(&self.event.transaction_id);
        earlier.find(|earlier| earlier.usage_meter_id == self.meter.head.id)
    }

    pub(crate) fn is_of(&self, subscription_id: &str) -> bool {
        self.subscription.head.id == subscription_id
    }

    pub(crate) fn price_is_active(&self) -> bool {
        self.price.active
    }

    /// Whether the meter counts distinct properties and has counted these in this period.
    fn repeats(&self, store: &Store) -> bool {
        if self.meter.aggregation_type != Aggregation::CountDistinctProperties {
            return false;
        }
        let (meter_id, period_id) = (&self.meter.head.id, &self.billing_period_id);
        let Some(properties) = &self.event.properties else { return false };
        let likeness = UsageEvent::likeness_of(meter_id, period_id.as_deref(), properties);
        likeness.is_some_and(|likeness| {
            store.tables.usage_events.alike(likeness).any(|earlier| {
                earlier.usage_meter_id == *meter_id
                    && earlier.billing_period_id == *period_id
                    && earlier.properties == *properties
            })
        })
    }

    /// Stores the event and takes its amount from the credits. Gives the event's id.
    pub(crate) fn record(self, store: &mut Store) -> String {
        let repeats = self.repeats(store);
        let properties = self.event.properties.unwrap_or_default();
        let (subscription_id, meter_id) = (&self.subscription.head.id, &self.meter.head.id);
        let uncovered = if repeats { 0 } else { credits::use_up(store, subscription_id, meter_id, self.event.amount) };
        let event = UsageEvent {
            head: store.head::<UsageEvent>(),
            customer_id: self.subscription.customer_id,
            subscription_id: self.subscription.head.id,
            usage_meter_id: self.meter.head.id,
            billing_period_id: self.billing_period_id,
            amount: self.event.amount,
            usage_date: self.event.usage_date.unwrap_or(store.now()),
            transaction_id: self.event.transaction_id,
            price_id: self.price.head.id,
            properties,
            pricing_model_id: self.subscription.pricing_model_id,
            costs: !repeats,
            uncovered,
        };
        store.tables.usage_events.insert(event)
    }
}
