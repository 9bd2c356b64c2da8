//! The lists of issues that bad input gets, as the API's validator writes them.

use serde_json::{Value, json};

use crate::Api;

/// The issues of a request, each as its path, joined by dots, and its message.
async fn issues(api: &Api, path: &str, body: Value) -> Vec<(String, String)> {
    let answer = api.post(path, body).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    answer.body["error"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| (joined(&issue["path"]), crate::text(&issue["message"])))
        .collect()
}

fn joined(path: &Value) -> String {
    let steps: Vec<String> = path.as_array().unwrap().iter().map(|step| step.to_string().replace('"', "")).collect();
    steps.join(".")
}

fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.into_iter().map(|(path, message)| (path.to_owned(), message.to_owned())).collect()
}

#[tokio::test]
async fn without_a_known_discriminator_no_other_field_is_checked() {
    let api = Api::start().await;
    for (path, body, place) in [
        ("/checkout-sessions", json!({ "checkoutSession": { "successUrl": 5 } }), "checkoutSession.type"),
        ("/prices", json!({ "price": { "type": "yearly", "unitPrice": "x" } }), "price.type"),
        ("/features", json!({ "feature": { "type": ["toggle"], "slug": 1 } }), "feature.type"),
        ("/discounts", json!({ "discount": { "duration": "twice" } }), "discount.duration"),
        ("/subscriptions/s/adjust", json!({ "adjustment": { "newSubscriptionItems": 5 } }), "adjustment.timing"),
        ("/subscriptions/s/cancel", json!({ "cancellation": {} }), "cancellation.timing"),
    ] {
        let answer = api.post(path, body).await;
        let field = place.split('.').nth(1).unwrap();
        let kind = json!({ "code": "invalid_union", "errors": [], "note": "No matching discriminator",
            "discriminator": field, "path": place.split('.').collect::<Vec<_>>(), "message": "Invalid input" });
        assert_eq!(answer.body["error"], json!([kind]), "{path}");
    }
    let anonymous = json!({ "checkoutSession": { "type": "product", "anonymous": "maybe" } });
    let found = issues(&api, "/checkout-sessions", anonymous).await;
    assert_eq!(found, pairs([("checkoutSession.anonymous", "Invalid input")]));
}

#[tokio::test]
async fn rules_about_several_fields_wait_for_valid_fields_and_have_a_place() {
    let api = Api::start().await;
    let found = issues(&api, "/subscriptions", json!({ "quantity": "2" })).await;
    assert_eq!(found, pairs([("quantity", "Invalid input: expected number, received string")]));
    let session = json!({ "type": "product", "customerExternalId": "c", "successUrl": "s", "cancelUrl": "c",
        "preserveBillingCycleAnchor": "yes" });
    let found = issues(&api, "/checkout-sessions", json!({ "checkoutSession": session })).await;
    let place = "checkoutSession.preserveBillingCycleAnchor";
    assert_eq!(found, pairs([(place, "Invalid input: expected boolean, received string")]));
    let found = issues(&api, "/subscriptions", json!({ "customerId": "c", "customerExternalId": "e" })).await;
    let (customer, price) = (
        "Either customerId or customerExternalId must be provided, but not both",
        "Either priceId or priceSlug must be provided, but not both",
    );
    assert_eq!(found, pairs([("customerId", customer), ("priceId", price)]));
    let paid = json!({ "customerId": "c", "priceId": "p", "doNotCharge": true, "defaultPaymentMethodId": "m" });
    assert_eq!(issues(&api, "/subscriptions", paid).await[0].0, "doNotCharge");

    let event = json!({ "usageEvent": { "subscriptionId": "s", "amount": 1, "transactionId": "t" } });
    let found = issues(&api, "/usage-events", event).await;
    let rule = "Exactly one of priceId, priceSlug, usageMeterId, or usageMeterSlug must be provided";
    assert_eq!(found, pairs([("usageEvent.priceId", rule)]));
    let found = issues(&api, "/subscriptions/s/add-feature", json!({ "featureId": "f", "featureSlug": "g" })).await;
    assert_eq!(found, pairs([("", "Either featureId or featureSlug must be provided, but not both")]));
    let product = json!({ "product": { "name": "", "slug": " Free ", "active": true, "pricingModelId": "m" },
        "price": { "type": "subscription", "unitPrice": 5, "intervalUnit": "month", "intervalCount": 1,
            "isDefault": true } });
    let found = issues(&api, "/products", product).await;
    let slug = "Slug 'free' is reserved for default products only";
    assert_eq!(found, pairs([("product.name", "Name is required"), ("product.slug", slug)]));
}

