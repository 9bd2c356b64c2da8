//! The customer scope: creation of customers, checks of ownership, and reads of the billing document.

use std::collections::BTreeSet;

use flowglad_core::{
    Billing, Error, SideEffect,
    api::{Adjustment, CancellationTiming, NewSubscription, NewUsageEvent, PriceRef},
    input::ListPage,
};
use serde_json::{Value, json as object};
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    ada, answer, builder, client,
    documents::{billing, customer, subscription, toggle},
    json, on, seen,
    upstream::{hanging_up, not_found, refusal},
};

const BILLING: &str = "/customers/user_42/billing";

async fn read(document: Value) -> Billing {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(document)).await;
    client(&server).customer(&ada()).billing().await.unwrap()
}

#[tokio::test]
async fn billing_of_a_known_customer_takes_one_request() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    client(&server).customer(&ada()).billing().await.unwrap();
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
}

#[tokio::test]
async fn an_unknown_customer_is_created_with_the_sessions_data_and_then_read() {
    let server = MockServer::start().await;
    on("GET", BILLING).respond_with(not_found()).up_to_n_times(1).mount(&server).await;
    answer(&server, "POST", "/customers", json(object!({"data": {"customer": customer("user_42")}}))).await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    client(&server).customer(&ada()).find_or_create_customer_billing().await.unwrap();
    assert_eq!(
        seen(&server).await,
        ["GET /customers/user_42/billing", "POST /customers", "GET /customers/user_42/billing"]
    );
    let created: Value = server.received_requests().await.unwrap()[1].body_json().unwrap();
    let expected = object!({"customer": {"email": "ada@example.com", "name": "Ada", "externalId": "user_42"}});
    assert_eq!(created, expected);
}

#[tokio::test]
async fn a_customer_created_by_a_concurrent_request_is_read() {
    let server = MockServer::start().await;
    on("GET", BILLING).respond_with(not_found()).up_to_n_times(1).mount(&server).await;
    answer(&server, "POST", "/customers", refusal(409, "CONFLICT", "already exists")).await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    client(&server).customer(&ada()).billing().await.unwrap();
}

#[tokio::test]
async fn creation_of_a_customer_is_retried_because_an_external_id_is_unique() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, not_found()).await;
    answer(&server, "POST", "/customers", ResponseTemplate::new(502)).await;
    client(&server).customer(&ada()).billing().await.unwrap_err();
    let requests = seen(&server).await;
    assert_eq!(requests, [&["GET /customers/user_42/billing"][..], &["POST /customers"; 3]].concat());
}

#[tokio::test]
async fn found_and_created_customers_have_the_same_form() {
    let server = MockServer::start().await;
    let created = object!({"data": {"customer": customer("user_42"), "subscription": null}});
    on("GET", "/customers/user_42").respond_with(not_found()).up_to_n_times(1).mount(&server).await;
    answer(&server, "POST", "/customers", json(created)).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let (flowglad, ada) = (client(&server), ada());
    let created = flowglad.customer(&ada).find_or_create().await.unwrap();
    let found = flowglad.customer(&ada).find_or_create().await.unwrap();
    assert_eq!(created.raw().as_str(), found.raw().as_str());
    assert_eq!(seen(&server).await, ["GET /customers/user_42", "POST /customers", "GET /customers/user_42"]);
}

#[tokio::test]
async fn checks_use_the_first_current_subscription_or_the_named_one() {
    let mut second = subscription("sub_2", "user_42", &["support"]);
    second["experimental"]["usageMeterBalances"][0]["availableBalance"] = 7.into();
    let billing = read(billing("user_42", &[subscription("sub_1", "user_42", &["export"]), second])).await;
    let (second, other) = ("sub_2".parse().unwrap(), "sub_3".parse().unwrap());

    assert!(billing.check_feature_access("export") && !billing.check_feature_access("support"));
    assert!(billing.check_feature_access_on(&second, "support"));
    assert!(!billing.check_feature_access_on(&second, "export"));
    assert!(!billing.check_feature_access_on(&other, "export"));
    assert_eq!(billing.check_usage_balance("api_calls").unwrap().available_balance, 1380);
    assert_eq!(billing.check_usage_balance_on(&second, "api_calls").unwrap().available_balance, 7);
    assert!(billing.check_usage_balance_on(&other, "api_calls").is_none());
    assert!(billing.check_usage_balance("storage").is_none());
    assert_eq!(billing.current_subscription().unwrap().id, second);
}

