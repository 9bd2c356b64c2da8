//! Whole pricing models: created, replaced, cloned, exported and set up again, and what a key sees of others.

use serde_json::{Value, json};

use crate::{Api, catalog::monthly, each, model_with_team_and_lite, text};

/// The key's model as a setup form.
async fn export(api: &Api) -> Value {
    let id = api.model_id().await;
    api.get(&format!("/pricing-models/{id}/export")).await.ok()["pricingModel"].clone()
}

/// A model without ids and times, which differ between equal ones.
fn without_identity(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| !(*key == "id" || key.ends_with("Id") || key.ends_with("At")))
            .map(|(key, value)| (key.clone(), without_identity(value)))
            .collect(),
        Value::Array(entries) => entries.iter().map(without_identity).collect(),
        other => other.clone(),
    }
}

/// Replaces everything in the key's model by a form.
async fn replace(api: &Api, mut form: Value) -> crate::Reply {
    let id = api.model_id().await;
    form["id"] = json!(id);
    api.put(&format!("/pricing-models/{id}"), json!({ "pricingModel": form })).await
}

#[tokio::test]
async fn an_exported_model_sets_up_an_equal_one() {
    let api = Api::with_model(model_with_team_and_lite()).await;
    let before = api.model().await;
    let form = export(&api).await;
    let again = api.post("/pricing-models/setup", form.clone()).await.ok()["pricingModel"].clone();
    assert_ne!(again["id"], before["id"]);
    assert_eq!(without_identity(&again), without_identity(&before));
    assert_eq!(export(&api).await, form, "and its export is the same");
    let resources = api.get("/resources").await.ok();
    assert_eq!(each(&resources["resources"], "slug"), ["seats"]);
}

#[tokio::test]
async fn an_export_has_what_was_made_by_api_and_its_time() {
    let api = Api::start().await;
    let id = api.model_id().await;
    let made = json!({
        "product": { "name": "Team", "slug": "team", "active": true, "pricingModelId": id },
        "price": monthly("team_monthly", 5000), "featureIds": [api.feature_id("export_csv").await] });
    api.post("/products", made).await.ok();
    let answer = api.get(&format!("/pricing-models/{id}/export")).await.ok();
    assert_eq!(answer["updatedAt"], crate::NEW_YEAR);
    let team = &answer["pricingModel"]["products"][4];
    assert_eq!((&team["product"]["slug"], &team["price"]["unitPrice"]), (&json!("team"), &json!(5000)));
    assert_eq!(team["features"], json!(["export_csv"]));
    let meters = &answer["pricingModel"]["usageMeters"];
    assert_eq!(
        each(&meters[0]["prices"], "slug"),
        ["api_calls_overage"],
        "each meter makes its no-charge price itself"
    );
}

#[tokio::test]
async fn an_export_leaves_out_what_is_inactive_and_has_null_for_what_is_absent() {
    let api = Api::start().await;
    let toggle = api.feature_id("export_csv").await;
    let off = json!({ "feature": { "id": toggle, "type": "toggle", "active": false } });
    api.put(&format!("/features/{toggle}"), off).await.ok();
    let rooms = api.post("/resources", json!({ "resource": { "name": "Rooms", "slug": "rooms" } })).await.ok();
    let rooms = text(&rooms["resource"]["id"]);
    let off = json!({ "resource": { "id": rooms, "active": false } });
    api.put(&format!("/resources/{rooms}"), off).await.ok();
    api.post("/usage-meters", json!({ "usageMeter": { "name": "Mails", "slug": "mails" } })).await.ok();
    let mut unnamed = monthly("solo", 300);
    unnamed.as_object_mut().unwrap().shift_remove("name");
    let solo = json!({ "name": "Solo", "slug": "solo", "active": true, "pricingModelId": api.model_id().await });
    api.post("/products", json!({ "product": solo, "price": unnamed })).await.ok();

    let form = export(&api).await;
    assert!(each(&form["features"], "active").iter().all(|active| **active == json!(true)));
    assert!(!each(&form["features"], "slug").contains(&&json!("export_csv")));
    assert!(!form["products"][1]["features"].as_array().unwrap().contains(&json!("export_csv")));
    assert_eq!(each(&form["resources"], "slug"), ["seats"]);
    assert_eq!(form["usageMeters"][1].get("prices"), Some(&json!(null)), "no price but the one that setup makes");
    assert_eq!(form["products"][4]["price"].get("name"), Some(&json!(null)));
}

