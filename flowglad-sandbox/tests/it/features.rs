//! Features, meters and resources created and changed by the API, and the features of products.

use serde_json::{Value, json};

use crate::{
    Api,
    catalog::{new_product, same_product},
    each, text,
};

#[tokio::test]
async fn a_toggle_does_not_fit_a_product_that_is_paid_once() {
    let api = Api::start().await;
    let toggle = api.feature_id("export_csv").await;
    let pack = api.product("credit_pack").await;
    let link = json!({ "productFeature": { "productId": pack["id"], "featureId": toggle } });
    assert!(api.post("/product-features", link).await.error(500).contains("toggle features"));
    let mut body = same_product(&pack);
    body["featureIds"] = json!([toggle]);
    assert_eq!(api.put("/products/x", body).await.status, 500);
    let mut body = new_product(&api, "pack", &[&toggle]).await;
    body["price"] = json!({ "type": "single_payment", "slug": "pack", "unitPrice": 1, "isDefault": true });
    assert_eq!(api.post("/products", body).await.status, 500);
    assert_eq!(api.get("/products").await.ok()["total"], 4, "the refused product is not there");
}

#[tokio::test]
async fn a_feature_that_is_taken_from_a_product_stays_with_those_who_have_it() {
    let api = Api::start().await;
    api.new_customer("early").await;
    api.buy("early", "pro_monthly").await;
    let (pro, feature_id) = (api.product("pro").await, api.feature_id("export_csv").await);
    let links = api.get("/product-features?limit=100").await.ok();
    let link = links["data"].as_array().unwrap().iter().find(|link| link["featureId"] == feature_id.as_str()).unwrap();
    let path = format!("/product-features/{}", text(&link["id"]));
    let expire = api.request(reqwest::Method::POST, &format!("{path}/expire"));
    let expired = crate::send(expire.header("content-type", "application/json")).await.ok();
    assert_eq!(expired, json!({ "success": true }), "without a body");
    assert_eq!(api.get(&path).await.ok()["productFeature"]["expiredAt"], crate::NEW_YEAR);
    assert_eq!(api.product("pro").await["features"].as_array().unwrap().len(), 3);

    api.new_customer("late").await;
    api.buy("late", "pro_monthly").await;
    let slugs =
        |billing: Value| billing["currentSubscription"]["experimental"]["featureItems"].as_array().unwrap().len();
    assert_eq!((slugs(api.billing("early").await), slugs(api.billing("late").await)), (4, 3));

    let again = json!({ "productFeature": { "productId": pro["id"], "featureId": feature_id } });
    let back = api.post("/product-features", again.clone()).await.ok()["productFeature"].clone();
    assert_eq!((&back["id"], &back["expiredAt"]), (&link["id"], &json!(null)), "the same link is back");
    assert_eq!(api.post("/product-features", again).await.ok()["productFeature"]["id"], link["id"], "it is attached");
    assert_eq!(api.post("/product-features/nope/expire", json!({})).await.ok(), json!({ "success": true }));
    let unknown = json!({ "productFeature": { "productId": "nope", "featureId": feature_id } });
    assert_eq!(api.post("/product-features", unknown).await.error(404), "Product with id nope not found");
}

#[tokio::test]
async fn feature_ids_in_a_product_update_are_all_that_the_product_has() {
    let api = Api::start().await;
    let (toggle, credits) = (api.feature_id("export_csv").await, api.feature_id("free_api_credits").await);
    let mut body = same_product(&api.product("pro").await);
    body["featureIds"] = json!([toggle, credits, toggle]);
    api.put("/products/x", body).await.ok();
    assert_eq!(each(&api.product("pro").await["features"], "slug"), ["export_csv", "free_api_credits"]);
}

