//! What is in a pricing model: products, prices, features, discounts, usage meters, resources.

use std::num::{NonZeroU32, NonZeroU64};

use flowglad_core::{
    api::{
        DiscountChanges, DiscountTerm, FeatureChanges, FeatureGrant, NewDiscount, NewFeature, NewPrice, NewProduct,
        NewProductFeature, NewResource, NewUsageMeter, NewUsagePrice, PriceChanges, PriceTerms, ProductChanges,
        ResourceChanges, UsageMeterChanges, UsageMeterPrice,
    },
    input::Change,
    model::{AggregationType, DiscountAmountType, IntervalUnit, PriceKind, RenewalFrequency, Timestamp},
};

use super::{Case, case, id, list_cases, under, whole};

const TEN: NonZeroU64 = NonZeroU64::new(10).unwrap();
const THREE: NonZeroU32 = NonZeroU32::new(3).unwrap();

pub(super) fn cases() -> Vec<Case> {
    let parts = [
        products(),
        prices(),
        usage_prices(),
        features(),
        product_features(),
        discounts(),
        usage_meters(),
        resources(),
    ];
    parts.into_iter().flatten().collect()
}

fn full_price() -> NewPrice {
    let (interval_unit, trial_period_days) = (IntervalUnit::Month, Some(14));
    let mut price =
        NewPrice::new(PriceTerms::Subscription { interval_unit, interval_count: THREE, trial_period_days }, 5000);
    price.is_default = false;
    price.name = Some("Pro quarterly".into());
    price.slug = Some("pro_quarterly".into());
    price.active = Some(true);
    price
}

fn products() -> Vec<Case> {
    let product = || under("product");
    let least = || NewProduct::new(id("pricing_model_1"), "pro", "Pro");
    let mut cases = vec![
        case("products.create", "everything", product(), move |api| async move {
            let mut new = least();
            new.active = false;
            new.description = Some("For teams".into());
            new.image_url = Some("https://app.example.com/pro.png".into());
            new.singular_quantity_label = Some("seat".into());
            new.plural_quantity_label = Some("seats".into());
            new.default = Some(false);
            api.products().create(&new, &full_price(), &[id("feature_1"), id("feature_2")]).await
        })
        .examples(&["product-create"]),
        case("products.create", "least", product(), move |api| async move {
            api.products().create(&least(), &NewPrice::once(900), &[]).await
        }),
        case("products.get", "", whole(), |api| async move { api.products().get(&id("prod_1")).await })
            .examples(&["product-get"]),
        case("products.update", "everything", product(), |api| async move {
            let mut changes = ProductChanges::new("Pro", true);
            changes.slug = Some("pro".into());
            changes.description = "For teams".into();
            changes.image_url = "https://app.example.com/pro.png".into();
            changes.singular_quantity_label = "seat".into();
            changes.plural_quantity_label = "seats".into();
            changes.default = Some(false);
            changes.price = Some(full_price());
            changes.feature_ids = Some(vec![id("feature_1"), id("feature_2")]);
            api.products().update(&id("prod_1"), &changes).await
        }),
        case("products.update", "everything emptied", product(), |api| async move {
            let mut changes = ProductChanges::new("Pro", true);
            changes.description = Change::Clear;
            changes.image_url = Change::Clear;
            changes.singular_quantity_label = Change::Clear;
            changes.plural_quantity_label = Change::Clear;
            changes.feature_ids = Some(Vec::new());
            api.products().update(&id("prod_1"), &changes).await
        }),
        case("products.update", "least", product(), |api| async move {
            api.products().update(&id("prod_1"), &ProductChanges::new("Pro", true)).await
        }),
    ];
    cases.extend(list_cases("products.list", |api| api.products().list()));
    cases
}