#[tokio::test]
async fn a_customer_without_a_subscription_can_change_nothing() {
    let billing = read(billing("user_42", &[])).await;
    assert!(!billing.check_feature_access("export"));
    assert!(billing.check_usage_balance("api_calls").is_none());
    assert!(billing.current_subscription().is_none());
}

#[tokio::test]
async fn only_toggles_count_for_feature_access() {
    let mut credits = toggle("credits");
    credits["type"] = "usage_credit_grant".into();
    let mut pro = subscription("sub_1", "user_42", &[]);
    pro["experimental"]["featureItems"] = object!([credits]);
    assert!(!read(billing("user_42", &[pro])).await.check_feature_access("credits"));
}

#[tokio::test]
async fn products_prices_and_purchases_are_found_by_slug() {
    let billing = read(billing("user_42", &[])).await;
    assert_eq!(billing.get_product("pro").unwrap().name, "Pro");
    assert_eq!(billing.get_price("pack_500").unwrap().id.as_str(), "price_pack");
    assert_eq!(billing.get_price("api_calls_overage").unwrap().id.as_str(), "price_usage");
    assert!(billing.get_product("gold").is_none() && billing.get_price("gold").is_none());
    assert!(billing.has_purchased("pro"));
    assert!(!billing.has_purchased("pack") && !billing.has_purchased("gold"));
}

#[tokio::test]
async fn unknown_values_and_missing_fields_do_not_break_billing() {
    let mut pro = subscription("sub_1", "user_42", &["export"]);
    pro["status"] = "hibernating".into();
    pro["experimental"]["featureItems"][0]["type"] = "quantum".into();
    let mut document = billing("user_42", &[pro]);
    document["invoices"][0]["invoice"]["status"] = "framed".into();
    document["pricingModel"]["products"][0]["prices"][0]["type"] = "barter".into();
    document["pricingModel"]["usageMeters"] = Value::Null;
    document["brandNew"] = object!({"field": [1, 2]});
    let billing = read(document).await;
    assert!(!billing.check_feature_access("export"));
    assert!(billing.raw().as_str().contains("brandNew"));
}

#[tokio::test]
async fn a_list_after_an_unknown_record_is_refused() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let (flowglad, ada) = (client(&server), ada());
    let page = |limit, after: Option<&str>| ListPage { limit, starting_after: after.map(str::to_owned) };
    let ids = async |wanted| -> Result<Vec<String>, Error> {
        let invoices = flowglad.customer(&ada).invoices(&wanted).await?;
        Ok(invoices.iter().map(|bill| bill.invoice.id.to_string()).collect())
    };
    assert_eq!(ids(page(None, None)).await.unwrap(), ["inv_1", "inv_2", "inv_3"]);
    assert_eq!(ids(page(Some(1), Some("inv_1"))).await.unwrap(), ["inv_2"]);
    assert!(ids(page(Some(0), None)).await.unwrap().is_empty());
    assert!(ids(page(None, Some("inv_3"))).await.unwrap().is_empty());
    assert!(matches!(ids(page(None, Some("inv_9"))).await, Err(Error::InvalidInput(_))));
}

async fn server_with_subscription(owner: &str) -> MockServer {
    let server = MockServer::start().await;
    let sub = object!({"subscription": subscription("sub_1", owner, &[])});
    answer(&server, "GET", "/subscriptions/sub_1", json(&sub)).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    answer(&server, "POST", "/subscriptions/sub_1/cancel", json(&sub)).await;
    server
}

