//! The customer scope: creation, ownership, and the questions that billing answers.

use flowglad_core::{Billing, CancellationTiming, Error, ListPage, NewUsageEvent};
use serde_json::{Value, json as object};
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    ada, answer, client,
    documents::{billing, customer, subscription, toggle},
    json, on, seen,
    upstream::{not_found, refusal},
};

const BILLING: &str = "/customers/user_42/billing";

async fn read(document: Value) -> Billing {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(document)).await;
    client(&server).customer(&ada()).billing().await.unwrap()
}

#[tokio::test]
async fn a_known_customer_costs_one_request() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    client(&server).customer(&ada()).billing().await.unwrap();
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
}

#[tokio::test]
async fn an_unknown_customer_is_created_with_the_sessions_data_and_read_again() {
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
async fn a_customer_created_by_another_request_is_read_again() {
    let server = MockServer::start().await;
    on("GET", BILLING).respond_with(not_found()).up_to_n_times(1).mount(&server).await;
    answer(&server, "POST", "/customers", refusal(409, "CONFLICT", "already exists")).await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    client(&server).customer(&ada()).billing().await.unwrap();
}

#[tokio::test]
async fn creation_is_not_repeated_when_its_answer_is_lost() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, not_found()).await;
    answer(&server, "POST", "/customers", ResponseTemplate::new(502)).await;
    client(&server).customer(&ada()).billing().await.unwrap_err();
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing", "POST /customers"]);
}

#[tokio::test]
async fn found_and_created_customers_have_one_form() {
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
async fn questions_are_about_the_first_current_subscription_or_the_named_one() {
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
async fn a_customer_without_a_subscription_may_nothing() {
    let billing = read(billing("user_42", &[])).await;
    assert!(!billing.check_feature_access("export"));
    assert!(billing.check_usage_balance("api_calls").is_none());
    assert!(billing.current_subscription().is_none());
}

#[tokio::test]
async fn only_toggles_are_yes_or_no_features() {
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
async fn values_from_the_future_and_missing_fields_do_not_break_billing() {
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
async fn cancel_takes_three_requests_of_which_two_go_at_once() {
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
async fn a_missing_subscription_is_not_found_however_the_api_words_it() {
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
async fn an_answer_about_another_subscription_than_the_one_asked_for_counts_as_not_found() {
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
    let (used, of_bob) = (NewUsageEvent::of_meter("api_calls", 1.try_into().unwrap()), "sub_of_bob".parse().unwrap());
    let error = client(&server).customer(&ada()).create_usage_event(&used, Some(&of_bob)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error:?}");

    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let used = NewUsageEvent::of_meter("api_calls", 1.try_into().unwrap());
    let error = client(&server).customer(&ada()).create_usage_event(&used, None).await.unwrap_err();
    assert!(matches!(error, Error::NoCurrentSubscription), "{error:?}");
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
}
