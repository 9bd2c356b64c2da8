//! Kills at random moments, while events arrive one after another.

use std::time::Duration;

use flowglad_webhooks::{effects, running::Start};

use crate::scene::{ensure_each_has_one_effect, start, world};

/// How often the test kills at least.
const KILLS: usize = 40;
/// How many handlings must be cut off: without them it would prove nothing.
const CUT_OFF: usize = 3;
const MOST_KILLS: usize = 1_000;
const CUSTOMERS_OF_A_LIFE: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn however_often_the_program_is_killed_each_event_has_one_effect() {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let world = world().await;
    let mut program = start(&world, &world.program(None)).await;
    let (mut kills, mut cut_off) = (0, 0);
    while kills < KILLS || cut_off < CUT_OFF {
        for number in 0..CUSTOMERS_OF_A_LIFE {
            world.sandbox.create_customer(&format!("user_{kills}_{number}")).unwrap();
        }
        // The moment is the test's subject: anywhere in the handling of some events.
        tokio::time::sleep(Duration::from_micros(random.u64(0..15_000))).await;
        let address = program.address();
        program.kill().unwrap();
        kills += 1;
        assert!(kills < MOST_KILLS, "seed {seed}: {cut_off} handlings were cut off");
        cut_off += effects::end_claims(&world.database()).unwrap();
        program = Start { listen: address, ..world.program(None) }.start().unwrap();
    }
    ensure_each_has_one_effect(&world).await;
    assert!(world.delivered().unwrap().len() >= kills * CUSTOMERS_OF_A_LIFE, "seed {seed}");
}