fn prices() -> Vec<Case> {
    let price = || under("price");
    let mut cases = vec![
        case("prices.create", "everything", price(), |api| async move {
            api.prices().create(&id("prod_1"), &full_price()).await
        }),
        case("prices.create", "every month", price(), |api| async move {
            api.prices().create(&id("prod_1"), &NewPrice::every(IntervalUnit::Month, 2000)).await
        }),
        case("prices.create", "every day", price(), |api| async move {
            api.prices().create(&id("prod_1"), &NewPrice::every(IntervalUnit::Day, 2000)).await
        }),
        case("prices.create", "every year", price(), |api| async move {
            api.prices().create(&id("prod_1"), &NewPrice::every(IntervalUnit::Year, 2000)).await
        }),
        case("prices.create", "once", price(), |api| async move {
            api.prices().create(&id("prod_1"), &NewPrice::once(900)).await
        }),
        case("prices.get", "", price(), |api| async move { api.prices().get(&id("price_1")).await }).examples(&[
            "price-single-payment",
            "price-subscription",
            "price-usage",
        ]),
        case("prices.update", "everything", price(), |api| async move {
            let mut changes = PriceChanges::new(PriceKind::Subscription, true);
            changes.name = "Pro monthly".into();
            changes.slug = "pro_monthly".into();
            changes.active = Some(false);
            api.prices().update(&id("price_1"), &changes).await
        }),
        case("prices.update", "everything emptied", price(), |api| async move {
            let mut changes = PriceChanges::new(PriceKind::Usage, false);
            changes.name = Change::Clear;
            changes.slug = Change::Clear;
            api.prices().update(&id("price_1"), &changes).await
        }),
        case("prices.update", "least", price(), |api| async move {
            api.prices().update(&id("price_1"), &PriceChanges::new(PriceKind::SinglePayment, true)).await
        }),
    ];
    cases.extend(list_cases("prices.list", |api| api.prices().list()));
    cases
}

fn usage_prices() -> Vec<Case> {
    let price = || under("price");
    let least = || NewUsagePrice::monthly(id("usage_meter_1"), 1, TEN);
    vec![
        case("prices.create", "of usage, everything", price(), move |api| async move {
            let mut new = least();
            new.interval_unit = IntervalUnit::Week;
            new.interval_count = THREE;
            new.is_default = false;
            new.name = Some("API overage".into());
            new.slug = Some("api_overage".into());
            new.active = Some(true);
            api.prices().create_for_usage(&new).await
        }),
        case("prices.create", "of usage, least", price(), move |api| async move {
            api.prices().create_for_usage(&least()).await
        }),
    ]
}

/// The three kinds of features.
fn grants() -> [FeatureGrant; 3] {
    let (usage_meter_id, renewal_frequency) = (id("usage_meter_1"), RenewalFrequency::EveryBillingPeriod);
    [
        FeatureGrant::UsageCreditGrant { amount: TEN, usage_meter_id, renewal_frequency },
        FeatureGrant::Resource { amount: TEN, resource_id: id("resource_1") },
        FeatureGrant::Toggle,
    ]
}

fn features() -> Vec<Case> {
    let feature = || under("feature");
    let new = |grant| NewFeature::new(id("pricing_model_1"), "export", "Export", "Any table", grant);
    let mut cases = vec![
        case("features.get", "", feature(), |api| async move { api.features().get(&id("feature_1")).await })
            .examples(&["feature-resource", "feature-toggle", "feature-usage-credit-grant"]),
    ];
    for (form, grant) in ["everything", "of a resource", "least"].into_iter().zip(grants()) {
        let (of_new, of_old) = (grant.clone(), grant);
        cases.push(case("features.create", form, feature(), move |api| {
            let mut new = new(of_new.clone());
            new.active = (form == "everything").then_some(true);
            async move { api.features().create(&new).await }
        }));
        cases.push(case("features.update", form, feature(), move |api| {
            let mut changes = FeatureChanges::new(of_old.clone());
            if form == "everything" {
                changes.slug = Some("export".into());
                changes.name = Some("Export".into());
                changes.description = Some("Any table".into());
                changes.active = Some(false);
            }
            async move { api.features().update(&id("feature_1"), &changes).await }
        }));
    }
    cases.extend(list_cases("features.list", |api| api.features().list()));
    cases
}

fn product_features() -> Vec<Case> {
    let product_feature = || under("productFeature");
    let least = || NewProductFeature::new(id("prod_1"), id("feature_1"));
    let mut cases = vec![
        case("product_features.create", "everything", product_feature(), move |api| async move {
            let mut new = least();
            new.expired_at = Some(Timestamp::from_millis(1_798_761_600_000));
            api.product_features().create(&new).await
        }),
        case("product_features.create", "least", product_feature(), move |api| async move {
            api.product_features().create(&least()).await
        }),
        case("product_features.get", "", product_feature(), |api| async move {
            api.product_features().get(&id("product_feature_1")).await
        })
        .examples(&["product-feature"]),
        case("product_features.expire", "", whole(), |api| async move {
            api.product_features().expire(&id("product_feature_1")).await
        }),
    ];
    cases.extend(list_cases("product_features.list", |api| api.product_features().list()));
    cases
}

