//! The catalog: what the pricing models sell.

use std::sync::Arc;

use askama::Template;
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};

use crate::{
    http::{
        dashboard::frame::{Frame, Part},
        pages::{page::page, plan, wording::label},
    },
    records::{
        money,
        pricing::{Feature, Price, PriceType, PricingModel, Product, UsageMeter},
    },
    rules::pricing::{prices, pricing_model},
    state::SandboxState,
    store::Store,
};

/// The most pricing models that are shown, newest first.
const MOST_MODELS: usize = 20;
/// The most products of a model that are shown.
const MOST_PRODUCTS: usize = 200;

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route("/dashboard/catalog", get(show))
}

#[derive(Template)]
#[template(path = "dashboard/catalog.html")]
struct CatalogPage {
    frame: Frame,
    models: Vec<ModelPart>,
}

struct ModelPart {
    id: String,
    name: String,
    /// Whether the API key belongs to it.
    is_of_key: bool,
    products: Vec<ProductPart>,
    meters: Vec<MeterRow>,
    resources: Vec<ResourceRow>,
}

struct ProductPart {
    name: String,
    slug: String,
    description: String,
    active: bool,
    default: bool,
    prices: Vec<PriceRow>,
    features: Vec<FeatureRow>,
}

struct PriceRow {
    slug: String,
    kind: String,
    price: String,
    note: String,
    active: bool,
}

struct FeatureRow {
    name: String,
    slug: String,
    kind: String,
    amount: Option<i64>,
}

struct MeterRow {
    name: String,
    slug: String,
    aggregation: String,
    prices: Vec<PriceRow>,
}

struct ResourceRow {
    name: String,
    slug: String,
}

async fn show(State(state): State<Arc<SandboxState>>) -> Response {
    let catalog = state.read(|store| {
        let mut models: Vec<&PricingModel> = store.tables.pricing_models.iter().rev().collect();
        models.sort_by_key(|model| model.meta.id != store.key_model_id);
        CatalogPage {
            frame: Frame::new(&state, store, Part::Catalog),
            models: models.into_iter().take(MOST_MODELS).map(|model| model_part(store, model)).collect(),
        }
    });
    page(StatusCode::OK, &catalog)
}

fn model_part(store: &Store, model: &PricingModel) -> ModelPart {
    let id = model.meta.id.as_str();
    let tables = &store.tables;
    let products = tables.products.iter().filter(|product| product.pricing_model_id == id);
    let meters = tables.usage_meters.iter().filter(|meter| meter.pricing_model_id == id);
    let resources = tables.resources.iter().filter(|resource| resource.pricing_model_id == id);
    ModelPart {
        id: id.to_owned(),
        name: model.name.clone(),
        is_of_key: id == store.key_model_id,
        products: products.take(MOST_PRODUCTS).map(|product| product_part(store, product)).collect(),
        meters: meters.map(|meter| meter_row(store, meter)).collect(),
        resources: resources
            .map(|resource| ResourceRow { name: resource.name.clone(), slug: resource.slug.clone() })
            .collect(),
    }
}

fn product_part(store: &Store, product: &Product) -> ProductPart {
    ProductPart {
        name: product.name.clone(),
        slug: product.slug.clone(),
        description: product.description.clone().unwrap_or_default(),
        active: product.active,
        default: product.default,
        prices: prices::of_product(store, &product.meta.id).map(price_row).collect(),
        features: pricing_model::features_of(store, &product.meta.id).into_iter().map(feature_row).collect(),
    }
}

fn price_row(price: &Price) -> PriceRow {
    let trial = price.trial_period_days.filter(|days| *days > 0).map(|days| format!("{days} days of trial"));
    let events = price.usage_events_per_unit.map(|events| format!("for every {events} used"));
    PriceRow {
        slug: price.slug.clone().unwrap_or_default(),
        kind: label(&price.kind),
        price: match price.kind {
            PriceType::Usage => money::format(price.unit_price, &price.currency),
            PriceType::Subscription | PriceType::SinglePayment => plan::price_in_words(price, price.interval()),
        },
        note: trial.or(events).unwrap_or_default(),
        active: price.active,
    }
}

fn feature_row(feature: &Feature) -> FeatureRow {
    FeatureRow {
        name: feature.name.clone(),
        slug: feature.slug.clone(),
        kind: label(&feature.kind),
        amount: feature.amount,
    }
}

fn meter_row(store: &Store, meter: &UsageMeter) -> MeterRow {
    let prices = store.tables.prices.iter().filter(|price| price.usage_meter_id.as_ref() == Some(&meter.meta.id));
    MeterRow {
        name: meter.name.clone(),
        slug: meter.slug.clone(),
        aggregation: label(&meter.aggregation_type),
        prices: prices.map(price_row).collect(),
    }
}
