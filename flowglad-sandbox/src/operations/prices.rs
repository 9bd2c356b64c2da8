//! `/prices`: prices of products and usage.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
    },
    records::pricing::{IntervalUnit, Price, PriceType},
    refusal::Refusal,
    rules::{
        pricing::{
            prices::{self, Owner, PriceChanges},
            setup_form::PriceForm,
        },
        scope,
    },
    store::Store,
};

const KINDS: [(&str, PriceType); 3] = [
    ("subscription", PriceType::Subscription),
    ("single_payment", PriceType::SinglePayment),
    ("usage", PriceType::Usage),
];

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<Price>(store), |price| price)
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (owner, form) = input::read(call, new_price)?;
    let id = prices::create(store, &owner, form)?;
    prices::require(store, &id).map(price_reply)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    prices::require(store, call.param("id")).map(price_reply)
}

/// Changes the record whose id is in the body, not in the path, as the real API does.
pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let changes = input::read(call, |root| price_changes(&root.at("price")))?;
    let id = prices::update(store, changes)?;
    prices::require(store, &id).map(price_reply)
}

fn new_price(root: &Field<'_>) -> (Owner, PriceForm) {
    let (price, kind) = by_type(&root.at("price"));
    (owner(&price, kind), price_form(&price, kind))
}

/// Reads what a price belongs to.
pub(crate) fn owner(price: &Field<'_>, kind: PriceType) -> Owner {
    if kind == PriceType::Usage {
        price.at("productId").nothing();
        Owner::UsageMeter(price.at("usageMeterId").string())
    } else {
        Owner::Product(price.at("productId").string())
    }
}

/// A price as an object whose type decides which fields it has.
pub(crate) fn by_type<'a>(place: &Field<'a>) -> (Field<'a>, PriceType) {
    let (price, kind) = place.form_by("type", &KINDS);
    (price, kind.unwrap_or(PriceType::SinglePayment))
}

/// The amount and interval of a price, as far as its type has them.
pub(crate) fn price_form(price: &Field<'_>, kind: PriceType) -> PriceForm {
    let terms = price_terms(price, kind);
    if kind != PriceType::Usage {
        price.at("usageMeterId").nothing();
    }
    PriceForm { name: price.at("name").nullish(Field::string), slug: price.at("slug").nullish(Field::string), ..terms }
}

/// Reads all fields but name, slug and owner.
pub(crate) fn price_terms(price: &Field<'_>, kind: PriceType) -> PriceForm {
    let recurs = kind != PriceType::SinglePayment;
    let can_be_tried = kind == PriceType::Subscription;
    let counts_events = kind == PriceType::Usage;
    for (name, is_allowed) in [
        ("intervalUnit", recurs),
        ("intervalCount", recurs),
        ("trialPeriodDays", can_be_tried),
        ("usageEventsPerUnit", counts_events),
    ] {
        if !is_allowed {
            price.at(name).nothing();
        }
    }
    let trial = || price.at("trialPeriodDays").nullish(Field::coerced_not_negative);
    PriceForm {
        kind,
        name: None,
        slug: None,
        interval_unit: recurs.then(|| price.at("intervalUnit").choice(&IntervalUnit::CHOICES)).flatten(),
        interval_count: recurs.then(|| price.at("intervalCount").coerced_positive()),
        trial_period_days: can_be_tried.then(trial).flatten(),
        is_default: price.at("isDefault").boolean(),
        unit_price: price.at("unitPrice").coerced_not_negative(),
        usage_events_per_unit: counts_events.then(|| price.at("usageEventsPerUnit").coerced_positive()),
        active: price.at("active").optional(Field::boolean),
    }
}

fn price_changes(place: &Field<'_>) -> PriceChanges {
    let (price, kind) = by_type(place);
    PriceChanges {
        name: price.at("name").patch(Field::string),
        kind,
        is_default: price.at("isDefault").boolean(),
        active: price.at("active").optional(Field::boolean),
        slug: price.at("slug").patch(Field::string),
        id: price.at("id").string(),
    }
}

fn price_reply(price: &Price) -> Reply {
    Reply::json(&json!({ "price": price }))
}