#[tokio::test]
async fn a_product_that_cannot_be_bought_or_a_feature_without_its_resource_prevents_the_export() {
    let api = Api::start().await;
    let path = format!("/pricing-models/{}/export", api.model_id().await);
    let seats = text(&api.get("/resources").await.ok()["resources"][0]["id"]);
    let switch = |active: bool| json!({ "resource": { "id": seats, "active": active } });
    api.put(&format!("/resources/{seats}"), switch(false)).await.ok();
    assert_eq!(api.get(&path).await.error(500), format!("Resource not found: {seats}"));
    api.put(&format!("/resources/{seats}"), switch(true)).await.ok();
    let price = text(&api.product("pro").await["defaultPrice"]["id"]);
    let off = json!({ "price": { "id": price, "type": "subscription", "active": false, "isDefault": false } });
    api.put(&format!("/prices/{price}"), off).await.ok();
    let refused = "Invalid product.price: Product Pro has no active default price";
    assert_eq!(api.get(&path).await.error(500), refused);
}

#[tokio::test]
async fn the_first_model_is_shown_in_full_when_the_key_follows_another() {
    let api = Api::start().await;
    let first = api.get("/pricing-models/default").await.ok();
    let mut form = export(&api).await;
    form["isDefault"] = json!(false);
    api.post("/pricing-models/setup", form.clone()).await.ok();
    assert_eq!(api.get("/pricing-models/default").await.ok(), first);
    let second = api.post("/pricing-models/setup", form).await.ok();
    assert_ne!(api.product("pro").await["id"], first["pricingModel"]["products"][1]["id"], "lists follow the key");
    let id = text(&second["pricingModel"]["id"]);
    assert_eq!(api.get(&format!("/pricing-models/{id}")).await.ok(), second);
}

#[tokio::test]
async fn a_model_with_a_name_that_no_setup_form_may_have_cannot_be_exported() {
    let api = Api::start().await;
    let id = api.model_id().await;
    let product = json!({ "name": "x".repeat(256), "slug": "long", "active": true, "pricingModelId": id });
    api.post("/products", json!({ "product": product, "price": monthly("long", 1) })).await.ok();
    let answer = api.get(&format!("/pricing-models/{id}/export")).await;
    assert_eq!(answer.error(500), "Output validation failed");
}

#[tokio::test]
async fn a_new_model_has_a_free_plan_and_may_become_the_default() {
    let api = Api::start().await;
    let new = |interval: &str| json!({ "pricingModel": { "name": "Second", "isDefault": true }, "defaultPlanIntervalUnit": interval });
    let made = api.post("/pricing-models", new("week")).await.ok()["pricingModel"].clone();
    assert_eq!((&made["isDefault"], made.get("products")), (&json!(true), None));
    let list = api.get("/pricing-models").await.ok();
    let defaults = list["data"].as_array().unwrap().iter().filter(|model| model["isDefault"] == true).count();
    assert_eq!(defaults, 1);
    let session =
        json!({ "type": "product", "priceSlug": "free", "anonymous": true, "successUrl": "/", "cancelUrl": "/" });
    let refusal = api.post("/checkout-sessions", json!({ "checkoutSession": session })).await.error(500);
    assert!(refusal.contains("default product"), "the free plan is there: {refusal}");
    assert_eq!(api.post("/pricing-models", new("moon")).await.status, 400);
}

#[tokio::test]
async fn a_key_sees_other_models_but_nothing_inside_them() {
    let api = Api::start().await;
    let own = api.model_id().await;
    let product = api.product("pro").await;
    let other = api.post("/pricing-models", json!({ "pricingModel": { "name": "Other" } })).await.ok();
    let other = text(&other["pricingModel"]["id"]);
    assert_eq!(api.get("/pricing-models").await.ok()["total"], 2);
    let shown = api.get(&format!("/pricing-models/{other}")).await.ok();
    assert_eq!(shown["pricingModel"]["products"], json!([]));
    assert_eq!(api.get("/products").await.ok()["total"], 4);

    let body = json!({ "product": { "name": "P", "slug": "p", "active": true, "pricingModelId": other },
        "price": monthly("p", 1) });
    let answer = api.post("/products", body).await;
    assert_eq!((answer.status, &answer.body["code"]), (403, &json!("FORBIDDEN")));
    let feature = json!({ "type": "toggle", "slug": "f", "name": "F", "description": "", "pricingModelId": other });
    assert_eq!(api.post("/features", json!({ "feature": feature })).await.status, 500);

    let form = export(&api).await;
    let export_of_other = api.get(&format!("/pricing-models/{other}/export")).await.ok();
    assert_eq!(export_of_other["pricingModel"]["products"], json!([]));
    let mut body = form.clone();
    body["id"] = json!(other);
    assert_eq!(api.put(&format!("/pricing-models/{other}"), json!({ "pricingModel": body })).await.status, 500);

    // The key now belongs to the model that was set up, not to its first one.
    api.post("/pricing-models/setup", form).await.ok();
    let answer = api.get(&format!("/products/{}", text(&product["id"]))).await;
    assert_eq!(answer.status, 500, "a product of another model is not there");
    for path in ["prices", "features", "usage-meters"] {
        let list = api.get(&format!("/{path}?limit=100")).await.ok();
        assert!(list["data"].as_array().unwrap().iter().all(|record| record["pricingModelId"] != own.as_str()));
    }
}

