//! Products, prices and features created and changed by the API, and their effect on subscriptions.

use serde_json::{Value, json};

use crate::{Api, each, text};

impl Api {
    /// The id of the pricing model that the key belongs to.
    pub(crate) async fn model_id(&self) -> String {
        text(&self.model().await["id"])
    }

    /// The default pricing model in full.
    pub(crate) async fn model(&self) -> Value {
        self.get("/pricing-models/default").await.ok()["pricingModel"].clone()
    }

    /// The starter model's product with this slug, as the products resource shows it.
    pub(crate) async fn product(&self, slug: &str) -> Value {
        let list = self.get("/products?limit=100").await.ok();
        let product = list["data"].as_array().unwrap().iter().find(|product| product["slug"] == slug).unwrap();
        self.get(&format!("/products/{}", text(&product["id"]))).await.ok()
    }

    pub(crate) async fn feature_id(&self, slug: &str) -> String {
        let list = self.get("/features?limit=100").await.ok();
        let feature = list["data"].as_array().unwrap().iter().find(|feature| feature["slug"] == slug).unwrap();
        text(&feature["id"])
    }

    pub(crate) async fn meter_id(&self) -> String {
        text(&self.get("/usage-meters").await.ok()["data"][0]["id"])
    }
}

/// A monthly price with a slug.
pub(crate) fn monthly(slug: &str, cents: i64) -> Value {
    json!({ "type": "subscription", "name": slug, "slug": slug, "unitPrice": cents, "intervalUnit": "month",
        "intervalCount": 1, "isDefault": true })
}

/// The body that creates a product with a monthly price.
pub(crate) async fn new_product(api: &Api, slug: &str, feature_ids: &[&str]) -> Value {
    json!({
        "product": { "name": "Team", "slug": slug, "active": true, "pricingModelId": api.model_id().await },
        "price": monthly(&format!("{slug}_monthly"), 5000),
        "featureIds": feature_ids,
    })
}

/// The body that updates a product with nothing changed.
pub(crate) fn same_product(product: &Value) -> Value {
    json!({ "product": { "id": product["id"], "name": product["name"], "active": product["active"] } })
}