fn discounts() -> Vec<Case> {
    let discount = || under("discount");
    let counted = DiscountTerm::NumberOfPayments { number_of_payments: THREE };
    let mut cases = vec![
        case("discounts.create", "everything", discount(), move |api| async move {
            let mut new = NewDiscount::percent("Launch", "LAUNCH20", TEN, counted);
            new.active = Some(true);
            api.discounts().create(&new).await
        }),
        case("discounts.create", "for ever", discount(), |api| async move {
            api.discounts().create(&NewDiscount::fixed("Launch", "LAUNCH20", TEN, DiscountTerm::Forever)).await
        }),
        case("discounts.create", "least", discount(), |api| async move {
            api.discounts().create(&NewDiscount::percent("Launch", "LAUNCH20", TEN, DiscountTerm::Once)).await
        }),
        case("discounts.get", "", discount(), |api| async move { api.discounts().get(&id("discount_1")).await })
            .examples(&["discount"]),
        case("discounts.update", "everything", discount(), move |api| async move {
            let mut changes = DiscountChanges::new("LAUNCH20", TEN, DiscountAmountType::Fixed, counted);
            changes.name = Some("Launch".into());
            changes.active = Some(false);
            api.discounts().update(&id("discount_1"), &changes).await
        }),
        case("discounts.update", "least", discount(), |api| async move {
            let changes = DiscountChanges::new("LAUNCH20", TEN, DiscountAmountType::Percent, DiscountTerm::Once);
            api.discounts().update(&id("discount_1"), &changes).await
        }),
    ];
    cases.extend(list_cases("discounts.list", |api| api.discounts().list()));
    cases
}

fn usage_meters() -> Vec<Case> {
    let meter = || under("usageMeter");
    let mut cases = vec![
        case("usage_meters.create", "everything", meter(), |api| async move {
            let mut new = NewUsageMeter::new("api_calls", "API calls");
            new.price = Some(UsageMeterPrice { unit_price: 1, usage_events_per_unit: TEN });
            new.aggregation_type = Some(AggregationType::CountDistinctProperties);
            api.usage_meters().create(&new).await
        }),
        case("usage_meters.create", "least", meter(), |api| async move {
            api.usage_meters().create(&NewUsageMeter::new("api_calls", "API calls")).await
        }),
        case("usage_meters.get", "", meter(), |api| async move { api.usage_meters().get(&id("usage_meter_1")).await })
            .examples(&["usage-meter"]),
        case("usage_meters.update", "everything", meter(), |api| async move {
            let mut changes = UsageMeterChanges::default();
            changes.name = Some("API calls".into());
            changes.slug = Some("api_calls".into());
            changes.aggregation_type = Some(AggregationType::Sum);
            api.usage_meters().update(&id("usage_meter_1"), &changes).await
        }),
        case("usage_meters.update", "least", meter(), |api| async move {
            api.usage_meters().update(&id("usage_meter_1"), &UsageMeterChanges::default()).await
        }),
    ];
    cases.extend(list_cases("usage_meters.list", |api| api.usage_meters().list()));
    cases
}

fn resources() -> Vec<Case> {
    let resource = || under("resource");
    vec![
        case("resources.create", "everything", resource(), |api| async move {
            let mut new = NewResource::new("seats", "Seats");
            new.active = Some(true);
            api.resources().create(&new).await
        }),
        case("resources.create", "least", resource(), |api| async move {
            api.resources().create(&NewResource::new("seats", "Seats")).await
        }),
        case("resources.get", "", resource(), |api| async move { api.resources().get(&id("resource_1")).await })
            .examples(&["resource"]),
        case("resources.update", "everything", resource(), |api| async move {
            let mut changes = ResourceChanges::default();
            changes.slug = Some("desks".into());
            changes.name = Some("Desks".into());
            changes.active = Some(false);
            api.resources().update(&id("resource_1"), &changes).await
        }),
        case("resources.update", "least", resource(), |api| async move {
            api.resources().update(&id("resource_1"), &ResourceChanges::default()).await
        }),
        case("resources.list", "", under("resources"), |api| async move { api.resources().list().await })
            .examples(&["resources-list"]),
    ]
}
