//! When the keys of a provider are fetched, and what a server does that is down.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use flowglad_core::{
    auth::{Jwt, KeySet, Provider as _, SignedIn, Unavailable},
    clock::ManualClock,
    model::Timestamp,
};
use futures_util::{FutureExt as _, future::join_all};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::auth_sessions::{NOW, Sent, log::Log};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A provider whose keys are at a server, and a clock that tokens do not see: they would expire before their keys.
struct Setup {
    server: MockServer,
    clock: Arc<ManualClock>,
    jwt: Jwt,
}

impl Setup {
    async fn new(first: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(NOW * 1000)));
        let keys = KeySet::at(&format!("{}/jwks.json", server.uri())).unwrap();
        let jwt = Jwt::new("https://idp.example.com/", keys).unwrap();
        let jwt = jwt.audience("https://api.example.com").clock(Ages(Arc::clone(&clock)));
        let setup = Self { server, clock, jwt };
        setup.answer(first).await;
        setup
    }

    async fn answer(&self, with: ResponseTemplate) {
        self.server.reset().await;
        Mock::given(any()).respond_with(with).mount(&self.server).await;
    }

    async fn ask(&self, name: &str) -> Result<Option<SignedIn>, Unavailable> {
        self.jwt.identify(&headers(name)).await
    }

    async fn fetches(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }

    /// A fetch in the background has ended when the number of requests is this, and the answer is known.
    async fn wait_for_fetches(&self, number: usize) {
        while self.fetches().await < number {
            tokio::task::yield_now().await;
        }
    }
}

/// A clock whose dates stand still.
struct Ages(Arc<ManualClock>);

impl flowglad_core::clock::Clock for Ages {
    fn now(&self) -> std::time::Instant {
        self.0.now()
    }

    fn date(&self) -> Timestamp {
        Timestamp::from_millis(NOW * 1000)
    }
}

fn file() -> &'static Value {
    static FILE: LazyLock<Value> = LazyLock::new(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/auth/tokens.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    });
    &FILE
}

fn headers(name: &str) -> Sent {
    let vector = file()["vectors"].as_array().unwrap().iter().find(|vector| vector["name"] == name).unwrap();
    Sent::default().and("authorization", vector["headers"][0][1].as_str().unwrap())
}

/// The key set with the keys of these names.
fn keys(names: &[&str]) -> ResponseTemplate {
    let mut set = file()["keySet"].clone();
    set["keys"].as_array_mut().unwrap().retain(|key| names.iter().any(|name| key["kid"] == *name));
    ResponseTemplate::new(200).set_body_json(set)
}

const RSA: &str = "jwt: RS256";
const EC: &str = "jwt: ES256";
const UNKNOWN: &str = "key: an unknown kid";

