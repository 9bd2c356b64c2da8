//! Prices created and changed by the API: one active price for a product, one default for a meter, immutable terms.

use serde_json::{Value, json};

use crate::{
    Api,
    catalog::{monthly, same_product},
    each, text,
};

#[tokio::test]
async fn a_new_price_ends_the_other_prices_of_its_product() {
    let api = Api::start().await;
    let pro = api.product("pro").await;
    let mut price = monthly("pro_2", 3000);
    price["productId"] = pro["id"].clone();
    price["isDefault"] = json!(false);
    price["active"] = json!(false);
    let made = api.post("/prices", json!({ "price": price })).await.ok()["price"].clone();
    assert_eq!((&made["active"], &made["isDefault"]), (&json!(true), &json!(true)), "it is forced to be");
    let old = api.get(&format!("/prices/{}", text(&pro["defaultPrice"]["id"]))).await.ok();
    assert_eq!((&old["price"]["active"], &old["price"]["isDefault"]), (&json!(false), &json!(false)));

    let back = json!({ "id": old["price"]["id"], "type": "subscription", "isDefault": true, "active": true });
    api.put("/prices/x", json!({ "price": back })).await.ok();
    assert_eq!(each(&api.product("pro").await["prices"], "active"), [&json!(true), &json!(false)]);
}

#[tokio::test]
async fn the_default_product_has_one_price_that_stays_and_the_prices_of_a_product_share_a_type() {
    let api = Api::start().await;
    let free = api.product("free").await;
    let mut price = monthly("more", 0);
    price["productId"] = free["id"].clone();
    assert_eq!(api.post("/prices", json!({ "price": price })).await.status, 403);
    let once = json!({ "type": "single_payment", "unitPrice": 1, "isDefault": true, "slug": "once",
        "productId": api.product("pro").await["id"] });
    assert_eq!(api.post("/prices", json!({ "price": once.clone() })).await.status, 403);
    let mut body = same_product(&api.product("pro").await);
    body["price"] = once;
    assert_eq!(api.put("/products/x", body).await.status, 403, "also in an update of the product");
    let of_free = |fields: Value| {
        let mut price = json!({ "id": free["defaultPrice"]["id"], "type": "subscription", "isDefault": true });
        price.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "price": price })
    };
    for change in [json!({ "type": "usage" }), json!({ "active": false }), json!({ "isDefault": false })] {
        assert_eq!(api.put("/prices/x", of_free(change.clone())).await.status, 403, "{change}");
    }
    let named = api.put("/prices/x", of_free(json!({ "name": "Nothing" }))).await.ok();
    assert_eq!(named["price"]["name"], "Nothing");
}

#[tokio::test]
async fn the_type_of_a_price_is_fixed_and_its_other_terms_in_an_update_are_ignored() {
    let api = Api::start().await;
    let pro = api.product("pro").await;
    let price = &pro["defaultPrice"];
    let mut changed = json!({ "id": price["id"], "type": "single_payment", "isDefault": true });
    let message = api.put("/prices/x", json!({ "price": changed })).await.error(500);
    assert!(message.contains("Invalid type: Cannot change type after price creation."), "{message}");
    changed["type"] = json!("subscription");
    for (field, value) in [
        ("productId", json!("prod_other")),
        ("intervalUnit", json!("year")),
        ("intervalCount", json!(2)),
        ("trialPeriodDays", json!(7)),
        ("unitPrice", json!(-1)),
    ] {
        changed[field] = value;
        let kept = api.put("/prices/x", json!({ "price": changed })).await.ok();
        assert_eq!(kept["price"][field], price[field], "{field}");
    }
    changed["name"] = json!("Renamed");
    assert_eq!(api.put("/prices/x", json!({ "price": changed })).await.ok()["price"]["name"], "Renamed");
    changed["id"] = json!("nope");
    let unknown = api.put("/prices/x", json!({ "price": changed })).await.error(500);
    assert!(unknown.ends_with("No prices found with id: nope"), "{unknown}");
    assert_eq!(api.get("/prices/nope").await.error(404), "Price not found");
}

