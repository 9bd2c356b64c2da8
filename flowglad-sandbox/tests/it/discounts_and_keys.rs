//! Discount codes, and the record of the API key.

use flowglad_sandbox::API_KEY_ID;
use serde_json::{Value, json};

use crate::{Api, client, send, text};

fn launch() -> Value {
    json!({ "name": "Launch", "code": "launch20", "amount": 20, "amountType": "percent", "duration": "once" })
}

#[tokio::test]
async fn a_discount_code_is_upper_case_and_unique() {
    let api = Api::start().await;
    let made = api.post("/discounts", json!({ "discount": launch() })).await.ok()["discount"].clone();
    assert_eq!((&made["code"], &made["active"]), (&json!("LAUNCH20"), &json!(true)));
    assert_eq!(made.get("redemptionCount"), None, "only get and list count");
    let again = api.post("/discounts", json!({ "discount": launch() })).await;
    assert_eq!(again.error(500), "Failed to insert item into discounts");
    for code in ["ab", "abcdefghijklmnopqrstu"] {
        let mut discount = launch();
        discount["code"] = json!(code);
        let refused = api.post("/discounts", json!({ "discount": discount })).await;
        assert_eq!((refused.status, &refused.body["error"][0]["path"]), (400, &json!(["discount", "code"])));
    }
}

#[tokio::test]
async fn get_and_list_say_how_often_a_discount_was_redeemed() {
    let api = Api::start().await;
    let made = api.post("/discounts", json!({ "discount": launch() })).await.ok();
    let path = format!("/discounts/{}", text(&made["discount"]["id"]));
    assert_eq!(api.get(&path).await.ok()["discount"]["redemptionCount"], 0);
    let list = api.get("/discounts").await.ok();
    assert_eq!((&list["total"], &list["data"][0]["redemptionCount"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn the_duration_decides_whether_payments_are_counted() {
    let api = Api::start().await;
    let made = api.post("/discounts", json!({ "discount": launch() })).await.ok()["discount"].clone();
    let path = format!("/discounts/{}", text(&made["id"]));
    let mut change = json!({ "id": made["id"], "code": "later", "amount": 100, "amountType": "fixed",
        "duration": "number_of_payments" });
    assert_eq!(api.put(&path, json!({ "discount": change.clone() })).await.status, 400, "it needs a number");
    change["numberOfPayments"] = json!(3);
    let changed = api.put(&path, json!({ "discount": change.clone() })).await.ok()["discount"].clone();
    assert_eq!((&changed["numberOfPayments"], &changed["code"]), (&json!(3), &json!("LATER")));
    assert_eq!(changed["name"], "Launch", "what is left out stays");
    change["duration"] = json!("forever");
    assert_eq!(api.put(&path, json!({ "discount": change.clone() })).await.status, 400, "it must have none");
    change["numberOfPayments"] = json!(null);
    assert_eq!(api.put(&path, json!({ "discount": change })).await.ok()["discount"]["numberOfPayments"], json!(null));
}

#[tokio::test]
async fn the_key_has_a_record_that_follows_the_model_it_belongs_to() {
    let api = Api::start().await;
    let control_api = send(client().get(format!("{}/_sandbox/api-key", api.sandbox.base_url()))).await.ok();
    assert_eq!(control_api, json!({ "id": API_KEY_ID }), "other processes read its id from the control API");
    let path = format!("/api-keys/{API_KEY_ID}");
    let key = api.get(&path).await.ok()["apiKey"].clone();
    assert_eq!((&key["token"], &key["type"]), (&json!("sk_test_sandbox"), &json!("secret")));
    assert_eq!((&key["id"], &key["createdAt"]), (&json!(API_KEY_ID), &json!(crate::NEW_YEAR)));
    assert_eq!(key["pricingModelId"], api.model_id().await);
    let form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    let model = api.post("/pricing-models/setup", form).await.ok();
    let key = api.get(&path).await.ok()["apiKey"].clone();
    assert_eq!(key["pricingModelId"], model["pricingModel"]["id"]);
    assert_eq!(api.get("/api-keys/nope").await.status, 500);
}