#[tokio::test]
async fn cancel_sends_three_requests_of_which_two_are_concurrent() {
    let server = server_with_subscription("user_42").await;
    let now = CancellationTiming::Immediately;
    client(&server).customer(&ada()).cancel_subscription(&"sub_1".parse().unwrap(), now).await.unwrap();
    let mut requests = seen(&server).await;
    requests[..2].sort();
    assert_eq!(requests, ["GET /customers/user_42", "GET /subscriptions/sub_1", "POST /subscriptions/sub_1/cancel"]);
    let body: Value = server.received_requests().await.unwrap()[2].body_json().unwrap();
    assert_eq!(body, object!({"cancellation": {"timing": "immediately"}}));
}

#[tokio::test]
async fn cancel_refuses_a_subscription_of_another_customer() {
    let server = server_with_subscription("bob").await;
    let refused = client(&server)
        .customer(&ada())
        .cancel_subscription(&"sub_1".parse().unwrap(), CancellationTiming::Immediately)
        .await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    assert!(seen(&server).await.iter().all(|request| request.starts_with("GET")));
}

#[tokio::test]
async fn a_missing_subscription_is_not_found_for_every_form_of_the_response() {
    let wordings = [
        refusal(404, "NOT_FOUND", "Subscription not found"),
        refusal(500, "INTERNAL_SERVER_ERROR", "Unwrap called on Err: X: No subscriptions found with id: sub_1"),
    ];
    for wording in wordings {
        let server = MockServer::start().await;
        answer(&server, "GET", "/subscriptions/sub_1", wording).await;
        answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
        let error =
            client(&server).customer(&ada()).uncancel_subscription(&"sub_1".parse().unwrap()).await.unwrap_err();
        assert!(matches!(error, Error::NotFound { what: "subscription", .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_response_about_another_subscription_than_the_requested_one_counts_as_not_found() {
    let server = MockServer::start().await;
    let other = object!({"subscription": subscription("sub_2", "user_42", &[])});
    answer(&server, "GET", "/subscriptions/sub_1", json(other)).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let error = client(&server).customer(&ada()).uncancel_subscription(&"sub_1".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn usage_goes_to_a_current_subscription_of_the_customer_only() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[subscription("sub_1", "user_42", &[])]))).await;
    let (used, of_bob) = (NewUsageEvent::for_meter("api_calls", 1.try_into().unwrap()), "sub_of_bob".parse().unwrap());
    let error = client(&server).customer(&ada()).create_usage_event(&used, Some(&of_bob)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error:?}");

    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let used = NewUsageEvent::for_meter("api_calls", 1.try_into().unwrap());
    let error = client(&server).customer(&ada()).create_usage_event(&used, None).await.unwrap_err();
    assert!(matches!(error, Error::NoCurrentSubscription), "{error:?}");
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
}

fn to_pro() -> NewSubscription {
    NewSubscription::new(PriceRef::Slug("pro_monthly".into()))
}

#[tokio::test]
async fn a_subscription_is_created_for_the_customer_by_the_apps_own_id() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/subscriptions", json(object!({"subscription": subscription("sub_1", "user_42", &[])})))
        .await;
    let created = client(&server).customer(&ada()).create_subscription(&to_pro()).await.unwrap();
    assert_eq!(created.id.as_str(), "sub_1");
    let request = server.received_requests().await.unwrap().remove(0);
    let expected = object!({"customerExternalId": "user_42", "priceSlug": "pro_monthly"});
    assert_eq!(request.body_json::<Value>().unwrap(), expected);
    assert_eq!(seen(&server).await, ["POST /subscriptions"]);
}

#[tokio::test]
async fn a_subscription_for_an_unknown_customer_creates_the_customer_and_is_sent_once_more() {
    let second_answers = [
        json(object!({"subscription": subscription("sub_1", "user_42", &[])})),
        refusal(404, "NOT_FOUND", "Price with slug pro_monthly not found"),
    ];
    for second_answer in second_answers {
        let server = MockServer::start().await;
        on("POST", "/subscriptions").respond_with(not_found()).up_to_n_times(1).mount(&server).await;
        answer(&server, "POST", "/subscriptions", second_answer).await;
        answer(&server, "GET", "/customers/user_42", not_found()).await;
        answer(&server, "POST", "/customers", json(object!({"data": {"customer": customer("user_42")}}))).await;
        let _ = client(&server).customer(&ada()).create_subscription(&to_pro()).await;
        let expected = ["POST /subscriptions", "GET /customers/user_42", "POST /customers", "POST /subscriptions"];
        assert_eq!(seen(&server).await, expected);
    }
}

#[tokio::test]
async fn a_subscription_to_an_unknown_price_is_refused_and_not_retried() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/subscriptions", refusal(404, "NOT_FOUND", "Price with slug pro_monthly not found")).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let error = client(&server).customer(&ada()).create_subscription(&to_pro()).await.unwrap_err();
    assert!(error.to_string().ends_with("404: Price with slug pro_monthly not found"), "{error}");
    assert_eq!(seen(&server).await, ["POST /subscriptions", "GET /customers/user_42"]);
}

#[tokio::test]
async fn a_new_subscription_is_not_retried_if_its_response_is_lost() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/subscriptions", ResponseTemplate::new(502)).await;
    let error = client(&server).customer(&ada()).create_subscription(&to_pro()).await.unwrap_err();
    assert_eq!(error.side_effect(), SideEffect::Possible);
    assert_eq!(seen(&server).await, ["POST /subscriptions"]);
}

