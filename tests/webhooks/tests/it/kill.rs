//! Kills at chosen points of a handling.

use flowglad_webhooks::{effects, point::Point, running::Start, world::World};

use crate::{
    parallel::deliver,
    scene::{ensure_each_has_one_effect, start, world},
};

/// Kills a program at a point, and starts it again at the same address. Returns the delivery that it was
/// handling, and how many effects there were between.
async fn kill(world: &World, program: &Start) -> (String, usize) {
    let first = start(world, program).await;
    world.sandbox.create_customer("user_42").unwrap();
    let stopped = first.stopped().unwrap();
    let address = first.address();
    first.kill().unwrap();
    let between = effects::all(&world.database()).unwrap();
    assert!(between.iter().all(|delivery| *delivery == stopped));
    effects::end_claims(&world.database()).unwrap();
    let second = Start { listen: address, stop_at: None, ..program.clone() }.start().unwrap();
    world.sandbox.wait_for_webhooks().await;
    drop(second);
    (stopped, between.len())
}

async fn kill_at(point: Point) -> usize {
    let world = world().await;
    let (_, between) = kill(&world, &world.program(Some(point))).await;
    ensure_each_has_one_effect(&world).await;
    between
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_claim_and_effect_the_effect_happens_on_redelivery() {
    assert_eq!(kill_at(Point::Claimed).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_effect_and_commit_the_effect_is_undone_and_happens_on_redelivery() {
    assert_eq!(kill_at(Point::Made).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_commit_the_effect_is_there_and_does_not_happen_again() {
    assert_eq!(kill_at(Point::Committed).await, 1);
}

/// What is not promised, and that these tests would see it.
#[tokio::test(flavor = "multi_thread")]
async fn killed_between_an_effect_and_a_mark_that_is_apart_from_it_the_effect_happens_twice() {
    let world = world().await;
    let program = Start { marks_later: true, ..world.program(Some(Point::Committed)) };
    let (killed, between) = kill(&world, &program).await;
    assert_eq!(between, 1);
    let of_killed = effects::all(&world.database()).unwrap().into_iter().filter(|delivery| *delivery == killed);
    assert_eq!(of_killed.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_that_waits_takes_over_when_the_claim_of_a_killed_program_ends() {
    let world = world().await;
    let first = start(&world, &world.program(Some(Point::Claimed))).await;
    world.sandbox.create_customer("user_42").unwrap();
    first.stopped().unwrap();
    let address = first.address();
    first.kill().unwrap();
    let mut second = Start { listen: address, ..world.program(Some(Point::Claimed)) }.start().unwrap();
    let client = reqwest::Client::new();
    let delivery = world.sandbox.webhook_deliveries().remove(0);
    let waits = tokio::spawn(deliver(client, second.url(), delivery));
    // Its claim is refused until then, so it cannot come to the point.
    assert!(!second.has_stopped());
    assert_eq!(effects::end_claims(&world.database()).unwrap(), 1);
    second.stopped().unwrap();
    second.go_on().unwrap();
    assert_eq!(waits.await.unwrap(), 204);
    assert_eq!(effects::all(&world.database()).unwrap().len(), 1);
}
