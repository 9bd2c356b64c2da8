//! Reads the prices of requests.

use crate::{
    operations::input::Field,
    records::pricing::{IntervalUnit, PriceType},
    rules::pricing::setup_form::PriceForm,
};

const PRODUCT_KINDS: [(&str, PriceType); 2] =
    [("subscription", PriceType::Subscription), ("single_payment", PriceType::SinglePayment)];
const KINDS: [(&str, PriceType); 3] = [PRODUCT_KINDS[0], PRODUCT_KINDS[1], ("usage", PriceType::Usage)];

/// Where a price stands, which decides what it may be and how its owner is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// By itself: it names its product or its meter.
    Alone,
    /// Beside a new product.
    WithProduct,
    /// In a product of a setup form.
    SetupProduct,
    /// In a meter of a setup form.
    SetupMeter,
}

/// A price and what it belongs to, as far as the request names it.
#[derive(Debug)]
pub(crate) struct NamedPrice {
    pub(crate) form: PriceForm,
    pub(crate) product_id: Option<String>,
    pub(crate) usage_meter_id: Option<String>,
}

/// A price as an object whose type decides which fields it has.
pub(crate) fn by_type<'a>(field: &Field<'a>) -> (Field<'a>, PriceType) {
    let (price, kind) = field.form_by("type", &KINDS);
    (price, kind.unwrap_or(PriceType::SinglePayment))
}

/// Reads a price.
pub(crate) fn price(field: &Field<'_>, place: Place) -> NamedPrice {
    let (price, kind) = match place {
        Place::Alone | Place::WithProduct => by_type(field),
        Place::SetupProduct => {
            let (price, kind) = field.form_by("type", &PRODUCT_KINDS);
            (price, kind.unwrap_or(PriceType::SinglePayment))
        }
        Place::SetupMeter => (field.as_object(), PriceType::Usage),
    };
    named_price(&price, kind, place)
}

/// Reads the fields in the order in which the API reports them.
fn named_price(price: &Field<'_>, kind: PriceType, place: Place) -> NamedPrice {
    let (recurs, is_usage) = (kind != PriceType::SinglePayment, kind == PriceType::Usage);
    let interval_unit = only_if(recurs, price, "intervalUnit").and_then(|unit| unit.choice(&IntervalUnit::CHOICES));
    let name = words(&price.at("name"), place);
    let interval_count = only_if(recurs, price, "intervalCount").map(|count| count.coerced_positive());
    if place == Place::SetupMeter {
        price.at("type").choice(&[("usage", ())]);
    }
    let trial = only_if(kind == PriceType::Subscription, price, "trialPeriodDays");
    let mut form = PriceForm {
        kind,
        name,
        slug: None,
        interval_unit,
        interval_count,
        trial_period_days: trial.and_then(|days| days.nullish(Field::coerced_not_negative)),
        is_default: price.at("isDefault").boolean(),
        unit_price: price.at("unitPrice").coerced_not_negative(),
        usage_events_per_unit: only_if(is_usage, price, "usageEventsPerUnit").map(|events| events.coerced_positive()),
        active: None,
    };
    let product = if place == Place::Alone { only_if(!is_usage, price, "productId") } else { None };
    let product_id = product.map(|id| id.string());
    form.active = price.at("active").optional(Field::boolean);
    form.slug = words(&price.at("slug"), place);
    let meter = if place == Place::SetupMeter { None } else { only_if(is_usage, price, "usageMeterId") };
    NamedPrice { form, product_id, usage_meter_id: meter.map(|id| id.string()) }
}

/// The field if the price has it. Otherwise it must be absent or `null`.
fn only_if<'a>(applies: bool, price: &Field<'a>, name: &'static str) -> Option<Field<'a>> {
    let field = price.at(name);
    if !applies {
        field.nothing();
    }
    applies.then_some(field)
}

/// A name or slug. Setup forms are stricter.
fn words(field: &Field<'_>, place: Place) -> Option<String> {
    match place {
        Place::Alone | Place::WithProduct => field.nullish(Field::string),
        Place::SetupProduct | Place::SetupMeter => field.optional(Field::label),
    }
}