#[tokio::test]
async fn a_new_subscription_is_charged_to_cards_of_the_customer_only() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    answer(&server, "POST", "/subscriptions", json(object!({"subscription": subscription("sub_1", "user_42", &[])})))
        .await;
    let with_cards = |default: Option<&str>, backup: Option<&str>| {
        let mut new = to_pro();
        new.default_payment_method_id = default.map(|id| id.parse().unwrap());
        new.backup_payment_method_id = backup.map(|id| id.parse().unwrap());
        new
    };
    let flowglad = client(&server);
    for new in [with_cards(Some("pm_of_bob"), None), with_cards(Some("pm_1"), Some("pm_of_bob"))] {
        let error = flowglad.customer(&ada()).create_subscription(&new).await.unwrap_err();
        assert_eq!(error.to_string(), "payment method `pm_of_bob` not found");
    }
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing", "GET /customers/user_42/billing"]);
    flowglad.customer(&ada()).create_subscription(&with_cards(Some("pm_1"), Some("pm_1"))).await.unwrap();
    assert_eq!(seen(&server).await[2..], ["GET /customers/user_42/billing", "POST /subscriptions"]);
}

/// The transaction ids of each request that records usage.
async fn transaction_ids(server: &MockServer) -> Vec<Vec<String>> {
    let requests = server.received_requests().await.unwrap();
    let bodies = requests.iter().filter_map(|request| request.body_json::<Value>().ok());
    let ids = |body: Value| {
        let events = body["usageEvents"].as_array().unwrap().clone();
        events.iter().map(|event| event["transactionId"].as_str().unwrap().to_owned()).collect()
    };
    bodies.map(ids).collect()
}

#[tokio::test]
async fn usage_in_bulk_sends_two_requests_and_every_event_has_its_own_transaction_id() {
    let server = MockServer::start().await;
    let current = [subscription("sub_1", "user_42", &[]), subscription("sub_2", "user_42", &[])];
    answer(&server, "GET", BILLING, json(billing("user_42", &current))).await;
    on("POST", "/usage-events/bulk").respond_with(ResponseTemplate::new(502)).up_to_n_times(1).mount(&server).await;
    answer(&server, "POST", "/usage-events/bulk", json(object!({"usageEvents": []}))).await;
    let mut events = vec![NewUsageEvent::for_meter("api_calls", 1.try_into().unwrap()); 3];
    events[2].transaction_id = Some("req_8842".parse().unwrap());

    client(&server).customer(&ada()).bulk_create_usage_events(&events, None).await.unwrap();

    let bulk = "POST /usage-events/bulk";
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing", bulk, bulk], "the first answer was lost");
    let sent = transaction_ids(&server).await;
    assert_eq!(sent[0], sent[1]);
    assert_eq!((sent[0].iter().collect::<BTreeSet<_>>().len(), sent[0][2].as_str()), (3, "req_8842"));
    let body: Value = server.received_requests().await.unwrap()[1].body_json().unwrap();
    let subscriptions: BTreeSet<_> =
        body["usageEvents"].as_array().unwrap().iter().map(|event| event["subscriptionId"].as_str()).collect();
    assert_eq!(subscriptions, [Some("sub_2")].into(), "the most recent one");
}

