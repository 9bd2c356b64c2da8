//! `/usage-meters`.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
    },
    records::{
        number::whole,
        pricing::{Aggregation, IntervalUnit, PriceType, UsageMeter},
    },
    refusal::Refusal,
    rules::{
        pricing::{
            setup,
            setup_form::{PriceForm, UsageMeterForm},
        },
        scope,
    },
    store::Store,
};

const AGGREGATIONS: [(&str, Aggregation); 2] =
    [("sum", Aggregation::Sum), ("count_distinct_properties", Aggregation::CountDistinctProperties)];

#[derive(Debug)]
struct MeterChanges {
    name: Option<String>,
    slug: Option<String>,
    aggregation_type: Option<Aggregation>,
}

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<UsageMeter>(store), |meter| meter)
}

/// Creates a meter with its no-charge price, and with a price of the same name if the caller gives its terms.
pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let form = input::read(call, new_meter)?;
    if form.prices.iter().any(|price| price.unit_price < 0 || price.usage_events_per_unit < Some(1)) {
        return Err(Refusal::not_inserted("prices"));
    }
    if slug_is_taken(store, &form.slug, None) {
        return Err(taken_slug());
    }
    let model_id = store.key_model_id.clone();
    let id = setup::make_meter(store, &model_id, &form);
    scope::require(store, &id).map(meter_reply)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    scope::require(store, call.param("id")).map(meter_reply)
}

pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let changes = input::read(call, |root| meter_changes(&root.object("usageMeter")))?;
    if scope::find::<UsageMeter>(store, id).is_none() {
        return Err(Refusal::not_found("The requested usage_meters could not be found."));
    }
    if changes.slug.as_ref().is_some_and(|slug| slug_is_taken(store, slug, Some(id))) {
        return Err(taken_slug());
    }
    let now = store.now();
    store.tables.usage_meters.change(id, now, |meter| {
        meter.name = changes.name.unwrap_or_else(|| meter.name.clone());
        meter.slug = changes.slug.unwrap_or_else(|| meter.slug.clone());
        meter.aggregation_type = changes.aggregation_type.unwrap_or(meter.aggregation_type);
    });
    scope::require(store, id).map(meter_reply)
}

fn new_meter(root: &Field<'_>) -> UsageMeterForm {
    let meter = root.object("usageMeter");
    let (name, slug) = (meter.at("name").string(), meter.at("slug").string());
    let aggregation_type = aggregation(&meter).unwrap_or(Aggregation::Sum);
    let price = root.at("price").optional(|price| price_of_usage(&price.as_object(), &name, &slug)).flatten();
    UsageMeterForm { aggregation_type, prices: price.into_iter().collect(), name, slug }
}

/// The aggregation of a meter, if it is given.
pub(crate) fn aggregation(meter: &Field<'_>) -> Option<Aggregation> {
    meter.at("aggregationType").optional(|word| word.choice(&AGGREGATIONS)).flatten()
}

fn price_of_usage(price: &Field<'_>, name: &str, slug: &str) -> Option<PriceForm> {
    price.at("type").optional(|kind| {
        kind.choice(&[("single_payment", ()), ("subscription", ()), ("usage", ())]);
    });
    let unit_price = price.at("unitPrice").optional(Field::number);
    let usage_events_per_unit = price.at("usageEventsPerUnit").optional(Field::number);
    if unit_price.is_none() && usage_events_per_unit.is_none() {
        return None;
    }
    Some(PriceForm {
        kind: PriceType::Usage,
        name: Some(name.to_owned()),
        slug: Some(slug.to_owned()),
        // A number that no price can have is refused when the price is made.
        unit_price: unit_price.map_or(0, |number| whole(number).unwrap_or(-1)),
        interval_unit: Some(IntervalUnit::Month),
        interval_count: Some(1),
        trial_period_days: None,
        usage_events_per_unit: Some(usage_events_per_unit.map_or(1, |number| whole(number).unwrap_or(-1))),
        is_default: true,
        active: Some(true),
    })
}

fn meter_changes(meter: &Field<'_>) -> MeterChanges {
    meter.at("id").string();
    MeterChanges {
        name: meter.at("name").optional(Field::string),
        slug: meter.at("slug").optional(Field::string),
        aggregation_type: aggregation(meter),
    }
}

fn taken_slug() -> Refusal {
    Refusal::conflict("A usage meter with this slug already exists in this pricing model.")
}

fn slug_is_taken(store: &Store, slug: &str, own_id: Option<&str>) -> bool {
    scope::all::<UsageMeter>(store).any(|meter| meter.slug == slug && Some(meter.meta.id.as_str()) != own_id)
}

fn meter_reply(meter: &UsageMeter) -> Reply {
    Reply::json(&json!({ "usageMeter": meter }))
}
