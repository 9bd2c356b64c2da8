//! Requests that run at the same time on the real API do not see each other.

use flowglad_sandbox::{Race, Sandbox};
use serde_json::{Value, json};

use crate::{Api, NEW_YEAR, Reply, each, pro_customer, pro_customer_of};

async fn claim(api: &Api, id: &str, wanted: Value) -> Reply {
    let mut body = json!({ "resourceSlug": "seats" });
    body.as_object_mut().unwrap().extend(wanted.as_object().unwrap().clone());
    api.post(&format!("/resource-claims/{id}/claim"), body).await
}

async fn seats(api: &Api, id: &str) -> Value {
    api.get(&format!("/resource-claims/{id}/usage?resourceSlug=seats")).await.ok()["usage"].clone()
}

#[tokio::test]
async fn claims_that_overlap_exceed_the_capacity_together() {
    let (api, id) = pro_customer().await;
    claim(&api, &id, json!({ "quantity": 1 })).await.ok();
    api.sandbox.race_next(Race::ResourceClaims, 3);
    for _ in 0..3 {
        claim(&api, &id, json!({ "quantity": 3 })).await.ok();
    }
    let seats = seats(&api, &id).await;
    assert_eq!((&seats["claimed"], &seats["available"]), (&json!(10), &json!(-5)));
    let later = claim(&api, &id, json!({ "quantity": 1 })).await.error(400);
    assert!(later.starts_with("No available capacity."), "the race is over: {later}");
}

#[tokio::test]
async fn one_of_two_overlapping_claims_of_the_same_name_is_a_500() {
    let (api, id) = pro_customer().await;
    api.sandbox.race_next(Race::ResourceClaims, 2);
    let first = claim(&api, &id, json!({ "externalId": "desk_7" })).await.ok();
    claim(&api, &id, json!({ "externalId": "desk_7" })).await.error(500);
    let again = claim(&api, &id, json!({ "externalIds": ["desk_7"] })).await.ok();
    assert_eq!(again["claims"], first["claims"]);
}

#[tokio::test]
async fn an_event_that_overlaps_with_its_duplicates_is_recorded_once_and_they_are_500s() {
    let (api, id) = pro_customer().await;
    let planned = json!({ "race": "usageEvents", "times": 3 });
    assert_eq!(api.control_api("race-next", planned.clone()).await.ok(), planned);
    let recorded = api.use_calls(&id, 10, "export_1").await.ok();
    for _ in 0..2 {
        let refused = api.use_calls(&id, 10, "export_1").await;
        assert_eq!(refused.headers.get("x-should-retry"), None, "a retry finds the event");
        refused.error(500);
    }
    assert_eq!(api.use_calls(&id, 10, "export_1").await.ok(), recorded, "a later retry returns the recorded event");
    assert_eq!(api.balance("u").await, 990);
}

#[tokio::test]
async fn a_batch_does_not_race() {
    let (api, id) = pro_customer().await;
    api.sandbox.race_next(Race::UsageEvents, 2);
    let event =
        json!({ "subscriptionId": id, "usageMeterSlug": "api_calls", "amount": 10, "transactionId": "export_1" });
    let batch = json!({ "usageEvents": [event] });
    let first = api.post("/usage-events/bulk", batch.clone()).await.ok();
    assert_eq!(first["usageEvents"].as_array().unwrap().len(), 1);
    assert_eq!(api.post("/usage-events/bulk", batch).await.ok(), json!({ "usageEvents": [] }));
}

#[tokio::test]
async fn a_cancellation_that_the_end_of_the_period_overtakes_brings_no_free_plan_back() {
    let (api, id) = pro_customer().await;
    let at_end = json!({ "cancellation": { "timing": "at_end_of_current_billing_period" } });
    let end = api.post(&format!("/subscriptions/{id}/cancel"), at_end).await.ok()["subscription"]["cancelScheduledAt"]
        .as_i64()
        .unwrap();
    api.sandbox.race_next(Race::ScheduledCancellations, 1);
    api.sandbox.advance_to(end).unwrap();
    let billing = api.billing("u").await;
    assert_eq!(each(&billing["subscriptions"], "status"), ["canceled", "canceled"]);
    assert_eq!((&billing["currentSubscription"], &billing["currentSubscriptions"]), (&json!(null), &json!([])));
    let left = &billing["subscriptions"][1];
    assert_eq!(left["canceledAt"], end);
    assert_eq!(each(&left["subscriptionItems"], "expiredAt"), [&json!(null)]);
}

#[tokio::test]
async fn a_reset_forgets_planned_races() {
    let (api, id) = pro_customer().await;
    api.sandbox.race_next(Race::ResourceClaims, 2);
    let saved = api.sandbox.snapshot();
    api.sandbox.restore(&saved).unwrap();
    claim(&api, &id, json!({ "quantity": 5 })).await.ok();
    claim(&api, &id, json!({ "quantity": 1 })).await.error(400);
}

#[tokio::test]
async fn orderly_requests_see_each_other_however_many_run_at_once() {
    let (api, id) = pro_customer_of(Sandbox::builder().orderly()).await;
    let claims = futures_util::future::join_all((0..8).map(|_| claim(&api, &id, json!({ "quantity": 1 })))).await;
    assert_eq!(claims.iter().filter(|claim| claim.status == 200).count(), 5);
    assert_eq!(seats(&api, &id).await["available"], 0);
    let events = futures_util::future::join_all((0..8).map(|_| api.use_calls(&id, 10, "export_1"))).await;
    assert!(events.iter().all(|event| event.status == 200));
}

#[tokio::test]
async fn requests_one_after_the_other_do_not_race() {
    let (api, id) = pro_customer().await;
    for transaction in ["a", "b"] {
        let first = api.use_calls(&id, 10, transaction).await.ok();
        assert_eq!(api.use_calls(&id, 10, transaction).await.ok(), first);
        assert_eq!(first["usageEvent"]["createdAt"], NEW_YEAR);
    }
    claim(&api, &id, json!({ "quantity": 5 })).await.ok();
    claim(&api, &id, json!({ "quantity": 1 })).await.error(400);
}

#[tokio::test]
async fn a_race_of_an_unknown_kind_is_refused() {
    let api = Api::start().await;
    for body in [json!({ "race": "payments", "times": 1 }), json!({})] {
        assert_eq!(api.control_api("race-next", body).await.status, 400);
    }
    let once = api.control_api("race-next", json!({ "race": "usageEvents" })).await.ok();
    assert_eq!(once, json!({ "race": "usageEvents", "times": 1 }));
}
