//! Pricing models from files: YAML and JSON, the form of today, of exports and of older published files.

use flowglad_sandbox::{PricingModel, Sandbox};
use serde_json::{Value, json};

use crate::{Api, each};

const CREDITS: &str = include_str!("../pricing_files/credits.yaml");
const PAY_AS_YOU_GO: &str = include_str!("../pricing_files/pay_as_you_go.yaml");
const SEATS: &str = include_str!("../pricing_files/seats.yaml");

/// The usage prices of a model's only meter.
async fn meter_prices(api: &Api) -> Value {
    let model = api.get("/pricing-models/default").await.ok();
    model["pricingModel"]["usageMeters"][0]["prices"].clone()
}

#[tokio::test]
async fn a_usage_price_that_was_a_product_is_a_price_of_its_meter() {
    let model = PricingModel::from_yaml(CREDITS).unwrap();
    let [meters, price] = model.notes() else { panic!("{:?}", model.notes()) };
    assert!(meters.contains("`usageMeter`") && meters.ends_with("pictures"), "{meters}");
    assert!(price.contains("picture_usage") && price.contains("usage meter pictures"), "{price}");
    let api = Api::with_model(model).await;
    let products = api.get("/pricing-models/default").await.ok()["pricingModel"]["products"].clone();
    assert_eq!(each(&products, "slug"), ["small", "picture_pack", "free"]);
    let prices = meter_prices(&api).await;
    assert_eq!(each(&prices, "slug"), ["picture_usage", "pictures_no_charge"]);
    assert_eq!(each(&prices, "isDefault"), [true, false]);
    assert_eq!(prices[0]["unitPrice"], 7);

    let subscription = api.sandbox.subscribe("u", "small_monthly").unwrap();
    assert_eq!(api.sandbox.balance("u", "pictures").unwrap(), 50);
    api.buy("u", "picture_pack").await;
    let event =
        json!({ "subscriptionId": subscription, "priceSlug": "picture_usage", "amount": 80, "transactionId": "t" });
    api.post("/usage-events", json!({ "usageEvent": event })).await.ok();
    assert_eq!(api.sandbox.balance("u", "pictures").unwrap(), -10);
}

#[tokio::test]
async fn a_meter_keeps_one_default_price_of_several() {
    let model = PricingModel::from_yaml(PAY_AS_YOU_GO).unwrap();
    assert_eq!(model.notes().len(), 3);
    let api = Api::with_model(model).await;
    let prices = meter_prices(&api).await;
    assert_eq!(each(&prices, "slug"), ["letter", "hundred_letters", "letters_no_charge"]);
    assert_eq!(each(&prices, "isDefault"), [true, false, false]);
    assert_eq!(api.new_customer("u").await["customer"]["externalId"], "u");
}

#[tokio::test]
async fn what_needs_no_change_has_no_note() {
    let model = PricingModel::from_yaml(SEATS).unwrap();
    assert_eq!(model.notes(), [""; 0]);
    let sandbox = Sandbox::builder().pricing_model(model).start().await.unwrap();
    sandbox.subscribe("u", "member_monthly").unwrap();
    assert_eq!(sandbox.features("u").unwrap(), ["bench"]);
    assert_eq!(PricingModel::starter_saas().notes(), [""; 0]);
}

#[tokio::test]
async fn an_export_is_a_pricing_model_again_and_so_is_what_a_model_writes() {
    for text in [CREDITS, PAY_AS_YOU_GO, SEATS] {
        let model = PricingModel::from_yaml(text).unwrap();
        let api = Api::with_model(model.clone()).await;
        let id = api.get("/pricing-models/default").await.ok()["pricingModel"]["id"].clone();
        let export = api.get(&format!("/pricing-models/{}/export", id.as_str().unwrap())).await.text;
        let again = PricingModel::from_json(&export).unwrap();
        assert_eq!(again.notes(), [""; 0]);
        let written: Value = serde_json::from_str(&again.to_json()).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&PricingModel::from_yaml(&again.to_json()).unwrap().to_json()).unwrap(),
            written
        );
        api.post("/pricing-models/setup", written).await.ok();
    }
}

#[test]
fn the_problems_of_a_file_are_named() {
    for (text, problem) in [
        ("a: [", "not YAML"),
        ("- 1", "the whole"),
        ("name: x", "features"),
        ("name: x\nfeatures: []\nusageMeters: []\nproducts: [pro]", "products.0"),
        ("name: x\nfeatures: []\nproducts: []\nusageMeters: [calls]", "usageMeters.0"),
        (
            "name: x\nfeatures: []\nusageMeters: []\nproducts: [{ product: { name: Pro, slug: pro }, price: 7 }]",
            "products.0",
        ),
        ("&a [*a]", "YAML"),
        (
            &CREDITS.replace(
                "usageMeterSlug: \"pictures\"\n    features: []",
                "usageMeterSlug: \"films\"\n    features: []",
            ),
            "products.2.price",
        ),
    ] {
        let error = PricingModel::from_yaml(text).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn a_file_that_unfolds_to_too_much_is_refused() {
    let levels =
        (1..12).map(|level| format!("a{level}: &a{level} [{}]", vec![format!("*a{}", level - 1); 10].join(", ")));
    let bomb: Vec<String> = std::iter::once("a0: &a0 [x, x, x, x]".to_owned()).chain(levels).collect();
    assert!(PricingModel::from_yaml(&bomb.join("\n")).unwrap_err().to_string().contains("not YAML"));
}
