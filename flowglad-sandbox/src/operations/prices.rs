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
            prices::{self, FixedTerms, Owner, PriceChanges},
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
    let (owner, form) = input::read(&call.body, new_price)?;
    let id = prices::create(store, &owner, form)?;
    prices::require(store, &id).map(price_reply)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    prices::require(store, call.param("id")).map(price_reply)
}

/// Changes the record whose id is in the body, not in the path, as the real API does.
pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let changes = input::read(&call.body, |root| price_changes(&root.object("price")))?;
    let id = prices::update(store, changes)?;
    prices::require(store, &id).map(price_reply)
}

fn new_price(root: &Field<'_>) -> (Owner, PriceForm) {
    let price = root.object("price");
    let kind = price.at("type").discriminator(&KINDS).unwrap_or(PriceType::SinglePayment);
    let owner = if kind == PriceType::Usage {
        price.at("productId").nothing();
        Owner::UsageMeter(price.at("usageMeterId").string())
    } else {
        Owner::Product(price.at("productId").string())
    };
    (owner, price_form(&price, kind))
}

/// The type of a price that is created with a product.
pub(crate) fn product_price_kind(price: &Field<'_>) -> PriceType {
    price.at("type").discriminator(&KINDS).unwrap_or(PriceType::SinglePayment)
}

/// The amount and interval of a price, as far as its type has them.
pub(crate) fn price_form(price: &Field<'_>, kind: PriceType) -> PriceForm {
    let recurs = kind != PriceType::SinglePayment;
    for (name, is_allowed) in [
        ("intervalUnit", recurs),
        ("intervalCount", recurs),
        ("trialPeriodDays", kind == PriceType::Subscription),
        ("usageEventsPerUnit", kind == PriceType::Usage),
        ("usageMeterId", kind == PriceType::Usage),
    ] {
        if !is_allowed {
            price.at(name).nothing();
        }
    }
    PriceForm {
        kind,
        name: price.at("name").nullish(Field::string),
        slug: price.at("slug").nullish(Field::string),
        unit_price: price.at("unitPrice").not_negative(),
        interval_unit: recurs.then(|| price.at("intervalUnit").choice(&IntervalUnit::CHOICES)).flatten(),
        interval_count: recurs.then(|| price.at("intervalCount").positive()),
        trial_period_days: price
            .at("trialPeriodDays")
            .nullish(Field::not_negative)
            .filter(|_| kind == PriceType::Subscription),
        usage_events_per_unit: (kind == PriceType::Usage).then(|| price.at("usageEventsPerUnit").positive()),
        is_default: price.at("isDefault").boolean(),
        active: price.at("active").optional(Field::boolean),
    }
}

fn price_changes(price: &Field<'_>) -> PriceChanges {
    PriceChanges {
        id: price.at("id").string(),
        kind: price.at("type").discriminator(&KINDS).unwrap_or(PriceType::SinglePayment),
        is_default: price.at("isDefault").boolean(),
        active: price.at("active").optional(Field::boolean),
        name: price.at("name").patch(Field::string),
        slug: price.at("slug").patch(Field::string),
        fixed: FixedTerms {
            product_id: price.at("productId").patch(Field::string),
            usage_meter_id: price.at("usageMeterId").patch(Field::string),
            usage_events_per_unit: price.at("usageEventsPerUnit").patch(Field::positive),
            interval_unit: price
                .at("intervalUnit")
                .patch(|unit| unit.choice(&IntervalUnit::CHOICES))
                .map(Option::flatten),
            interval_count: price.at("intervalCount").patch(Field::positive),
            trial_period_days: price.at("trialPeriodDays").patch(Field::not_negative),
            unit_price: price.at("unitPrice").optional(Field::not_negative),
        },
    }
}

fn price_reply(price: &Price) -> Reply {
    Reply::json(&json!({ "price": price }))
}
