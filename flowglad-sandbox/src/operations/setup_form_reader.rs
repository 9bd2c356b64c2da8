//! Reads setup forms from JSON.

use serde_json::Value;

use crate::{
    operations::input::{self, Field},
    records::pricing::{Aggregation, FeatureType, IntervalUnit, PriceType, RenewalFrequency},
    rules::pricing::setup_form::{FeatureForm, PriceForm, ProductForm, ResourceForm, SetupForm, UsageMeterForm},
};

/// Reads a form. The list has the issues of its shape.
pub(crate) fn read(body: &Value) -> (SetupForm, Vec<Value>) {
    input::read_with_issues(body, form)
}

/// Reads a form from an object.
pub(crate) fn form(root: &Field<'_>) -> SetupForm {
    SetupForm {
        name: root.at("name").label(),
        is_default: root.at("isDefault").optional(Field::boolean).unwrap_or(false),
        features: each(&root.at("features"), feature),
        products: each(&root.at("products"), product),
        usage_meters: each(&root.at("usageMeters"), usage_meter),
        resources: root.at("resources").optional(|list| each(list, resource)).unwrap_or_default(),
    }
}

fn each<T>(list: &Field<'_>, read: impl Fn(&Field<'_>) -> T) -> Vec<T> {
    list.list().iter().map(|entry| read(&entry.as_object())).collect()
}

fn feature(field: &Field<'_>) -> FeatureForm {
    const KINDS: [(&str, FeatureType); 3] = [
        ("toggle", FeatureType::Toggle),
        ("usage_credit_grant", FeatureType::UsageCreditGrant),
        ("resource", FeatureType::Resource),
    ];
    const FREQUENCIES: [(&str, RenewalFrequency); 2] =
        [("once", RenewalFrequency::Once), ("every_billing_period", RenewalFrequency::EveryBillingPeriod)];
    let kind = field.at("type").discriminator(&KINDS).unwrap_or(FeatureType::Toggle);
    let grants_credits = kind == FeatureType::UsageCreditGrant;
    let of_resource = kind == FeatureType::Resource;
    FeatureForm {
        kind,
        slug: field.at("slug").label(),
        name: field.at("name").string(),
        description: field.at("description").string(),
        active: field.at("active").optional(Field::boolean).unwrap_or(true),
        amount: (grants_credits || of_resource).then(|| field.at("amount").positive()),
        usage_meter_slug: grants_credits.then(|| field.at("usageMeterSlug").string()),
        renewal_frequency: grants_credits.then(|| field.at("renewalFrequency").choice(&FREQUENCIES)).flatten(),
        resource_slug: of_resource.then(|| field.at("resourceSlug").string()),
    }
}

fn product(field: &Field<'_>) -> ProductForm {
    let product = field.object("product");
    ProductForm {
        name: product.at("name").label(),
        slug: product.at("slug").label(),
        description: product.at("description").nullish(Field::string),
        image_url: product.at("imageURL").nullish(Field::string),
        default: product.at("default").optional(Field::boolean).unwrap_or(false),
        active: product.at("active").boolean(),
        singular_quantity_label: product.at("singularQuantityLabel").nullish(Field::string),
        plural_quantity_label: product.at("pluralQuantityLabel").nullish(Field::string),
        price: product_price(&field.object("price")),
        features: field.at("features").list().iter().map(Field::string).collect(),
    }
}

fn product_price(field: &Field<'_>) -> PriceForm {
    const KINDS: [(&str, PriceType); 2] =
        [("subscription", PriceType::Subscription), ("single_payment", PriceType::SinglePayment)];
    let kind = field.at("type").discriminator(&KINDS).unwrap_or(PriceType::SinglePayment);
    let mut price = price(field, kind);
    field.at("usageEventsPerUnit").nothing();
    field.at("usageMeterId").nothing();
    if kind == PriceType::Subscription {
        price.trial_period_days = field.at("trialPeriodDays").nullish(Field::not_negative);
        read_interval(field, &mut price);
    } else {
        for name in ["intervalUnit", "intervalCount", "trialPeriodDays"] {
            field.at(name).nothing();
        }
    }
    price
}

fn usage_price(field: &Field<'_>) -> PriceForm {
    field.at("type").discriminator(&[("usage", ())]);
    field.at("trialPeriodDays").nothing();
    let mut price = price(field, PriceType::Usage);
    price.usage_events_per_unit = Some(field.at("usageEventsPerUnit").positive());
    read_interval(field, &mut price);
    price
}

fn price(field: &Field<'_>, kind: PriceType) -> PriceForm {
    PriceForm {
        kind,
        name: field.at("name").optional(Field::label),
        slug: field.at("slug").optional(Field::label),
        unit_price: field.at("unitPrice").not_negative(),
        interval_unit: None,
        interval_count: None,
        trial_period_days: None,
        usage_events_per_unit: None,
        is_default: field.at("isDefault").boolean(),
        active: field.at("active").optional(Field::boolean),
    }
}

fn read_interval(field: &Field<'_>, price: &mut PriceForm) {
    price.interval_unit = field.at("intervalUnit").choice(&IntervalUnit::CHOICES);
    price.interval_count = Some(field.at("intervalCount").positive());
}

fn usage_meter(field: &Field<'_>) -> UsageMeterForm {
    const AGGREGATIONS: [(&str, Aggregation); 2] =
        [("sum", Aggregation::Sum), ("count_distinct_properties", Aggregation::CountDistinctProperties)];
    let meter = field.object("usageMeter");
    UsageMeterForm {
        name: meter.at("name").label(),
        slug: meter.at("slug").label(),
        aggregation_type: meter
            .at("aggregationType")
            .optional(|word| word.choice(&AGGREGATIONS))
            .flatten()
            .unwrap_or(Aggregation::Sum),
        prices: field.at("prices").optional(|list| each(list, usage_price)).unwrap_or_default(),
    }
}

fn resource(field: &Field<'_>) -> ResourceForm {
    ResourceForm {
        slug: field.at("slug").label(),
        name: field.at("name").label(),
        active: field.at("active").optional(Field::boolean).unwrap_or(true),
    }
}