#[tokio::test]
async fn a_claim_names_its_broken_rule_twice_and_other_problems_once() {
    let api = Api::start().await;
    let path = "/resource-claims/s/claim";
    let rule = "Exactly one of quantity, externalId, or externalIds must be provided";
    let found = issues(&api, path, json!({ "resourceSlug": "desks" })).await;
    assert_eq!(found, pairs([("", rule), ("", rule)]));
    let found = issues(&api, path, json!({ "resourceSlug": "desks", "externalIds": [] })).await;
    assert_eq!(found, pairs([("externalIds", "Too small: expected array to have >=1 items")]));
    let found = issues(&api, path, json!({ "resourceSlug": "desks", "quantity": null })).await;
    assert_eq!(found, pairs([("quantity", "Invalid input: expected number, received null")]));
}

#[tokio::test]
async fn the_query_of_a_resource_is_checked_before_the_subscription_is_looked_for() {
    let api = Api::start().await;
    for query in ["", "?resourceSlug=desks&resourceId=r"] {
        let answer = api.get(&format!("/resource-claims/unknown/usage{query}")).await;
        assert_eq!((answer.status, &answer.body["error"][0]["code"]), (400, &json!("custom")), "{query}");
    }
    let answer = api.get("/resource-claims/unknown/usages?resourceIds=r").await;
    assert_eq!((answer.status, &answer.body["error"][0]["path"]), (400, &json!(["resourceIds"])));
    api.new_customer("u").await;
    let all = api.get("/customers/u/usage-balances?subscriptionId=").await.ok();
    assert_eq!(all["usageMeterBalances"].as_array().unwrap().len(), 1, "an empty filter is none");
}

#[tokio::test]
async fn amounts_of_the_catalog_may_be_texts_and_what_is_no_number_is_named_so() {
    let api = Api::start().await;
    let discount = |amount: Value| {
        json!({ "discount": { "name": "Spring", "code": "spring", "amount": amount, "amountType": "fixed",
            "duration": "once" } })
    };
    assert_eq!(api.post("/discounts", discount(json!("250"))).await.ok()["discount"]["amount"], 250);
    for (amount, message) in [
        (json!("lots"), "Invalid input: expected number, received NaN"),
        (json!({}), "Invalid input: expected number, received NaN"),
        (json!(null), "Too small: expected number to be >0"),
        (json!(2.5), "Invalid input: expected int, received number"),
    ] {
        assert_eq!(issues(&api, "/discounts", discount(amount)).await, pairs([("discount.amount", message)]));
    }
    let price = json!({ "price": { "type": "single_payment", "productId": "p", "isDefault": true, "unitPrice": "x" } });
    let answer = api.post("/prices", price).await;
    let issue = &answer.body["error"][0];
    assert_eq!((&issue["code"], &issue["path"]), (&json!("invalid_union"), &json!(["price", "unitPrice"])));
    assert_eq!(issue["errors"][0][0]["received"], "NaN");
    assert_eq!(
        issue["errors"][1][0],
        json!({ "code": "invalid_value", "values": [0], "path": [],
        "message": "Invalid input: expected 0" })
    );
}