#[tokio::test]
async fn a_product_price_and_feature_made_by_api_can_be_bought_and_show_in_billing() {
    let api = Api::start().await;
    let model_id = api.model_id().await;
    let toggle =
        json!({ "type": "toggle", "slug": "sso", "name": "SSO", "description": "", "pricingModelId": model_id });
    let toggle = api.post("/features", json!({ "feature": toggle })).await.ok();
    let resource = api.post("/resources", json!({ "resource": { "slug": "rooms", "name": "Rooms" } })).await.ok();
    let rooms = json!({ "type": "resource", "slug": "team_rooms", "name": "3 rooms", "description": "", "amount": 3,
        "resourceId": resource["resource"]["id"], "pricingModelId": model_id });
    let rooms = api.post("/features", json!({ "feature": rooms })).await.ok();
    let meter = json!({ "usageMeter": { "name": "Mails", "slug": "mails" }, "price": { "unitPrice": 2 } });
    let meter = api.post("/usage-meters", meter).await.ok();
    let mails = json!({ "type": "usage_credit_grant", "slug": "team_mails", "name": "Mails", "description": "",
        "amount": 50, "usageMeterId": meter["usageMeter"]["id"], "renewalFrequency": "every_billing_period",
        "pricingModelId": model_id });
    let mails = api.post("/features", json!({ "feature": mails })).await.ok();
    let ids: Vec<String> = [&toggle, &rooms, &mails].map(|made| text(&made["feature"]["id"])).into();
    let body = new_product(&api, "team", &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let made = api.post("/products", body).await.ok();
    assert_eq!(made["product"].get("prices"), None, "the reply has the product alone");

    api.new_customer("u").await;
    api.buy("u", "team_monthly").await;
    let billing = api.billing("u").await;
    let experimental = &billing["currentSubscription"]["experimental"];
    assert_eq!(each(&experimental["featureItems"], "slug"), ["sso", "team_rooms", "team_mails"]);
    let balances = experimental["usageMeterBalances"].as_array().unwrap();
    let of_mails = balances.iter().find(|balance| balance["slug"] == "mails").unwrap();
    assert_eq!(of_mails["availableBalance"], 50);
    assert_eq!(billing["invoices"][0]["invoice"]["subtotal"], 5000);
    let slugs = each(&billing["catalog"]["products"], "slug");
    assert!(slugs.contains(&&json!("team")), "{slugs:?}");
    let subscription = text(&billing["currentSubscription"]["id"]);
    let path = format!("/resource-claims/{subscription}/claim");
    let claim = |quantity: i64| api.post(&path, json!({ "resourceSlug": "rooms", "quantity": quantity }));
    assert_eq!(claim(3).await.ok()["usage"]["available"], 0);
    assert_eq!(claim(1).await.status, 400);
    let event =
        json!({ "subscriptionId": subscription, "usageMeterSlug": "mails", "amount": 20, "transactionId": "t" });
    api.post("/usage-events", json!({ "usageEvent": event })).await.ok();
    let balances = api.get("/customers/u/usage-balances").await.ok();
    let of_mails =
        balances["usageMeterBalances"].as_array().unwrap().iter().find(|one| one["slug"] == "mails").unwrap();
    assert_eq!(of_mails["availableBalance"], 30);
}

#[tokio::test]
async fn a_product_is_shown_alone_with_its_inactive_prices_too() {
    let api = Api::start().await;
    let pro = api.product("pro").await;
    assert_eq!(pro.get("product"), None, "no wrapper");
    assert_eq!(each(&pro["features"], "slug"), ["export_csv", "priority_support", "pro_api_credits", "pro_seats"]);
    let mut price = monthly("pro_2", 3000);
    price["productId"] = pro["id"].clone();
    api.post("/prices", json!({ "price": price })).await.ok();

    let pro = api.product("pro").await;
    assert_eq!(each(&pro["prices"], "active"), [&json!(false), &json!(true)]);
    assert_eq!(pro["defaultPrice"]["slug"], "pro_2");
    assert_eq!(api.get("/products/nope").await.error(500), "An unexpected error occurred. Please try again.");
}

#[tokio::test]
async fn a_product_slug_is_taken_once_in_a_model() {
    let api = Api::start().await;
    let body = new_product(&api, "pro", &[]).await;
    assert_eq!(api.post("/products", body).await.error(409), "product slug already exists in this pricing model");
    let mut body = new_product(&api, "team", &[]).await;
    body["price"]["slug"] = json!("pro_monthly");
    assert_eq!(api.post("/products", body).await.error(500), "Failed to insert item into prices");
    let slugs = api.get("/products?limit=100").await.ok();
    assert!(!slugs.to_string().contains("\"team\""), "the product of a refused price is not there");
    let mut pack = same_product(&api.product("credit_pack").await);
    pack["product"]["slug"] = json!("pro");
    assert_eq!(api.put("/products/x", pack).await.status, 500);
}

#[tokio::test]
async fn default_products_are_not_made_by_hand_and_keep_the_slug_free_to_themselves() {
    let api = Api::start().await;
    let mut body = new_product(&api, "team", &[]).await;
    body["product"]["default"] = json!(true);
    let answer = api.post("/products", body.clone()).await;
    assert_eq!((answer.status, &answer.body["code"]), (403, &json!("FORBIDDEN")));
    body["product"]["default"] = json!(false);
    body["product"]["slug"] = json!("free");
    let issues = api.post("/products", body).await;
    assert_eq!((issues.status, &issues.body["error"][0]["path"]), (400, &json!(["product", "slug"])));
    let mut pro = same_product(&api.product("pro").await);
    pro["product"]["default"] = json!(true);
    assert_eq!(api.put("/products/x", pro).await.status, 403);
}

#[tokio::test]
async fn only_name_description_and_image_of_the_default_product_change() {
    let api = Api::start().await;
    let free = api.product("free").await;
    let mut body = same_product(&free);
    body["product"]["slug"] = json!("gratis");
    body["product"]["singularQuantityLabel"] = json!("seat");
    assert_eq!(
        api.put("/products/x", body).await.error(400),
        "Cannot update the following fields on default products: slug, singularQuantityLabel"
    );
    let mut body = same_product(&free);
    body["product"]["name"] = json!("Gratis");
    body["product"]["description"] = json!(null);
    body["product"]["imageURL"] = json!("https://a.example/i.png");
    body["product"]["active"] = json!(false);
    body["price"] = monthly("free_monthly", 900);
    body["price"]["productId"] = free["id"].clone();
    let product = api.put("/products/x", body).await.ok()["product"].clone();
    assert_eq!((&product["name"], &product["description"]), (&json!("Gratis"), &json!(null)));
    assert_eq!(product["imageURL"], "https://a.example/i.png");
    assert_eq!(product["active"], true, "it stays active");
    assert_eq!(api.product("free").await["prices"], free["prices"], "a price is not looked at");
    assert_eq!(api.new_customer("u").await["subscription"]["name"], "Gratis Subscription");
}

#[tokio::test]
async fn a_changed_price_in_a_product_update_takes_the_place_of_the_old_one() {
    let api = Api::start().await;
    let pro = api.product("pro").await;
    let mut body = same_product(&pro);
    body["price"] = monthly("pro_monthly", 2000);
    body["price"]["name"] = json!("Pro monthly");
    body["price"]["productId"] = pro["id"].clone();
    api.put("/products/x", body.clone()).await.ok();
    assert_eq!(api.product("pro").await["prices"], pro["prices"], "an equal price changes nothing");

    body["price"]["unitPrice"] = json!(2500);
    api.put("/products/x", body).await.ok();
    let prices = api.product("pro").await["prices"].clone();
    assert_eq!(each(&prices, "unitPrice"), [2000, 2500]);
    assert_eq!(each(&prices, "active"), [&json!(false), &json!(true)]);
    assert_eq!(each(&prices, "isDefault"), [&json!(false), &json!(true)]);
    assert_eq!(each(&prices, "slug"), ["pro_monthly", "pro_monthly"], "the slug is free as soon as the old one is");
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    assert_eq!(api.billing("u").await["invoices"][0]["invoice"]["subtotal"], 2500);
}

#[tokio::test]
async fn a_new_product_slug_is_copied_to_the_current_price() {
    let api = Api::start().await;
    let pro = api.product("pro").await;
    let mut body = same_product(&pro);
    body["product"]["slug"] = json!("plus");
    assert_eq!(api.put("/products/x", body).await.ok()["product"]["slug"], "plus");
    assert_eq!(api.product("plus").await["defaultPrice"]["slug"], "plus");
}

#[tokio::test]
async fn updates_of_products_and_prices_act_on_the_id_in_the_body() {
    let api = Api::start().await;
    let (pro, pack) = (api.product("pro").await, api.product("credit_pack").await);
    let mut body = same_product(&pro);
    body["product"]["name"] = json!("Plus");
    let path = format!("/products/{}", text(&pack["id"]));
    assert_eq!(api.put(&path, body).await.ok()["product"]["id"], pro["id"]);
    let price = json!({ "id": pro["defaultPrice"]["id"], "type": "subscription", "isDefault": true, "name": "P" });
    let path = format!("/prices/{}", text(&pack["defaultPrice"]["id"]));
    let price = api.put(&path, json!({ "price": price })).await.ok();
    assert_eq!((&price["price"]["id"], &price["price"]["name"]), (&pro["defaultPrice"]["id"], &json!("P")));
    assert_eq!(api.product("credit_pack").await["name"], "Credit pack");
}

#[tokio::test]
async fn a_product_that_is_not_active_is_not_in_the_catalog() {
    let api = Api::start().await;
    let mut body = same_product(&api.product("pro").await);
    body["product"]["active"] = json!(false);
    api.put("/products/x", body).await.ok();
    let model = api.model().await;
    assert_eq!(each(&model["products"], "slug"), ["free", "credit_pack", "pro_yearly"]);
    assert_eq!(api.get("/products").await.ok()["total"], 4, "the list has it");
}

#[tokio::test]
async fn what_is_unknown_is_answered_with_500_by_most_operations() {
    let api = Api::start().await;
    for path in ["features", "product-features", "usage-meters", "resources", "discounts", "api-keys"] {
        let message = api.get(&format!("/{path}/nope")).await.error(500);
        assert!(message.ends_with("found with id: nope"), "{message}");
    }
    assert_eq!(api.get("/pricing-models/nope").await.error(500), "Pricing Model nope not found");
}

#[tokio::test]
async fn hostile_catalog_bodies_are_refused_and_the_server_goes_on() {
    let api = Api::start().await;
    let (pro, meter_id) = (api.product("pro").await, api.meter_id().await);
    let values =
        [json!(null), json!(-1), json!(1.5), json!(1e300), json!(u64::MAX), json!([]), json!({}), json!("\u{0}")];
    for value in &values {
        let mut price = monthly("x", 1);
        price["productId"] = pro["id"].clone();
        price["unitPrice"] = value.clone();
        assert_eq!(api.post("/prices", json!({ "price": price })).await.status, 400, "{value}");
        let usage = json!({ "type": "usage", "usageMeterId": meter_id, "unitPrice": 1, "usageEventsPerUnit": value,
            "intervalUnit": "month", "intervalCount": 1, "isDefault": false });
        assert_eq!(api.post("/prices", json!({ "price": usage })).await.status, 400, "{value}");
        for path in [
            "/products",
            "/prices",
            "/features",
            "/product-features",
            "/usage-meters",
            "/resources",
            "/discounts",
            "/pricing-models",
        ] {
            assert_eq!(api.post(path, value.clone()).await.status, 400, "{path} {value}");
        }
        for path in ["/products/x", "/prices/x", "/features/x", "/usage-meters/x", "/resources/x", "/discounts/x"] {
            assert_eq!(api.put(path, value.clone()).await.status, 400, "{path} {value}");
        }
        let body = json!({ "pricingModel": { "id": "x", "name": "x", "features": value, "products": value,
            "usageMeters": value, "resources": value } });
        assert_eq!(api.put("/pricing-models/x", body).await.status, if *value == json!([]) { 500 } else { 400 });
    }
    let most = 9_007_199_254_740_991_i64;
    let mut dear = monthly("dear", most);
    dear["productId"] = pro["id"].clone();
    dear["trialPeriodDays"] = json!(most);
    dear["intervalCount"] = json!(most);
    api.post("/prices", json!({ "price": dear })).await.ok();
    api.new_customer("u").await;
    let session = api.checkout("u", json!({ "type": "product", "priceSlug": "dear", "quantity": i32::MAX })).await.ok();
    let _ = api.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap());
    api.billing("u").await;
    let usage = json!({ "product": { "name": "P", "slug": "p", "active": true, "pricingModelId": api.model_id().await },
        "price": { "type": "usage", "usageMeterId": meter_id, "unitPrice": 1, "usageEventsPerUnit": 1,
        "intervalUnit": "month", "intervalCount": 1, "isDefault": true } });
    assert_eq!(api.post("/products", usage).await.status, 409, "the meter has a default price");
}
