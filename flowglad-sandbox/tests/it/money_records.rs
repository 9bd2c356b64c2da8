//! Invoices, payments, payment methods, purchases and usage events, listed and read one by one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Api, NEW_YEAR, Reply, each, send, text};

/// A customer who pays for Pro and has bought a pack of credits.
async fn paying_customer() -> Api {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    api.buy("u", "credit_pack_500").await;
    api
}

async fn list(api: &Api, path: &str) -> Value {
    api.get(path).await.ok()["data"].clone()
}

/// The id of the first payment: the one for Pro, over 20 dollars.
async fn payment_for_pro(api: &Api) -> String {
    let payments = list(api, "/payments").await;
    let mut payments = payments.as_array().unwrap().iter();
    text(&payments.find(|payment| payment["amount"] == 2000).unwrap()["id"])
}

async fn refund(api: &Api, id: &str, body: Value) -> Reply {
    api.post(&format!("/payments/{id}/refund"), body).await
}

#[tokio::test]
async fn each_money_record_is_listed_and_read_by_its_id() {
    let api = paying_customer().await;
    for (path, wrapper, count) in
        [("/payments", "payment", 2), ("/payment-methods", "paymentMethod", 1), ("/usage-events", "usageEvent", 1)]
    {
        api.use_calls(&api.current("u").await, 1, "t").await.ok();
        let page = api.get(path).await.ok();
        assert_eq!((&page["total"], &page["hasMore"]), (&json!(count), &json!(false)), "{path}");
        for record in page["data"].as_array().unwrap() {
            let alone = api.get(&format!("{path}/{}", text(&record["id"]))).await.ok();
            assert_eq!(&alone[wrapper], record);
        }
    }
    for purchase in api.billing("u").await["purchases"].as_array().unwrap() {
        assert_eq!(&api.get(&format!("/purchases/{}", text(&purchase["id"]))).await.ok()["purchase"], purchase);
    }
}

#[tokio::test]
async fn invoices_are_listed_bare_and_read_with_their_lines() {
    let api = paying_customer().await;
    let bare = list(&api, "/invoices").await;
    assert_eq!(bare.as_array().unwrap().len(), 2);
    for invoice in bare.as_array().unwrap() {
        assert!(invoice.get("invoiceLineItems").is_none());
        let whole = api.get(&format!("/invoices/{}", text(&invoice["id"]))).await.ok();
        assert_eq!(&whole["invoice"], invoice);
        assert_eq!(each(&whole["invoiceLineItems"], "price"), [&invoice["subtotal"]]);
    }
}

#[tokio::test]
async fn an_invoice_line_is_read_without_anything_around_it() {
    let api = paying_customer().await;
    let lines = list(&api, "/invoice-line-items").await;
    assert_eq!(lines.as_array().unwrap().len(), 2);
    for line in lines.as_array().unwrap() {
        assert_eq!(&api.get(&format!("/invoice-line-items/{}", text(&line["id"]))).await.ok(), line);
    }
}

#[tokio::test]
async fn an_invoice_without_a_line_is_listed_and_fails_when_it_is_read() {
    let api = Api::with_model(crate::model_with_team_and_lite()).await;
    api.new_customer("u").await;
    api.buy("u", "trial_monthly").await;
    let invoices = list(&api, "/invoices").await;
    assert_eq!(each(&invoices, "subtotal"), [&json!(0)], "a trial with a card starts with an invoice over nothing");
    let path = format!("/invoices/{}", text(&invoices[0]["id"]));
    let answer = api.get(&path).await;
    assert_eq!(answer.headers["x-should-retry"], "false");
    assert_eq!(answer.error(500), "Output validation failed");
    assert_eq!(api.get("/invoices/inv_nope").await.error(500), "Output validation failed");
}

#[tokio::test]
async fn an_unknown_id_is_the_500_that_the_real_api_gives() {
    let api = Api::start().await;
    for (path, rows) in [
        ("usage-events", "usage events"),
        ("payments", "payments"),
        ("payment-methods", "payment methods"),
        ("purchases", "purchases"),
        ("invoice-line-items", "invoice line items"),
    ] {
        let error = api.get(&format!("/{path}/nope")).await.error(500);
        assert!(error.ends_with(&format!("No {rows} found with id: nope")), "{error}");
    }
    assert!(refund(&api, "nope", json!({})).await.error(500).ends_with("Payment not found: nope"));
}

