//! Two processes with one database.

use flowglad_sandbox::WebhookDelivery;
use flowglad_webhooks::{effects, point::Point, running::RunningReceiver};
use reqwest::{Client, StatusCode};
use tokio::task::JoinSet;

use crate::scene::world;

const DELIVERIES: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_parallel_redeliveries_to_two_processes_one_is_handled_and_all_succeed() {
    let world = world().await;
    // Nothing listens at the URL of the webhook yet, so there is a signed delivery that was not handled.
    world.sandbox.create_customer("user_42").unwrap();
    let delivery = attempted(&world.sandbox).await;
    let mut programs = [(); 2].map(|()| world.program(Some(Point::Claimed)).start().unwrap());

    let client = Client::new();
    let mut responses = JoinSet::new();
    for number in 0..DELIVERIES {
        responses.spawn(deliver(client.clone(), programs[number % 2].url(), delivery.clone()));
    }
    // One of them is in the handler; the others wait for it, since none of them is answered before.
    let handling = loop {
        if let Some(program) = programs.iter_mut().find(|program| program.has_stopped()) {
            break program;
        }
        tokio::task::yield_now().await;
    };
    assert!(responses.try_join_next().is_none());
    handling.go_on().unwrap();
    assert_eq!(responses.join_all().await, [StatusCode::NO_CONTENT; DELIVERIES]);
    assert_eq!(effects::all(&world.database()).unwrap(), [delivery.id]);
    assert!(!programs.iter().any(RunningReceiver::has_stopped), "a second handling");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_goes_on_after_its_claim_has_ended_is_undone_if_another_process_has_handled_the_event() {
    let world = world().await;
    world.sandbox.create_customer("user_42").unwrap();
    let delivery = attempted(&world.sandbox).await;
    let mut slow = world.program(Some(Point::Claimed)).start().unwrap();
    let fast = world.program(None).start().unwrap();
    let client = Client::new();
    let late = tokio::spawn(deliver(client.clone(), slow.url(), delivery.clone()));
    slow.stopped().unwrap();
    assert_eq!(effects::end_claims(&world.database()).unwrap(), 1);

    assert_eq!(deliver(client.clone(), fast.url(), delivery.clone()).await, StatusCode::NO_CONTENT);
    slow.go_on().unwrap();
    assert_eq!(late.await.unwrap(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(effects::all(&world.database()).unwrap(), std::slice::from_ref(&delivery.id));
    assert_eq!(deliver(client, slow.url(), delivery).await, StatusCode::NO_CONTENT);
}

/// The first delivery, once it was attempted.
async fn attempted(sandbox: &flowglad_sandbox::Sandbox) -> WebhookDelivery {
    loop {
        let first = sandbox.webhook_deliveries().into_iter().next();
        if let Some(first) = first.filter(|delivery| !delivery.attempts.is_empty()) {
            return first;
        }
        tokio::task::yield_now().await;
    }
}

/// Sends a delivery as its last attempt was sent.
pub(crate) async fn deliver(client: Client, url: String, delivery: WebhookDelivery) -> StatusCode {
    let attempt = delivery.attempts.last().unwrap();
    let headers = attempt.headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    client.post(url).headers(headers.collect()).body(delivery.body).send().await.unwrap().status()
}
