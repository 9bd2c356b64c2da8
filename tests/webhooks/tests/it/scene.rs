//! A world for the program of this crate.

use std::path::Path;

use flowglad_webhooks::{
    effects,
    running::{RunningReceiver, Start},
    world::World,
};

pub(crate) async fn world() -> World {
    World::start(Path::new(env!("CARGO_BIN_EXE_flowglad-webhooks")), Path::new(env!("CARGO_TARGET_TMPDIR")))
        .await
        .unwrap()
}

/// Starts the program, and lets the sandbox deliver to it.
pub(crate) async fn start(world: &World, start: &Start) -> RunningReceiver {
    let program = start.start().unwrap();
    world.deliver_to(program.address()).await.unwrap();
    program
}

/// Waits until everything is delivered. Each delivery then has one effect.
pub(crate) async fn ensure_each_has_one_effect(world: &World) {
    world.sandbox.wait_for_webhooks().await;
    let delivered = world.delivered().unwrap();
    assert!(!delivered.is_empty());
    assert_eq!(effects::all(&world.database()).unwrap(), delivered);
}
