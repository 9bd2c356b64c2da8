//! Requests to metered routes that come more than once.

use crate::{
    Reply, SESSION_HEADER, Start,
    cases::metered_costs::{MeteredApp, assert_done},
    metered::Job,
    samples::assert_recorded,
};

const KEY: &str = "idempotency-key";

/// The same key costs once, also when another customer has used it.
pub async fn the_same_key_costs_once_for_each_customer(start: Start) {
    let this = MeteredApp::start(start, 6).await;
    for _ in 0..3 {
        assert_done(this.post("/metered/three").header(KEY, "k1")).await;
    }
    let of_other = this.app.request_to(reqwest::Method::POST, "/metered/three").header(SESSION_HEADER, "user_43");
    assert_done(of_other.header(KEY, "k1")).await;
    assert_done(this.post("/metered/three").header(KEY, "k2")).await;
    let ids = ["7:user_42:k1", "7:user_43:k1", "7:user_42:k2"];
    assert_eq!(this.charged().await, ids.map(|id| (id.to_owned(), 3)));
    // Nothing is left, but the work of a key that has paid is done again.
    assert_eq!(Reply::to(this.post("/metered/three")).await.status, 402);
    assert_done(this.post("/metered/three").header(KEY, "k1")).await;
}

/// A key whose work failed has cost nothing, and is charged when the work succeeds.
pub async fn a_key_whose_work_failed_can_be_used_again(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    let failed = Reply::to(this.doing("/metered/three", "500").header(KEY, "k")).await;
    assert_eq!(failed.status, 500);
    assert_done(this.post("/metered/three").header(KEY, "k")).await;
    assert_eq!(this.amounts().await, [3]);
}

/// While a request runs, another one with the same key gets a 409, or waits where the meter says so.
pub async fn the_same_key_in_flight_is_a_conflict_or_waits(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    let name = format!("in-flight {}", this.app.address());
    let job = Job::named(&name);
    let first = tokio::spawn(this.doing("/metered/three", &name).header(KEY, "k").send());
    job.begun().await;
    let conflict = Reply::to(this.post("/metered/three").header(KEY, "k")).await;
    assert_recorded("meter_refusal_request_in_progress", &conflict.to_string());
    let of_other = this.app.request_to(reqwest::Method::POST, "/metered/three").header(SESSION_HEADER, "user_43");
    assert_done(of_other.header(KEY, "k")).await;
    let waits = tokio::spawn(this.post("/metered/waits").header(KEY, "k").send());
    assert_done(this.post("/metered/three").header(KEY, "another")).await;
    assert!(!waits.is_finished());
    job.end();
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(waits.await.unwrap().unwrap().status(), 200);
    assert_eq!(this.amounts().await, [3; 3]);
}

/// The app can take the key from elsewhere, or none.
pub async fn keys_come_from_where_the_meter_says(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    for _ in 0..2 {
        assert_done(this.post("/metered/without-key").header(KEY, "k")).await;
        for path in ["/metered/key-of-path?order=1", "/metered/key-of-path?order=2"] {
            assert_done(this.post(path).header(KEY, "k")).await;
        }
    }
    let charged = this.charged().await;
    let of_path = charged.iter().filter(|(id, _)| id.starts_with("7:user_42:/metered/key-of-path?order="));
    assert_eq!((of_path.count(), charged.len()), (2, 4), "{charged:?}");
}

/// A key that cannot be one is refused, and the handler does not run.
pub async fn an_invalid_key_is_refused(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    let too_long = "k".repeat(256);
    for key in ["", " ", &too_long, "schlüssel"] {
        let request = this.doing("/metered/three", "panic").header(KEY, key.as_bytes());
        let reply = Reply::to(request).await;
        assert_eq!(reply.refusal(), (400, "validation_error".into()), "{key}: {reply}");
        assert_recorded("meter_refusal_invalid_key", &reply.to_string());
    }
    assert_done(this.post("/metered/three").header(KEY, "k".repeat(255))).await;
    assert_eq!(this.amounts().await, [3]);
}
