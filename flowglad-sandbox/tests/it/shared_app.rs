//! What a test shares with an app that uses `flowglad-core`: its client, its time, its pricing models.

use axum::http::HeaderMap;
use flowglad_core::{
    RequestingCustomer,
    adapter::Headers,
    api::{PricingModelSetup, SetupFeature, SetupPrice, SetupProduct},
    billing::{Freshness, Source},
    cache::BillingCache,
    clock::{Clock as _, SystemClock},
    model::IntervalUnit,
    webhook::{NotVerified, VerifiedDelivery, WebhookSecrets},
};
use flowglad_sandbox::{Clock, PricingModel, Sandbox};

use crate::{DAY_MS, NEW_YEAR, webhook_receiver::Receiver};

fn user() -> RequestingCustomer {
    RequestingCustomer::new("u", "U", "u@example.com").unwrap()
}

struct Given<'a>(&'a HeaderMap);

impl Headers for Given<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|value| value.to_str().ok())
    }
}

#[tokio::test]
async fn the_client_calls_the_sandbox_and_what_it_remembers_ages_with_the_sandbox() {
    let sandbox = Sandbox::builder().clock(Clock::manual(NEW_YEAR)).start().await.unwrap();
    let flowglad = sandbox.flowglad().cache(BillingCache::new()).build().unwrap();
    sandbox.subscribe("u", "pro_monthly").unwrap();
    let source = async || flowglad.customer(&user()).billing_with(Freshness::Cached).await.unwrap().source();
    assert_eq!([source().await, source().await], [Source::Live, Source::Cache]);
    sandbox.advance_to_next_renewal("u").unwrap();
    assert_eq!(source().await, Source::Live, "a month has passed for the app too");
}

#[tokio::test]
async fn what_a_client_remembers_grows_old_also_after_the_time_was_set_back() {
    let sandbox = Sandbox::builder().clock(Clock::manual(NEW_YEAR)).start().await.unwrap();
    let flowglad = sandbox.flowglad().cache(BillingCache::new()).build().unwrap();
    sandbox.subscribe("u", "pro_monthly").unwrap();
    let source = async || flowglad.customer(&user()).billing_with(Freshness::Cached).await.unwrap().source();
    let bought = sandbox.snapshot();
    sandbox.advance_days(100);
    source().await;
    sandbox.restore(&bought).unwrap();
    assert_eq!(source().await, Source::Cache, "ages do not shrink");
    sandbox.advance_to_next_renewal("u").unwrap();
    assert_eq!(source().await, Source::Live, "a month has passed since then");
}

async fn delivered(sandbox: &Sandbox, receiver: &Receiver) -> (HeaderMap, String) {
    sandbox.create_customer("u").unwrap();
    sandbox.wait_for_webhooks().await;
    let request = receiver.received().pop().unwrap();
    sandbox.reset();
    request
}

fn verified(
    secret: &str,
    (headers, body): &(HeaderMap, String),
    clock: &dyn flowglad_core::clock::Clock,
) -> Result<VerifiedDelivery, NotVerified> {
    let secrets: WebhookSecrets = secret.parse().unwrap();
    secrets.verify(&Given(headers), body.clone().into(), clock)
}

#[tokio::test]
async fn deliveries_are_signed_at_the_time_of_the_app_whichever_it_is() {
    const SECRET: &str = "whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5";
    let (receiver, url) = Receiver::start(&[]).await;
    let clock = Clock::manual(NEW_YEAR);
    let sandbox = Sandbox::builder().clock(clock.clone()).webhook(url, SECRET).start().await.unwrap();
    let of_another_process = delivered(&sandbox, &receiver).await;
    verified(SECRET, &of_another_process, &SystemClock).unwrap();

    let shared = sandbox.clock();
    sandbox.advance_days(31);
    let of_this_test = delivered(&sandbox, &receiver).await;
    assert!(verified(SECRET, &of_this_test, &SystemClock).is_err());
    assert_eq!(of_this_test.0["svix-timestamp"], ((NEW_YEAR + 31 * DAY_MS) / 1000).to_string());
    clock.set(NEW_YEAR + 31 * DAY_MS);
    verified(SECRET, &of_this_test, &shared).unwrap();
}

#[tokio::test]
async fn a_delivery_that_is_on_its_way_when_time_moves_is_sent_at_the_new_time() {
    let (receiver, url) = Receiver::start(&[400]).await;
    let sandbox = Sandbox::builder().clock(Clock::manual(NEW_YEAR)).start().await.unwrap();
    let (secret, clock) = (sandbox.send_webhooks_to(&url).unwrap(), sandbox.clock());
    receiver.on_request({
        let clock = clock.clone();
        move || clock.set(NEW_YEAR + 31 * DAY_MS)
    });
    sandbox.create_customer("u").unwrap();
    sandbox.wait_for_webhooks().await;
    let attempts: Vec<usize> = sandbox.webhook_deliveries().iter().map(|delivery| delivery.attempts.len()).collect();
    assert_eq!((receiver.received().len(), &*attempts), (3, &[1, 1][..]), "the refused one is not an attempt");
    verified(&secret, &receiver.received()[1], &clock).unwrap();
}

#[test]
fn a_clock_whose_time_is_read_by_the_app_is_shared() {
    let clock = Clock::manual(NEW_YEAR);
    assert_eq!(clock.date().as_millis(), NEW_YEAR);
    let before = clock.now();
    clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(clock.now() - before, std::time::Duration::from_secs(60));
    clock.set(0);
    assert_eq!(clock.now() - before, std::time::Duration::from_secs(60), "ages do not shrink");
    clock.advance(std::time::Duration::from_secs(5));
    assert_eq!(clock.now() - before, std::time::Duration::from_secs(65), "and grow on from there");
    clock.set(i64::MAX);
    assert!(clock.now() >= before);
}

async fn exported(sandbox: &Sandbox) -> PricingModelSetup {
    let models = sandbox.flowglad().build().unwrap().pricing_models();
    let id = models.default_model().await.unwrap().id.clone();
    models.export(&id).await.unwrap().pricing_model.clone()
}

#[tokio::test]
async fn a_setup_of_the_client_is_a_pricing_model() {
    let mut setup = PricingModelSetup::new("Mine");
    setup.features.push(SetupFeature::toggle("sso", "Single sign-on", "By any provider"));
    let price = SetupPrice::every("team_monthly", IntervalUnit::Month, 4900);
    setup.products.push(SetupProduct::new("team", "Team", price, ["sso"]));
    let model = PricingModel::try_from(&setup).unwrap();
    let sandbox = Sandbox::builder().pricing_model(model).start().await.unwrap();
    sandbox.subscribe("u", "team_monthly").unwrap();
    assert_eq!(sandbox.features("u").unwrap(), ["sso"]);

    let setup_of_it = exported(&sandbox).await;
    let again = Sandbox::builder().pricing_model(PricingModel::try_from(&setup_of_it).unwrap()).start().await.unwrap();
    assert_eq!(exported(&again).await, setup_of_it);

    setup.products[0].features.push("unknown".to_owned());
    let problems = PricingModel::try_from(&setup).unwrap_err().problems;
    assert!(problems.iter().any(|problem| problem.contains("unknown")), "{problems:?}");
}