#[tokio::test]
async fn keys_are_fetched_once_however_many_ask() {
    let setup = Setup::new(keys(&["rsa-1"]).set_delay(Duration::from_millis(50))).await;
    assert_eq!(setup.fetches().await, 0);
    let users = join_all((0..50).map(|_| setup.ask(RSA))).await;
    assert!(users.iter().all(|user| user.as_ref().unwrap().is_some()), "{users:?}");
    for _ in 0..10 {
        let without_a_wait = setup.jwt.identify(&headers(RSA)).now_or_never();
        assert!(without_a_wait.unwrap().unwrap().is_some());
    }
    assert_eq!(setup.fetches().await, 1);
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_a_storm_of_unknown_ones_costs_a_fetch_per_interval() {
    let setup = Setup::new(keys(&["rsa-1"])).await;
    assert!(setup.ask(RSA).await.unwrap().is_some());
    setup.clock.advance(Duration::from_secs(30));
    setup.answer(keys(&["rsa-1", "ec-1"])).await;
    assert!(setup.ask(EC).await.unwrap().is_some());
    for round in 1..4 {
        let refused = join_all((0..100).map(|_| setup.ask(UNKNOWN))).await;
        assert!(refused.iter().all(|user| *user == Ok(None)));
        assert_eq!(setup.fetches().await, round, "a fetch per interval");
        setup.clock.advance(Duration::from_secs(29));
        assert_eq!(setup.ask(UNKNOWN).await, Ok(None));
        assert_eq!(setup.fetches().await, round);
        setup.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn what_is_wrong_without_a_key_costs_no_fetch() {
    let setup = Setup::new(keys(&["rsa-1"])).await;
    for name in
        ["iss: another", "aud: another", "time: expired 5 seconds ago", "alg: none without a signature", "form: 17 KiB"]
    {
        assert_eq!(setup.ask(name).await, Ok(None), "{name}");
    }
    assert_eq!(setup.fetches().await, 0);
}

#[tokio::test]
async fn known_keys_work_for_a_day_while_the_server_is_down_and_unknown_ones_are_no_401() {
    let setup = Setup::new(keys(&["rsa-1"])).await;
    assert!(setup.ask(RSA).await.unwrap().is_some());
    setup.answer(ResponseTemplate::new(500)).await;
    setup.clock.advance(DAY.saturating_sub(MINUTE));
    assert!(setup.ask(RSA).await.unwrap().is_some());
    assert!(setup.ask(UNKNOWN).await.is_err(), "it may be a new key");
    assert_eq!(setup.ask("key: another one with the same kid").await, Ok(None));
    setup.clock.advance(MINUTE);
    let unavailable = setup.ask(RSA).await.unwrap_err();
    assert_eq!(unavailable.clone().into_response().status, 503);
    assert_eq!(unavailable.to_string(), "sign-in is unavailable: the key set cannot be read");
    setup.answer(keys(&["rsa-1"])).await;
    setup.clock.advance(Duration::from_secs(5));
    assert!(setup.ask(RSA).await.unwrap().is_some());
}

#[tokio::test]
async fn old_keys_are_fetched_in_the_background_and_a_withdrawn_one_ends() {
    let setup = Setup::new(keys(&["rsa-1"])).await;
    assert!(setup.ask(RSA).await.unwrap().is_some());
    setup.answer(keys(&["ec-1"])).await;
    setup.clock.advance(15 * MINUTE);
    assert!(setup.jwt.identify(&headers(RSA)).now_or_never().unwrap().unwrap().is_some());
    setup.wait_for_fetches(1).await;
    assert!(setup.ask(EC).await.unwrap().is_some());
    assert_eq!(setup.ask(RSA).await, Ok(None));
    assert_eq!(setup.fetches().await, 1);
}

#[tokio::test]
async fn an_outage_is_one_warning_and_at_most_one_attempt_in_five_seconds() {
    let setup = Setup::new(ResponseTemplate::new(500)).await;
    let (log, _kept) = Log::keep();
    for round in 1..4 {
        let answers = join_all((0..20).map(|_| setup.ask(RSA))).await;
        assert!(answers.iter().all(Result::is_err));
        assert!(setup.ask(RSA).await.is_err());
        assert_eq!(setup.fetches().await, round);
        setup.clock.advance(Duration::from_secs(5));
    }
    assert_eq!(log.warnings().len(), 1, "{}", log.text());
    setup.answer(keys(&["rsa-1"])).await;
    assert!(setup.ask(RSA).await.unwrap().is_some());
    assert!(log.text().contains("can be read again"), "{}", log.text());
}

#[tokio::test]
async fn what_is_no_key_set_counts_as_an_outage() {
    let elsewhere = MockServer::start().await;
    Mock::given(any()).respond_with(keys(&["rsa-1"])).mount(&elsewhere).await;
    let redirect = ResponseTemplate::new(302).insert_header("location", format!("{}/jwks.json", elsewhere.uri()));
    let padding = json!({"keys": file()["keySet"]["keys"], "padding": "x".repeat(300 * 1024)});
    let cases = [
        ("a redirect", redirect),
        ("a page", ResponseTemplate::new(200).set_body_string("<html>")),
        ("an empty body", ResponseTemplate::new(200)),
        ("no keys", ResponseTemplate::new(200).set_body_json(json!({}))),
        ("keys that are no list", ResponseTemplate::new(200).set_body_json(json!({"keys": {}}))),
        ("300 KiB", ResponseTemplate::new(200).set_body_json(padding)),
        ("too many requests", ResponseTemplate::new(429)),
        ("not found", ResponseTemplate::new(404)),
        ("not modified", ResponseTemplate::new(304)),
    ];
    let setup = Setup::new(ResponseTemplate::new(500)).await;
    for (name, answer) in cases {
        setup.answer(answer).await;
        assert!(setup.ask(RSA).await.is_err(), "{name}");
        assert_eq!(setup.fetches().await, 1, "{name}");
        setup.clock.advance(Duration::from_secs(5));
    }
    assert_eq!(elsewhere.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_set_without_keys_that_can_be_used_refuses_and_says_so() {
    let setup = Setup::new(keys(&["ec-384", "weak", "enc", "oct"])).await;
    let (log, _kept) = Log::keep();
    assert_eq!(setup.ask(RSA).await, Ok(None));
    assert!(log.text().contains("has no public key"), "{}", log.text());
}

#[tokio::test]
async fn only_the_first_64_keys_count() {
    let rsa = file()["keySet"]["keys"][0].clone();
    for (place, is_known) in [(63, true), (64, false)] {
        let mut all: Vec<Value> = (0..100).map(|_| json!({"kty": "RSA"})).collect();
        all[place] = rsa.clone();
        let setup = Setup::new(ResponseTemplate::new(200).set_body_json(json!({"keys": all}))).await;
        assert_eq!(setup.ask(RSA).await.unwrap().is_some(), is_known, "at {place}");
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_end_the_fetch() {
    let setup = Setup::new(keys(&["rsa-1"]).set_delay(Duration::from_millis(50))).await;
    for _ in 0..5 {
        assert!(setup.jwt.identify(&headers(RSA)).now_or_never().is_none());
    }
    assert!(setup.ask(RSA).await.unwrap().is_some());
    assert_eq!(setup.fetches().await, 1);
}

#[test]
fn a_fetch_that_ends_with_its_runtime_is_begun_anew_by_another() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let servers = runtime();
    let setup = servers.block_on(Setup::new(keys(&["rsa-1"]).set_delay(Duration::from_millis(50))));
    let short = runtime();
    short.block_on(async { assert!(setup.jwt.identify(&headers(RSA)).now_or_never().is_none()) });
    drop(short);
    setup.clock.advance(Duration::from_secs(5));
    let user = runtime().block_on(setup.ask(RSA));
    assert!(user.unwrap().is_some());
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_five_seconds() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let jwt = Jwt::new("https://idp.example.com/", KeySet::at(&address).unwrap()).unwrap();
    let clock = ManualClock::at(Timestamp::from_millis(NOW * 1000));
    let jwt = jwt.audience("https://api.example.com").clock(clock);
    let sent = headers(RSA);
    let asked = jwt.identify(&sent);
    let (_held, unavailable) = tokio::join!(listener.accept(), async {
        tokio::time::pause();
        asked.await
    });
    assert!(unavailable.is_err());
}