#[tokio::test]
async fn slugs_are_unique_among_active_product_prices_only() {
    let api = Api::start().await;
    let (pro, meter_id) = (api.product("pro").await, api.meter_id().await);
    let mut price = monthly("credit_pack_500", 3000);
    price["productId"] = pro["id"].clone();
    let answer = api.post("/prices", json!({ "price": price })).await;
    assert_eq!(answer.error(500), "Failed to insert item into prices");
    assert_eq!(api.product("pro").await["prices"], pro["prices"], "the refused price ended no other");
    let rename = json!({ "id": pro["defaultPrice"]["id"], "type": "subscription", "isDefault": true,
        "slug": "credit_pack_500" });
    assert_eq!(api.put("/prices/x", json!({ "price": rename })).await.status, 500);
    let usage = json!({ "type": "usage", "usageMeterId": meter_id, "slug": "pro_monthly", "unitPrice": 1,
        "usageEventsPerUnit": 1, "intervalUnit": "month", "intervalCount": 1, "isDefault": false });
    api.post("/prices", json!({ "price": usage })).await.ok();
}

#[tokio::test]
async fn a_meter_has_one_default_price_and_falls_back_to_no_charge() {
    let api = Api::start().await;
    let meter_id = api.meter_id().await;
    let new = |slug: &str, fields: Value| {
        let mut price = json!({ "type": "usage", "usageMeterId": meter_id, "slug": slug, "unitPrice": 3,
            "usageEventsPerUnit": 1, "intervalUnit": "month", "intervalCount": 1, "isDefault": true });
        price.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "price": price })
    };
    let defaults = || async {
        let prices = api.get("/prices?limit=100").await.ok();
        let of_meter =
            prices["data"].as_array().unwrap().iter().filter(|price| price["usageMeterId"] == meter_id.as_str());
        of_meter.filter(|price| price["isDefault"] == true).map(|price| text(&price["slug"])).collect::<Vec<_>>()
    };
    assert_eq!(defaults().await, ["api_calls_overage"]);
    let dear = api.post("/prices", new("dear", json!({}))).await.ok()["price"].clone();
    assert_eq!((&dear["productId"], &dear["isDefault"]), (&json!(null), &json!(true)));
    assert_eq!(defaults().await, ["dear"], "the new default takes over");
    api.post("/prices", new("asleep", json!({ "active": false }))).await.ok();
    assert_eq!(defaults().await, ["dear"], "an inactive price is no default");

    let unset = json!({ "id": dear["id"], "type": "usage", "isDefault": false });
    api.put("/prices/x", json!({ "price": unset })).await.ok();
    assert_eq!(defaults().await, ["api_calls_no_charge"]);
    let set = json!({ "id": dear["id"], "type": "usage", "isDefault": true });
    api.put("/prices/x", json!({ "price": set })).await.ok();
    assert_eq!(defaults().await, ["dear"]);
    let end = json!({ "id": dear["id"], "type": "usage", "isDefault": true, "active": false });
    api.put("/prices/x", json!({ "price": end })).await.ok();
    assert_eq!(defaults().await, ["api_calls_no_charge"]);
    let model = api.model().await;
    assert_eq!(model["usageMeters"][0]["defaultPrice"]["slug"], "api_calls_no_charge");
    assert_eq!(api.post("/prices", new("mine_no_charge", json!({}))).await.status, 400, "the ending is reserved");
}

#[tokio::test]
async fn only_the_name_of_a_no_charge_price_changes() {
    let api = Api::start().await;
    let prices = api.get("/prices?limit=100").await.ok();
    let free = prices["data"].as_array().unwrap().iter().find(|one| one["slug"] == "api_calls_no_charge").unwrap();
    let change = |fields: Value| {
        let mut price = json!({ "id": free["id"], "type": "usage", "isDefault": false });
        price.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "price": price })
    };
    for refused in [json!({ "isDefault": true }), json!({ "active": false }), json!({ "slug": "x" })] {
        assert_eq!(api.put("/prices/x", change(refused.clone())).await.status, 400, "{refused}");
    }
    assert_eq!(api.put("/prices/x", change(json!({ "name": "Free" }))).await.ok()["price"]["name"], "Free");
}