#[tokio::test]
async fn features_are_changed_within_their_type() {
    let api = Api::start().await;
    let id = api.feature_id("pro_seats").await;
    let shown = api.get(&format!("/features/{id}")).await.ok()["feature"].clone();
    let mut changed = shown.clone();
    changed["amount"] = json!(8);
    changed["name"] = json!("8 seats");
    let path = format!("/features/{id}");
    let answer = api.put(&path, json!({ "feature": changed })).await.ok();
    assert_eq!((&answer["feature"]["amount"], &answer["feature"]["name"]), (&json!(8), &json!("8 seats")));
    let toggle = json!({ "feature": { "id": id, "type": "toggle" } });
    assert_eq!(api.put(&path, toggle).await.status, 400);
    changed["slug"] = json!("export_csv");
    assert_eq!(api.put(&path, json!({ "feature": changed })).await.status, 500, "the slug is taken");
    changed["slug"] = json!("seats_8");
    changed["resourceId"] = json!("resource_other");
    assert_eq!(api.put(&path, json!({ "feature": changed })).await.status, 500, "no such resource");
    let model_id = api.model_id().await;
    let again =
        json!({ "type": "toggle", "slug": "export_csv", "name": "", "description": "", "pricingModelId": model_id });
    let answer = api.post("/features", json!({ "feature": again })).await;
    assert_eq!(answer.error(500), "Failed to insert item into features");
}

#[tokio::test]
async fn a_meter_comes_with_a_no_charge_price_and_with_its_own_if_asked() {
    let api = Api::start().await;
    let prices_of = |made: Value| {
        let id = text(&made["usageMeter"]["id"]);
        let api = &api;
        async move {
            let prices = api.get("/prices?limit=100").await.ok()["data"].clone();
            let of_meter = prices.as_array().unwrap().iter().filter(|price| price["usageMeterId"] == id.as_str());
            let mut prices: Vec<_> = of_meter.map(|price| (text(&price["slug"]), price["isDefault"] == true)).collect();
            prices.sort();
            prices
        }
    };
    let free = json!({ "usageMeter": { "name": "Mails", "slug": "mails" }, "price": { "type": "usage" } });
    let free = api.post("/usage-meters", free).await.ok();
    assert_eq!(free["usageMeter"]["aggregationType"], "sum");
    assert_eq!(prices_of(free).await, [("mails_no_charge".to_owned(), true)]);
    let paid = json!({ "usageMeter": { "name": "Texts", "slug": "texts" }, "price": { "usageEventsPerUnit": 10 } });
    let paid = api.post("/usage-meters", paid).await.ok();
    assert_eq!(prices_of(paid).await, [("texts".to_owned(), true), ("texts_no_charge".to_owned(), false)]);
    let again = json!({ "usageMeter": { "name": "Mails", "slug": "mails" } });
    assert_eq!(
        api.post("/usage-meters", again).await.error(409),
        "A usage meter with this slug already exists in this pricing model."
    );
}

#[tokio::test]
async fn meters_and_resources_are_renamed_by_the_id_in_the_path() {
    let api = Api::start().await;
    let meter_id = api.meter_id().await;
    let change =
        json!({ "usageMeter": { "id": "ignored", "name": "Calls", "aggregationType": "count_distinct_properties" } });
    let meter = api.put(&format!("/usage-meters/{meter_id}"), change).await.ok()["usageMeter"].clone();
    assert_eq!((&meter["id"], &meter["name"]), (&json!(meter_id), &json!("Calls")));
    assert_eq!(meter["aggregationType"], "count_distinct_properties");

    let rooms = api.post("/resources", json!({ "resource": { "slug": "rooms", "name": "Rooms" } })).await.ok();
    let again = api.post("/resources", json!({ "resource": { "slug": "rooms", "name": "Rooms" } })).await;
    assert_eq!(again.error(500), "Failed to insert item into resources");
    let path = format!("/resources/{}", text(&rooms["resource"]["id"]));
    let taken = json!({ "resource": { "id": "x", "slug": "seats" } });
    assert_eq!(api.put(&path, taken).await.status, 500);
    let off = json!({ "resource": { "id": "x", "active": false } });
    assert_eq!(api.put(&path, off).await.ok()["resource"]["active"], false);
    assert_eq!(api.get(&path).await.ok()["resource"]["slug"], "rooms");
    let all = api.get("/resources?limit=1").await.ok();
    assert_eq!(each(&all["resources"], "slug"), ["seats", "rooms"], "no pages");
}