#[tokio::test]
async fn a_clone_is_shown_with_products_of_its_own_and_prices_and_resources_of_its_source() {
    let api = Api::start().await;
    let own = api.model().await;
    let path = format!("/pricing-models/{}/clone", text(&own["id"]));
    let body = json!({ "name": "Copy", "destinationEnvironment": "testmode" });
    let clone = api.post(&path, body).await.ok()["pricingModel"].clone();
    assert_eq!(
        (&clone["name"], &clone["isDefault"], &clone["livemode"]),
        (&json!("Copy"), &json!(false), &json!(false))
    );
    assert_ne!(clone["products"][1]["id"], own["products"][1]["id"]);
    for part in ["products", "defaultProduct"] {
        assert_eq!(without_identity(&clone[part]), without_identity(&own[part]), "{part}");
    }
    let (pro, own_pro) = (&clone["products"][1], &own["products"][1]);
    assert_eq!(pro["pricingModelId"], clone["id"]);
    assert_ne!(pro["prices"][0]["id"], own_pro["prices"][0]["id"]);
    for price in [&pro["prices"][0], &pro["defaultPrice"], &clone["defaultProduct"]["defaultPrice"]] {
        assert_eq!(price["pricingModelId"], own["id"]);
    }
    assert_eq!(each(&pro["features"], "resourceId"), each(&own_pro["features"], "resourceId"));
    assert_eq!(each(&clone["usageMeters"], "slug"), ["api_calls"]);
    assert_eq!(
        (&clone["usageMeters"][0]["prices"], &clone["usageMeters"][0]["defaultPrice"]),
        (&json!([]), &json!(null))
    );
    assert_eq!(api.model_id().await, text(&own["id"]), "the key stays where it was");
    assert_eq!(api.get("/products").await.ok()["total"], 4);
    assert_eq!(api.post("/pricing-models/nope/clone", json!({ "name": "x" })).await.status, 404);
    assert_eq!(api.get("/pricing-models/nope/export").await.status, 404);
    assert_eq!(api.post(&path, json!({ "name": "x", "destinationEnvironment": "moon" })).await.status, 400);
}

#[tokio::test]
async fn a_model_is_renamed_and_made_the_default() {
    let api = Api::start().await;
    let first = api.model_id().await;
    let other = api.post("/pricing-models", json!({ "pricingModel": { "name": "Other" } })).await.ok();
    let other = text(&other["pricingModel"]["id"]);
    let body = json!({ "pricingModel": { "id": other, "name": "Main", "isDefault": true } });
    let changed = api.put(&format!("/pricing-models/{other}"), body).await.ok();
    assert_eq!(
        (&changed["pricingModel"]["name"], &changed["pricingModel"]["isDefault"]),
        (&json!("Main"), &json!(true))
    );
    assert_eq!(api.get(&format!("/pricing-models/{first}")).await.ok()["pricingModel"]["isDefault"], false);
    let body = json!({ "pricingModel": { "id": other, "name": "Main", "isDefault": false } });
    api.put(&format!("/pricing-models/{other}"), body).await.ok();
    assert_eq!(api.get("/pricing-models/default").await.error(500), "Default pricing model not found");
}