#[tokio::test]
async fn usage_in_bulk_goes_to_a_current_subscription_of_the_customer_only() {
    let used = [NewUsageEvent::for_meter("api_calls", 1.try_into().unwrap())];
    let server = MockServer::start().await;
    let current = [subscription("sub_1", "user_42", &[]), subscription("sub_2", "user_42", &[])];
    answer(&server, "GET", BILLING, json(billing("user_42", &current))).await;
    answer(&server, "POST", "/usage-events/bulk", json(object!({"usageEvents": []}))).await;
    let (flowglad, ada) = (client(&server), ada());
    let of_bob = "sub_of_bob".parse().unwrap();
    let error = flowglad.customer(&ada).bulk_create_usage_events(&used, Some(&of_bob)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error:?}");
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
    let named = "sub_1".parse().unwrap();
    flowglad.customer(&ada).bulk_create_usage_events(&used, Some(&named)).await.unwrap();
    let body: Value = server.received_requests().await.unwrap()[2].body_json().unwrap();
    assert_eq!(body["usageEvents"][0]["subscriptionId"], "sub_1");

    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let error = client(&server).customer(&ada).bulk_create_usage_events(&used, None).await.unwrap_err();
    assert!(matches!(error, Error::NoCurrentSubscription), "{error:?}");
}

#[tokio::test]
async fn archiving_is_not_retried_if_the_response_is_lost() {
    let server = MockServer::start().await;
    let mut archived = customer("user_42");
    archived["archived"] = true.into();
    answer(&server, "POST", "/customers/user_42/archive", json(object!({"customer": archived}))).await;
    assert!(client(&server).customer(&ada()).archive().await.unwrap().archived);

    for lost in [408, 429, 500, 502, 503, 504] {
        let server = MockServer::start().await;
        answer(&server, "POST", "/customers/user_42/archive", ResponseTemplate::new(lost)).await;
        client(&server).customer(&ada()).archive().await.unwrap_err();
        assert_eq!(seen(&server).await, ["POST /customers/user_42/archive"], "{lost}");
    }
    let error = builder(&hanging_up().await).build().unwrap().customer(&ada()).archive().await.unwrap_err();
    assert!(matches!(error, Error::Transport { side_effect: SideEffect::Possible, .. }), "{error:?}");
}

#[tokio::test]
async fn an_unknown_customer_cannot_be_archived_and_is_not_created_for_it() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/customers/user_42/archive", not_found()).await;
    let error = client(&server).customer(&ada()).archive().await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    assert_eq!(seen(&server).await, ["POST /customers/user_42/archive"]);
}

#[tokio::test]
async fn an_archived_customer_that_is_another_one_is_never_returned() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/customers/user_42/archive", json(object!({"customer": customer("bob")}))).await;
    let error = client(&server).customer(&ada()).archive().await.unwrap_err();
    assert!(matches!(error, Error::WrongCustomer { .. }), "{error:?}");
}

const PREVIEW: &str = "/subscriptions/sub_1/preview-adjust";
const TAKE_BACK: &str = "/subscriptions/sub_1/cancel-scheduled-adjustment";

/// A server that knows Ada and the subscription `sub_1` of `owner`, and responds to both adjustment operations.
async fn server_with_adjustments(owner: &str) -> MockServer {
    let server = server_with_subscription(owner).await;
    let taken_back = object!({"subscription": subscription("sub_1", owner, &[]), "canceledItemCount": 1});
    answer(&server, "POST", PREVIEW, json(object!({"canAdjust": true}))).await;
    answer(&server, "POST", TAKE_BACK, json(taken_back)).await;
    server
}

