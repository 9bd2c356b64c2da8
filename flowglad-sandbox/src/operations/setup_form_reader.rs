//! Reads setup forms from JSON.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    operations::{
        input::{self, Field},
        price_reader::{self, Place},
        usage_meters::aggregation,
    },
    records::pricing::{Aggregation, FeatureType, RenewalFrequency},
    rules::pricing::{
        prices::{NO_CHARGE, RESERVED_SLUG},
        setup_form::{FeatureForm, PriceForm, ProductForm, ResourceForm, SetupForm, UsageMeterForm},
    },
};

/// Reads a form. The list has the issues of its shape, and of rules within one part of it.
pub(crate) fn read(body: &Value) -> (SetupForm, Vec<Value>) {
    input::read_with_issues(body, |root| {
        let is_default = root.at("isDefault").optional(Field::boolean).unwrap_or(false);
        let name = root.at("name").label();
        let contents = parts(root, [true, true, true, root.at("resources").is_present()]);
        SetupForm { name, is_default, ..contents }
    })
}

/// Reads the features, products, usage meters and resources of a form, as far as each is wanted.
pub(crate) fn parts(root: &Field<'_>, [features, products, meters, resources]: [bool; 4]) -> SetupForm {
    SetupForm {
        name: String::new(),
        is_default: false,
        features: if features {
            unique(&root.at("features"), "Features", feature, |feature| &feature.slug)
        } else {
            vec![]
        },
        products: if products {
            unique(&root.at("products"), "Products", product, |product| &product.slug)
        } else {
            vec![]
        },
        usage_meters: if meters {
            unique(&root.at("usageMeters"), "Usage meters", usage_meter, |meter| &meter.slug)
        } else {
            vec![]
        },
        resources: if resources {
            unique(&root.at("resources"), "Resources", resource, |resource| &resource.slug)
        } else {
            vec![]
        },
    }
}

/// Reads a list whose entries must differ in their slugs.
fn unique<T>(list: &Field<'_>, name: &str, read: fn(&Field<'_>) -> T, slug: fn(&T) -> &String) -> Vec<T> {
    let entries: Vec<T> = list.list().iter().map(read).collect();
    let slugs: HashSet<&String> = entries.iter().map(slug).collect();
    list.rule(slugs.len() == entries.len(), &[], &format!("{name} must have unique slugs"));
    entries
}

fn feature(field: &Field<'_>) -> FeatureForm {
    const KINDS: [(&str, FeatureType); 3] = [
        ("toggle", FeatureType::Toggle),
        ("usage_credit_grant", FeatureType::UsageCreditGrant),
        ("resource", FeatureType::Resource),
    ];
    const FREQUENCIES: [(&str, RenewalFrequency); 2] =
        [("once", RenewalFrequency::Once), ("every_billing_period", RenewalFrequency::EveryBillingPeriod)];
    let (feature, kind) = field.form_by("type", &KINDS);
    let kind = kind.unwrap_or(FeatureType::Toggle);
    let grants_credits = kind == FeatureType::UsageCreditGrant;
    let of_resource = kind == FeatureType::Resource;
    FeatureForm {
        kind,
        slug: feature.at("slug").label(),
        name: feature.at("name").string(),
        description: feature.at("description").string(),
        amount: (grants_credits || of_resource).then(|| feature.at("amount").coerced_positive()),
        renewal_frequency: grants_credits.then(|| feature.at("renewalFrequency").choice(&FREQUENCIES)).flatten(),
        active: feature.at("active").optional(Field::boolean).unwrap_or(true),
        usage_meter_slug: grants_credits.then(|| feature.at("usageMeterSlug").string()),
        resource_slug: of_resource.then(|| feature.at("resourceSlug").string()),
    }
}

fn product(field: &Field<'_>) -> ProductForm {
    let entry = field.as_object();
    let product = entry.object("product");
    ProductForm {
        name: product.at("name").label(),
        description: product.at("description").nullish(Field::string),
        image_url: product.at("imageURL").nullish(Field::string),
        active: product.at("active").boolean(),
        singular_quantity_label: product.at("singularQuantityLabel").nullish(Field::string),
        plural_quantity_label: product.at("pluralQuantityLabel").nullish(Field::string),
        default: product.at("default").optional(Field::boolean).unwrap_or(false),
        slug: product.at("slug").label(),
        price: product_price(&entry.at("price")),
        features: entry.at("features").list().iter().map(Field::string).collect(),
    }
}

fn product_price(field: &Field<'_>) -> PriceForm {
    let form = price_reader::price(field, Place::SetupProduct).form;
    field.rule(form.active == Some(true) && form.is_default, &[], "Price must have active=true and isDefault=true");
    form
}

fn usage_price(field: &Field<'_>) -> PriceForm {
    let form = price_reader::price(field, Place::SetupMeter).form;
    let is_reserved = form.slug.as_deref().is_some_and(|slug| slug.ends_with(NO_CHARGE));
    field.rule(!is_reserved, &["slug"], RESERVED_SLUG);
    field.rule(
        !form.is_default || form.active != Some(false),
        &["isDefault"],
        "An inactive price cannot be set as default. Set active=true or isDefault=false.",
    );
    form
}

fn usage_meter(field: &Field<'_>) -> UsageMeterForm {
    let entry = field.as_object();
    let meter = entry.object("usageMeter");
    UsageMeterForm {
        name: meter.at("name").string(),
        slug: meter.at("slug").string(),
        aggregation_type: aggregation(&meter).unwrap_or(Aggregation::Sum),
        prices: entry
            .at("prices")
            .optional(|prices| prices.list().iter().map(usage_price).collect())
            .unwrap_or_default(),
    }
}

fn resource(field: &Field<'_>) -> ResourceForm {
    let resource = field.as_object();
    ResourceForm {
        slug: resource.at("slug").label(),
        name: resource.at("name").label(),
        active: resource.at("active").optional(Field::boolean).unwrap_or(true),
    }
}
