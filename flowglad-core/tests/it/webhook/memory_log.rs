//! The log in memory: claims, their ends, and its bounds.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use flowglad_core::{
    cache::StoreError,
    clock::ManualClock,
    model::Timestamp,
    webhook::{Claim, Claimed, DeliveryLog, MemoryDeliveryLog, WebhookEvent, WebhookReceiver},
};
use futures_util::{FutureExt as _, future::BoxFuture};

use crate::{
    builder,
    webhook::signed::{NOW, headers, secret, signature},
};

const KEY: &[u8] = b"twenty-four bytes of key";
const EVENT: &str = r#"{"object":"payment","id":"pym_1","customer":{"id":"cust_1","externalId":"user_42"}}"#;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::from_millis(NOW * 1000)))
}

/// Keeps the claims that a receiver makes, since only receivers make some.
#[derive(Clone, Default)]
struct Claims(Arc<Mutex<Vec<Claim>>>);

impl DeliveryLog for Claims {
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        self.0.lock().unwrap().push(claim.clone());
        async { Ok(Claimed::Done) }.boxed()
    }

    fn done<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    fn release<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }
}

async fn claims<const N: usize>(ids: [&str; N]) -> [Claim; N] {
    let (flowglad, claims) = (builder("http://127.0.0.1:9").clock(clock()).build().unwrap(), Claims::default());
    let secrets: flowglad_core::webhook::WebhookSecrets = secret(KEY).parse().unwrap();
    let receiver = WebhookReceiver::new(&flowglad, secrets, async |_: WebhookEvent| {}).log(claims.clone());
    for id in ids {
        let sent = headers(id, &NOW.to_string(), &signature(KEY, id, &NOW.to_string(), EVENT.as_bytes()));
        assert_eq!(receiver.receive("POST", &sent, async { Ok(EVENT.into()) }).await.status, 204);
    }
    let made = claims.0.lock().unwrap().clone();
    made.try_into().unwrap()
}

#[tokio::test]
async fn of_two_claims_one_has_the_delivery_until_it_is_given_back() {
    let log = MemoryDeliveryLog::new();
    let [first, second] = claims(["msg_1", "msg_1"]).await;
    assert_ne!(first.token(), second.token());
    assert_eq!(log.claim(&first).await.unwrap(), Claimed::Now);
    assert_eq!(log.claim(&second).await.unwrap(), Claimed::InFlight);
    log.release(&second).await.unwrap();
    assert_eq!(log.claim(&second).await.unwrap(), Claimed::InFlight, "what is given back must be one's own");
    log.release(&first).await.unwrap();
    assert_eq!(log.claim(&second).await.unwrap(), Claimed::Now);
    log.done(&second).await.unwrap();
    log.release(&second).await.unwrap();
    assert_eq!(log.claim(&first).await.unwrap(), Claimed::Done);
}

#[tokio::test]
async fn a_claim_ends_by_itself_and_its_handler_may_still_be_done() {
    let clock = clock();
    let log = MemoryDeliveryLog::new().clock(Arc::clone(&clock));
    let [first, second, third] = claims(["msg_1", "msg_1", "msg_1"]).await;
    assert_eq!(log.claim(&first).await.unwrap(), Claimed::Now);
    clock.advance(first.expires_in().saturating_sub(Duration::from_secs(1)));
    assert_eq!(log.claim(&second).await.unwrap(), Claimed::InFlight);
    clock.advance(Duration::from_secs(1));
    assert_eq!(log.claim(&second).await.unwrap(), Claimed::Now);
    log.done(&first).await.unwrap();
    log.release(&second).await.unwrap();
    assert_eq!(log.claim(&third).await.unwrap(), Claimed::Done);
}

#[tokio::test]
async fn the_oldest_deliveries_are_forgotten_by_their_age_and_by_their_number() {
    let clock = clock();
    let two = NonZeroUsize::new(2).unwrap();
    let log = MemoryDeliveryLog::new().max_deliveries(two).keep_for(Duration::from_secs(60)).clock(Arc::clone(&clock));
    let made = claims(["msg_1", "msg_2", "msg_3"]).await;
    for claim in &made {
        assert_eq!(log.claim(claim).await.unwrap(), Claimed::Now);
        log.done(claim).await.unwrap();
        log.done(claim).await.unwrap();
        clock.advance(Duration::from_secs(10));
    }
    let [first, second, third] = &made;
    assert_eq!(log.claim(second).await.unwrap(), Claimed::Done);
    assert_eq!(log.claim(third).await.unwrap(), Claimed::Done);
    assert_eq!(log.claim(first).await.unwrap(), Claimed::Now, "there is place for two");
    clock.advance(Duration::from_secs(45));
    assert_eq!(log.claim(second).await.unwrap(), Claimed::Now, "it was handled 65 seconds ago");
    assert_eq!(log.claim(third).await.unwrap(), Claimed::Done);
}