#[tokio::test]
async fn subscriptions_and_checkout_sessions_are_listed_without_what_comes_with_them() {
    let api = paying_customer().await;
    let subscriptions = list(&api, "/subscriptions").await;
    let current = each(&subscriptions, "current").into_iter().filter(|current| **current == json!(true)).count();
    assert_eq!((subscriptions.as_array().unwrap().len(), current), (2, 1));
    let sessions = api.get("/checkout-sessions?limit=1").await.ok();
    assert_eq!((&sessions["total"], &sessions["hasMore"]), (&json!(2), &json!(true)));
    assert_eq!(sessions["data"][0]["status"], "succeeded");
    assert!(sessions["data"][0].get("url").is_none());
}

#[tokio::test]
async fn a_key_of_another_pricing_model_sees_none_of_it() {
    let api = paying_customer().await;
    api.use_calls(&api.current("u").await, 1, "t").await.ok();
    let purchase = text(&api.billing("u").await["purchases"][0]["id"]);
    let paths = [
        "/subscriptions",
        "/checkout-sessions",
        "/usage-events",
        "/invoices",
        "/invoice-line-items",
        "/payments",
        "/payment-methods",
    ];
    let mut records = vec![format!("/purchases/{purchase}")];
    for path in paths {
        records.push(format!("{path}/{}", text(&list(&api, path).await[0]["id"])));
    }
    let payment = payment_for_pro(&api).await;

    let form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    api.post("/pricing-models/setup", form).await.ok();
    for path in paths {
        assert_eq!(api.get(path).await.ok(), empty_list(), "{path}");
    }
    for path in records {
        assert_eq!(api.get(&path).await.status, 500, "{path}");
    }
    assert_eq!(refund(&api, &payment, json!({})).await.status, 500);
}

#[tokio::test]
async fn pages_go_through_all_records_once_in_the_order_of_time() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    for n in 0..25 {
        api.clock.set(NEW_YEAR + n / 5);
        api.use_calls(&id, 1, &format!("t{n}")).await.ok();
    }
    let mut seen: Vec<(i64, String)> = Vec::new();
    let mut path = "/usage-events?limit=7".to_owned();
    loop {
        let page = api.get(&path).await.ok();
        assert_eq!(page["total"], 25);
        let data = page["data"].as_array().unwrap();
        seen.extend(data.iter().map(|event| (event["createdAt"].as_i64().unwrap(), text(&event["id"]))));
        if page["hasMore"] == json!(false) {
            break;
        }
        path = format!("/usage-events?limit=7&cursor={}", text(&page["nextCursor"]));
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
}

#[tokio::test]
async fn a_refund_gives_the_whole_payment_back_and_leaves_the_rest_alone() {
    let api = paying_customer().await;
    let id = payment_for_pro(&api).await;
    let before = api.billing("u").await;
    api.clock.set(NEW_YEAR + 5);
    let refunded = refund(&api, &id, json!({})).await.ok()["payment"].clone();
    assert_eq!((&refunded["status"], &refunded["refunded"]), (&json!("refunded"), &json!(true)));
    assert_eq!((&refunded["refundedAmount"], &refunded["refundedAt"]), (&json!(2000), &json!(NEW_YEAR + 5)));
    assert_eq!(api.billing("u").await, before, "invoice, purchase and credits do not change");
    let again = refund(&api, &id, json!({})).await.error(500);
    assert_eq!(again, "Invalid payment: Cannot refund a payment that is refunded");
}

#[tokio::test]
async fn a_refund_ignores_its_body_but_needs_one() {
    let api = paying_customer().await;
    let id = payment_for_pro(&api).await;
    let empty = send(api.request(Method::POST, &format!("/payments/{id}/refund"))).await;
    assert_eq!(empty.status, 400, "a refund needs a JSON body");
    let refunded = refund(&api, &id, json!({ "partialAmount": -5 })).await.ok()["payment"].clone();
    assert_eq!((&refunded["status"], &refunded["refundedAmount"]), (&json!("refunded"), &json!(2000)));
    assert_eq!(refund(&api, &id, json!(null)).await.status, 500, "it is refunded already");
}

#[tokio::test]
async fn what_was_refunded_does_not_count_as_paid_when_a_plan_changes() {
    let api = Api::with_model(crate::model_with_team_and_lite()).await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    refund(&api, &payment_for_pro(&api).await, json!({})).await.ok();
    let adjustment = json!({ "timing": "immediately", "newSubscriptionItems": [{ "priceSlug": "team_monthly" }] });
    let path = format!("/subscriptions/{}/preview-adjust", api.current("u").await);
    let preview = api.post(&path, json!({ "adjustment": adjustment })).await.ok();
    assert_eq!(preview["prorationAmount"], 5000);
}

fn empty_list() -> Value {
    json!({ "data": [], "hasMore": false, "total": 0, "currentCursor": null, "nextCursor": null })
}
