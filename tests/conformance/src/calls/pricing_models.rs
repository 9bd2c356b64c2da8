//! Pricing models, whole.

use std::num::NonZeroU64;

use flowglad_core::{
    api::{
        DestinationEnvironment::{Livemode, Testmode},
        NewPricingModel, PricingModelChanges, PricingModelSetup, SetupFeature, SetupPrice, SetupProduct, SetupResource,
        SetupUsageMeter,
    },
    model::{IntervalUnit, RenewalFrequency},
};
use serde_json::json;

use super::{Case, Reply, case, id, list_cases, under, whole};

pub(super) fn cases() -> Vec<Case> {
    [pricing_models(), changed_pricing_models()].into_iter().flatten().collect()
}

fn pricing_model() -> Reply {
    under("pricingModel")
}

/// Every field that a setup can have. A feature has those of all kinds.
fn full_setup() -> PricingModelSetup {
    let price = json!({
        "type": "subscription", "unitPrice": 2000, "isDefault": true, "slug": "pro_monthly", "name": "Pro monthly",
        "active": true, "intervalUnit": "month", "intervalCount": 1, "trialPeriodDays": 14, "currency": "USD",
    });
    let usage_price = json!({
        "type": "usage", "unitPrice": 1, "isDefault": true, "slug": "per_ten_calls", "name": "Per 10 calls",
        "active": true, "intervalUnit": "month", "intervalCount": 1, "usageEventsPerUnit": 10, "currency": "USD",
    });
    let product = json!({
        "name": "Pro", "slug": "pro", "active": true, "default": false, "description": "For teams",
        "imageURL": "https://app.example.com/pro.png", "singularQuantityLabel": "seat",
        "pluralQuantityLabel": "seats",
    });
    let feature = json!({
        "type": "usage_credit_grant", "slug": "api_credits", "name": "API credits",
        "description": "1000 calls a month", "amount": 1000, "usageMeterSlug": "api_calls",
        "renewalFrequency": "every_billing_period", "resourceSlug": "seats", "active": true,
    });
    let meter = json!({"name": "API calls", "slug": "api_calls", "aggregationType": "sum"});
    let setup = json!({
        "name": "Starter", "isDefault": true, "features": [feature],
        "products": [{"product": product, "price": price, "features": ["api_credits"]}],
        "usageMeters": [{"usageMeter": meter, "prices": [usage_price]}],
        "resources": [{"slug": "seats", "name": "Seats", "active": true}],
    });
    serde_json::from_value(setup).unwrap()
}

/// One of each kind, as code writes them.
fn written_setup() -> PricingModelSetup {
    let mut setup = PricingModelSetup::new("Starter");
    let often = RenewalFrequency::EveryBillingPeriod;
    setup.features = vec![
        SetupFeature::toggle("export", "Export", "Any table"),
        SetupFeature::credits("calls", "Calls", "100 a month", "api_calls", 100, often),
        SetupFeature::capacity("desks", "Desks", "5 of them", "seats", 5),
    ];
    let monthly = SetupPrice::every("pro_monthly", IntervalUnit::Month, 2000);
    let pack = SetupPrice::once("pack_500", 900);
    setup.products = vec![
        SetupProduct::new("pro", "Pro", monthly, ["export", "calls", "desks"]),
        SetupProduct::new("pack", "Pack", pack, Vec::<String>::new()),
    ];
    let mut meter = SetupUsageMeter::new("api_calls", "API calls");
    let ten = NonZeroU64::new(10).unwrap();
    meter.prices = Some(vec![SetupPrice::usage("overage", 1, ten)]);
    setup.usage_meters = vec![meter, SetupUsageMeter::new("storage", "Storage")];
    setup.resources = vec![SetupResource::new("seats", "Seats")];
    setup
}

fn pricing_models() -> Vec<Case> {
    let mut cases =
        vec![
            case("pricing_models.create", "everything", pricing_model(), |api| async move {
                let mut new = NewPricingModel::new("Europe");
                new.is_default = Some(true);
                new.default_plan_interval_unit = Some(IntervalUnit::Month);
                api.pricing_models().create(&new).await
            })
            .examples(&["pricing-model-create"]),
            case("pricing_models.create", "least", pricing_model(), |api| async move {
                api.pricing_models().create(&NewPricingModel::new("Europe")).await
            }),
            case("pricing_models.setup", "everything", pricing_model(), |api| async move {
                api.pricing_models().setup(&full_setup()).await
            })
            .examples(&["pricing-model-setup"]),
            case("pricing_models.setup", "one of each kind", pricing_model(), |api| async move {
                api.pricing_models().setup(&written_setup()).await
            }),
            case("pricing_models.setup", "least", pricing_model(), |api| async move {
                api.pricing_models().setup(&PricingModelSetup::new("Starter")).await
            }),
            case("pricing_models.get", "", pricing_model(), |api| async move {
                api.pricing_models().get(&id("pricing_model_1")).await
            }),
            case("pricing_models.default", "", pricing_model(), |api| async move {
                api.pricing_models().default_model().await
            })
            .examples(&["pricing-model-default"]),
            case("pricing_models.default", "in short", pricing_model(), |api| async move {
                api.default_pricing_model().await
            }),
            case("pricing_models.export", "", whole(), |api| async move {
                api.pricing_models().export(&id("pricing_model_1")).await
            }),
        ];
    cases.extend(list_cases("pricing_models.list", |api| api.pricing_models().list()));
    cases
}

fn changed_pricing_models() -> Vec<Case> {
    vec![
        case("pricing_models.update", "everything", pricing_model(), |api| async move {
            let mut setup = full_setup();
            setup.is_default = Some(true);
            let changes = PricingModelChanges::Replace(setup);
            api.pricing_models().update(&id("pricing_model_1"), &changes).await
        }),
        case("pricing_models.update", "least", pricing_model(), |api| async move {
            let changes = PricingModelChanges::Rename { name: "Europe".into(), is_default: None };
            api.pricing_models().update(&id("pricing_model_1"), &changes).await
        }),
        case("pricing_models.clone", "everything", pricing_model(), |api| async move {
            api.pricing_models().clone_model(&id("pricing_model_1"), "Copy", Some(Livemode)).await
        }),
        case("pricing_models.clone", "for tests", pricing_model(), |api| async move {
            api.pricing_models().clone_model(&id("pricing_model_1"), "Copy", Some(Testmode)).await
        }),
        case("pricing_models.clone", "least", pricing_model(), |api| async move {
            api.pricing_models().clone_model(&id("pricing_model_1"), "Copy", None).await
        }),
    ]
}