#[tokio::test]
async fn a_time_that_is_none_is_an_invalid_date() {
    let api = Api::start().await;
    let event = json!({ "usageEvents": [{ "subscriptionId": "s", "amount": 1, "transactionId": "t",
        "usageMeterSlug": "m", "usageDate": "yesterday" }] });
    let answer = api.post("/usage-events/bulk", event).await;
    assert_eq!(
        answer.body["error"],
        json!([{ "expected": "date", "code": "invalid_type", "received": "Invalid Date",
            "path": ["usageEvents", 0, "usageDate"], "message": "Invalid input: expected date, received Date" }])
    );
}

#[tokio::test]
async fn a_body_that_is_no_object_has_the_parts_of_the_path_as_its_only_fields() {
    let api = Api::start().await;
    for body in [json!(null), json!([]), json!("text"), json!(5)] {
        let answer = api.put("/products/p", body.clone()).await;
        let missing = "Invalid input: expected object, received undefined";
        assert_eq!(
            (&answer.body["error"][0]["path"], &answer.body["error"][0]["message"]),
            (&json!(["product"]), &json!(missing))
        );
        let answer = api.post("/products", body).await;
        assert_eq!(answer.body["error"][0]["path"], json!([]), "without a parameter the body itself is wrong");
    }
}

#[tokio::test]
async fn an_item_of_no_form_has_the_issues_of_all_four_forms() {
    let api = Api::start().await;
    let adjust = |item: Value| json!({ "adjustment": { "timing": "auto", "newSubscriptionItems": [item] } });
    let answer = api.post("/subscriptions/s/adjust", adjust(json!({ "priceSlug": "pro", "quantity": "two" }))).await;
    let issue = &answer.body["error"][0];
    assert_eq!(
        (&issue["code"], &issue["path"]),
        (&json!("invalid_union"), &json!(["adjustment", "newSubscriptionItems", 0]))
    );
    assert_eq!(issue["errors"].as_array().unwrap().len(), 4);
    let found = issues(&api, "/subscriptions/s/adjust", adjust(json!({ "priceSlug": "pro", "quantity": 0 }))).await;
    let place = "adjustment.newSubscriptionItems.0";
    assert_eq!(
        found,
        pairs([(&format!("{place}.quantity"), "Too small: expected number to be >0")]),
        "the short form is the only one with the right shape"
    );
    let found = issues(&api, "/subscriptions/s/adjust", adjust(json!({}))).await;
    assert_eq!(found[0].0, place);
    assert!(found[0].1.starts_with("Price identifier required: "), "{}", found[0].1);
}

#[tokio::test]
async fn fields_of_another_type_must_be_null() {
    let api = Api::start().await;
    let toggle = json!({ "feature": { "type": "toggle", "slug": "dark", "name": "Dark mode", "description": "",
        "pricingModelId": "m", "amount": 3, "resourceId": null } });
    assert_eq!(issues(&api, "/features", toggle).await, pairs([("feature.amount", "Invalid input: expected null")]));
    let once = json!({ "price": { "type": "single_payment", "productId": "p", "unitPrice": 1, "isDefault": true,
        "intervalCount": 1 } });
    let found = issues(&api, "/prices", once).await;
    assert_eq!(found, pairs([("price.intervalCount", "Invalid input: expected null, received number")]));
}

#[tokio::test]
async fn counts_and_addresses_that_pass_the_validator_fail_when_they_are_stored() {
    let api = Api::start().await;
    api.new_customer("u").await;
    for quantity in [json!(0), json!(1.5), json!(-3)] {
        let new = json!({ "customerExternalId": "u", "priceSlug": "pro_monthly", "quantity": quantity });
        assert_eq!(api.post("/subscriptions", new).await.error(500), "generator body threw");
    }
    let session =
        api.checkout("u", json!({ "type": "product", "priceSlug": "pro_monthly", "successUrl": "home" })).await;
    assert!(session.error(500).contains("Invalid URL"));
}