#[tokio::test]
async fn a_change_of_plan_is_previewed_and_withdrawn_on_a_subscription_of_the_customer() {
    let server = server_with_adjustments("user_42").await;
    let (flowglad, ada, sub_1) = (client(&server), ada(), "sub_1".parse().unwrap());
    let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
    let preview = flowglad.customer(&ada).preview_adjust_subscription(&to_team, Some(&sub_1)).await.unwrap();
    assert!(preview.can_adjust);
    assert_eq!(seen(&server).await[2..], [format!("POST {PREVIEW}")]);
    let taken_back = flowglad.customer(&ada).cancel_scheduled_adjustment(&sub_1).await.unwrap();
    assert_eq!(taken_back.canceled_item_count, 1);
    assert_eq!(seen(&server).await[5..], [format!("POST {TAKE_BACK}")]);
}

#[tokio::test]
async fn a_change_of_plan_is_neither_previewed_nor_withdrawn_on_a_subscription_of_another_customer() {
    let server = server_with_adjustments("bob").await;
    let (flowglad, ada, sub_1) = (client(&server), ada(), "sub_1".parse().unwrap());
    let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
    let error = flowglad.customer(&ada).preview_adjust_subscription(&to_team, Some(&sub_1)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error:?}");
    let error = flowglad.customer(&ada).cancel_scheduled_adjustment(&sub_1).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error:?}");
    assert!(seen(&server).await.iter().all(|request| request.starts_with("GET")));
}

#[tokio::test]
async fn a_preview_requires_a_change_and_one_subscription() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let (flowglad, ada) = (client(&server), ada());
    let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
    let to_nothing = Adjustment { items: Vec::new(), ..to_team.clone() };
    let error = flowglad.customer(&ada).preview_adjust_subscription(&to_nothing, None).await.unwrap_err();
    assert!(matches!(error, Error::InvalidInput(_)), "{error:?}");
    assert!(seen(&server).await.is_empty());
    let error = flowglad.customer(&ada).preview_adjust_subscription(&to_team, None).await.unwrap_err();
    assert!(matches!(error, Error::NoCurrentSubscription), "{error:?}");
}

#[tokio::test]
async fn withdrawing_a_change_of_plan_is_never_retried_but_a_preview_is() {
    for (path, attempts) in [(TAKE_BACK, 1), (PREVIEW, 3)] {
        let server = server_with_subscription("user_42").await;
        answer(&server, "POST", path, ResponseTemplate::new(503)).await;
        let (flowglad, ada, sub_1) = (client(&server), ada(), "sub_1".parse().unwrap());
        let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
        if path == PREVIEW {
            flowglad.customer(&ada).preview_adjust_subscription(&to_team, Some(&sub_1)).await.unwrap_err();
        } else {
            flowglad.customer(&ada).cancel_scheduled_adjustment(&sub_1).await.unwrap_err();
        }
        assert_eq!(seen(&server).await.iter().filter(|request| request.starts_with("POST")).count(), attempts);
    }
}

#[tokio::test]
async fn a_subscription_is_created_although_a_concurrent_request_created_the_customer() {
    let server = MockServer::start().await;
    let unknown = refusal(404, "NOT_FOUND", r#"Customer with id "user_42" not found"#);
    on("POST", "/subscriptions").respond_with(unknown).up_to_n_times(1).mount(&server).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let begun = object!({"subscription": subscription("sub_1", "user_42", &[])});
    answer(&server, "POST", "/subscriptions", json(begun)).await;
    let pro = NewSubscription::new(PriceRef::Slug("pro_monthly".into()));
    let subscription = client(&server).customer(&ada()).create_subscription(&pro).await.unwrap();
    assert_eq!(subscription.id.as_str(), "sub_1");
    assert_eq!(seen(&server).await, ["POST /subscriptions", "GET /customers/user_42", "POST /subscriptions"]);
}
