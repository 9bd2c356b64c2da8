//! Finds products, prices and features of a pricing model, and shows a whole model.

use serde::Serialize;

use crate::{
    records::pricing::{Feature, Price, PriceType, PricingModel, Product, UsageMeter},
    rules::pricing::prices,
    store::Store,
};

/// A pricing model with what can be bought in it, as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PricingModelView<'a> {
    #[serde(flatten)]
    model: &'a PricingModel,
    products: Vec<ProductView<'a>>,
    usage_meters: Vec<UsageMeterView<'a>>,
    default_product: Option<ProductView<'a>>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductView<'a> {
    #[serde(flatten)]
    product: &'a Product,
    prices: Vec<&'a Price>,
    default_price: &'a Price,
    features: Vec<&'a Feature>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UsageMeterView<'a> {
    #[serde(flatten)]
    meter: &'a UsageMeter,
    prices: Vec<&'a Price>,
    default_price: Option<&'a Price>,
}

/// Shows a model with its active products and prices.
pub(crate) fn view<'a>(store: &'a Store, model: &'a PricingModel) -> PricingModelView<'a> {
    let products: Vec<ProductView<'a>> = store
        .tables
        .products
        .iter()
        .filter(|product| product.pricing_model_id == model.meta.id && product.active)
        .filter_map(|product| product_view(store, product))
        .collect();
    let usage_meters = store
        .tables
        .usage_meters
        .iter()
        .filter(|meter| meter.pricing_model_id == model.meta.id)
        .map(|meter| usage_meter_view(store, meter))
        .collect();
    let default_product = products.iter().find(|view| view.product.default).cloned();
    PricingModelView { model, products, usage_meters, default_product }
}

/// Shows a model as the key of another model sees it: empty.
pub(crate) fn empty_view(model: &PricingModel) -> PricingModelView<'_> {
    PricingModelView { model, products: Vec::new(), usage_meters: Vec::new(), default_product: None }
}

/// Shows a product with all prices that it has or had.
pub(crate) fn product_with_all_prices<'a>(store: &'a Store, product: &'a Product) -> Option<ProductView<'a>> {
    let prices: Vec<&Price> = prices::of_product(store, &product.meta.id).collect();
    let default_price = default_of(&prices)?;
    Some(ProductView { product, prices, default_price, features: features_of(store, &product.meta.id) })
}

fn product_view<'a>(store: &'a Store, product: &'a Product) -> Option<ProductView<'a>> {
    let prices: Vec<&Price> = store
        .tables
        .prices
        .iter()
        .filter(|price| price.active && price.product_id.as_deref() == Some(&product.meta.id))
        .collect();
    let default_price = default_of(&prices)?;
    Some(ProductView { product, prices, default_price, features: features_of(store, &product.meta.id) })
}

fn usage_meter_view<'a>(store: &'a Store, meter: &'a UsageMeter) -> UsageMeterView<'a> {
    let prices: Vec<&Price> = active_meter_prices(store, &meter.meta.id).collect();
    let default_price = default_of(&prices);
    UsageMeterView { meter, prices, default_price }
}

fn default_of<'a>(prices: &[&'a Price]) -> Option<&'a Price> {
    prices.iter().find(|price| price.is_default).or(prices.first()).copied()
}

fn active_meter_prices<'a>(store: &'a Store, meter_id: &str) -> impl Iterator<Item = &'a Price> {
    store.tables.prices.iter().filter(move |price| price.active && price.usage_meter_id.as_deref() == Some(meter_id))
}

/// The features of a product, in the order in which they were attached.
pub(crate) fn features_of<'a>(store: &'a Store, product_id: &str) -> Vec<&'a Feature> {
    store
        .tables
        .product_features
        .owned_by(product_id)
        .filter(|link| link.expired_at.is_none())
        .filter_map(|link| store.tables.features.find(&link.feature_id))
        .collect()
}

/// The price for usage of a meter if the caller names none.
pub(crate) fn default_meter_price<'a>(store: &'a Store, meter_id: &str) -> Option<&'a Price> {
    let prices: Vec<&Price> = active_meter_prices(store, meter_id).collect();
    default_of(&prices)
}

/// The price with this id, if the model has it.
pub(crate) fn price_by_id<'a>(store: &'a Store, model_id: &str, id: &str) -> Option<&'a Price> {
    store.tables.prices.find(id).filter(|price| price.pricing_model_id == model_id)
}

/// The active price with this slug; those of products come before those of meters.
pub(crate) fn price_by_slug<'a>(store: &'a Store, model_id: &str, slug: &str) -> Option<&'a Price> {
    let with_slug =
        |price: &&Price| price.active && price.pricing_model_id == model_id && price.slug.as_deref() == Some(slug);
    let prices = || store.tables.prices.iter().filter(with_slug);
    prices().find(|price| price.kind != PriceType::Usage).or_else(|| prices().next())
}

/// The product that a price belongs to; usage prices have none.
pub(crate) fn product_of<'a>(store: &'a Store, price: &Price) -> Option<&'a Product> {
    price.product_id.as_deref().and_then(|id| store.tables.products.find(id))
}

/// The plan that every new customer of a model gets, if there is one with a price.
pub(crate) fn default_plan<'a>(store: &'a Store, model_id: &str) -> Option<(&'a Product, &'a Price)> {
    let product = store
        .tables
        .products
        .iter()
        .find(|product| product.pricing_model_id == model_id && product.default && product.active)?;
    let price = store.tables.prices.iter().find(|price| {
        price.active && price.is_default && price.product_id.as_deref() == Some(product.meta.id.as_str())
    })?;
    Some((product, price))
}