#[tokio::test]
async fn a_replacement_needs_all_four_parts() {
    let api = Api::start().await;
    let form = export(&api).await;
    for part in ["features", "products", "usageMeters", "resources"] {
        let mut some = form.clone();
        some.as_object_mut().unwrap().shift_remove(part);
        let answer = replace(&api, some).await;
        assert_eq!((answer.status, &answer.body["error"][0]["path"]), (400, &json!(["pricingModel"])), "{part}");
    }
    let before = api.model().await;
    replace(&api, form).await.ok();
    assert_eq!(without_identity(&api.model().await), without_identity(&before), "an equal form changes nothing");
    assert_eq!(api.product("pro").await["prices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_replacement_changes_makes_and_ends_by_slug() {
    let api = Api::start().await;
    api.new_customer("early").await;
    api.buy("early", "pro_monthly").await;
    let before = api.product("pro").await;
    let mut form = export(&api).await;
    form["name"] = json!("Second edition");
    form["resources"] = json!([{ "slug": "rooms", "name": "Rooms" }]);
    form["usageMeters"][0]["usageMeter"]["name"] = json!("Calls");
    form["usageMeters"][0]["prices"][0]["unitPrice"] = json!(2);
    form["features"] = json!([
        { "type": "toggle", "slug": "export_csv", "name": "Export", "description": "" },
        { "type": "resource", "slug": "rooms_2", "name": "2 rooms", "description": "", "resourceSlug": "rooms", "amount": 2 }]);
    form["products"][0]["features"] = json!([]);
    form["products"][1]["features"] = json!(["export_csv", "rooms_2"]);
    form["products"][1]["price"]["unitPrice"] = json!(2500);
    let products = form["products"].as_array_mut().unwrap();
    products.truncate(2);
    products.push(json!({ "product": { "name": "Team", "slug": "team", "active": true },
        "price": { "type": "subscription", "name": "Team", "slug": "team", "unitPrice": 9000, "intervalUnit": "year",
            "intervalCount": 1, "isDefault": true, "active": true }, "features": ["export_csv"] }));
    assert_eq!(replace(&api, form).await.ok()["pricingModel"]["name"], "Second edition");

    let model = api.model().await;
    assert_eq!(each(&model["products"], "slug"), ["free", "pro", "team"], "the pack and the yearly plan were left out");
    assert_eq!(model["products"][1]["id"], before["id"], "the product is the same");
    assert_eq!(each(&model["products"][1]["prices"], "unitPrice"), [2500]);
    assert_eq!(each(&model["products"][1]["features"], "slug"), ["export_csv", "rooms_2"]);
    assert_eq!(model["usageMeters"][0]["name"], "Calls");
    assert_eq!(model["usageMeters"][0]["defaultPrice"]["unitPrice"], 2);
    let resources = api.get("/resources").await.ok();
    assert_eq!(each(&resources["resources"], "active"), [&json!(false), &json!(true)]);
    let features = api.get("/features?limit=100").await.ok();
    let active = features["data"].as_array().unwrap().iter().filter(|feature| feature["active"] == true).count();
    assert_eq!(active, 2);
    let early = api.billing("early").await;
    let items = &early["currentSubscription"]["experimental"]["featureItems"];
    assert_eq!(items.as_array().unwrap().len(), 4, "who has bought keeps what was bought");

    api.new_customer("late").await;
    api.buy("late", "team").await;
    assert_eq!(api.billing("late").await["invoices"][0]["invoice"]["subtotal"], 9000);
}

#[tokio::test]
async fn a_replacement_that_is_refused_changes_nothing() {
    let api = Api::start().await;
    let before = api.model().await;
    let mut dearer = export(&api).await;
    dearer["products"][0]["price"]["name"] = json!("Not free monthly");
    let mut dethroned = export(&api).await;
    dethroned["products"][0]["product"]["default"] = json!(false);
    dethroned["products"].as_array_mut().unwrap().push(json!({
        "product": { "name": "Zero", "slug": "zero", "active": true, "default": true },
        "price": { "type": "subscription", "slug": "zero", "unitPrice": 0, "intervalUnit": "month", "intervalCount": 1,
            "isDefault": true, "active": true }, "features": [] }));
    for (form, status) in [(dearer, 403), (dethroned, 403)] {
        assert_eq!(replace(&api, form).await.status, status);
    }
    let mut other_type = export(&api).await;
    other_type["features"][0] = json!({ "type": "resource", "slug": "export_csv", "name": "x", "description": "",
        "resourceSlug": "seats", "amount": 1 });
    assert_eq!(replace(&api, other_type).await.status, 500);
    let mut unknown = export(&api).await;
    unknown["products"][1]["features"] = json!(["nope"]);
    assert!(replace(&api, unknown).await.error(500).contains("nope"));
    assert_eq!(api.model().await, before);
}

#[tokio::test]
async fn the_default_product_and_the_meters_survive_a_replacement_by_nothing() {
    let api = Api::start().await;
    let nothing = json!({ "name": "Bare", "features": [], "products": [], "usageMeters": [], "resources": [] });
    replace(&api, nothing).await.ok();
    let model = api.model().await;
    assert_eq!(each(&model["products"], "slug"), ["free"]);
    assert_eq!(each(&model["usageMeters"][0]["prices"], "slug"), ["api_calls_no_charge"]);
    assert_eq!(model["usageMeters"][0]["defaultPrice"]["isDefault"], true);
    assert_eq!(api.new_customer("u").await["subscription"]["status"], "active");
}
