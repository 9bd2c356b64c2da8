//! Handlers that fail.

use flowglad_webhooks::running::Start;

use crate::scene::{ensure_each_has_one_effect, start, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_fails_twice_and_then_works_has_one_effect() {
    let world = world().await;
    let _program = start(&world, &Start { failures: 2, ..world.program(None) }).await;
    world.sandbox.create_customer("user_42").unwrap();
    ensure_each_has_one_effect(&world).await;
    let attempts: Vec<_> = world.sandbox.webhook_deliveries().remove(0).attempts;
    let statuses: Vec<_> = attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(500), Some(500), Some(204)]);
}
