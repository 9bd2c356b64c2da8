//! Kills while a large backlog is read, sent, removed and its space given back.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;
use flowglad_core::Flowglad;
use flowglad_metering::{
    acknowledged::Acknowledged,
    call::{Call, Kind, TASKS},
    meter,
    reconcile::reconcile,
};
use tokio::task::JoinSet;

use crate::scene::Scene;

const CALLS_OF_A_TASK: u32 = 1_500;
const AT_ONCE: u32 = 16;

#[test]
fn a_backlog_that_is_sent_by_programs_that_are_killed_is_charged_once() {
    let seed = fastrand::u64(..);
    let mut random = Rng::with_seed(seed);
    let scene = Scene::new();
    let mut acknowledged = Acknowledged::default();
    scene.runtime.block_on(record(&scene.client(), &mut acknowledged));
    let recorded = acknowledged.calls.len();

    let mut kills = 0;
    let last = loop {
        let sender = scene.start.send_all().unwrap();
        // Longer and longer, so that it comes to an end on a slow machine too.
        let patience = Duration::from_millis(random.u64(0..=200 + 20 * kills));
        std::thread::sleep(patience);
        let ended = sender.kill().unwrap();
        if !ended.was_killed() {
            break ended;
        }
        kills += 1;
    };
    assert!(last.status.success(), "seed {seed}: {}", last.errors);
    last.lines.into_iter().for_each(|line| acknowledged.note(u32::MAX, line));
    let findings = reconcile(&acknowledged, &scene.sandbox.usage_ledger());
    assert!(findings.problems.is_empty(), "seed {seed}, {kills} kills: {:?}", findings.problems);
    assert!(kills > 1, "seed {seed}: {kills} kills of senders of {recorded} events prove little");
}

/// Records a backlog as many callers at once.
async fn record(flowglad: &Flowglad, acknowledged: &mut Acknowledged) {
    let flowglad = Arc::new(flowglad.clone());
    for task in 0..TASKS {
        let mut callers = JoinSet::new();
        for caller in 0..AT_ONCE {
            let flowglad = Arc::clone(&flowglad);
            let numbers = (caller..CALLS_OF_A_TASK).step_by(AT_ONCE as usize);
            let calls = numbers.map(move |number| Call { run: 0, task, number }).filter(is_recorded);
            callers.spawn(async move {
                let mut lines = Vec::new();
                for call in calls {
                    lines.push(meter::recorded(&flowglad, call).await.unwrap());
                }
                lines
            });
        }
        let lines = callers.join_all().await.into_iter().flatten();
        lines.for_each(|line| acknowledged.note(0, line));
    }
}

fn is_recorded(call: &Call) -> bool {
    matches!(call.kind(), Kind::Keyed | Kind::WithoutKey | Kind::OnUnknownMeter)
}
