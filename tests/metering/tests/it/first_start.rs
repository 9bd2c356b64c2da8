//! Kills while the file of the outbox is made.

use std::{path::Path, time::Duration};

use fastrand::Rng;
use flowglad_metering::running_meter::{Folder, Start};

use crate::scene::Scene;

const FOLDERS: u32 = 40;

#[test]
fn a_program_that_was_killed_when_it_first_started_can_start_again() {
    let seed = fastrand::u64(..);
    let mut random = Rng::with_seed(seed);
    let scene = Scene::new();
    for _ in 0..FOLDERS {
        let folder = Folder::new(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
        let start = Start { folder: folder.path().join("new"), ..scene.start.clone() };
        let (mut made, mut patience) = (false, 10_000);
        while !made {
            let program = start.send_all().unwrap();
            // The file is made within a few milliseconds, or later on a busy machine.
            std::thread::sleep(Duration::from_micros(random.u64(0..patience)));
            patience += 2_000;
            let ended = program.kill().unwrap();
            assert!(ended.was_killed() || ended.status.success(), "seed {seed}: {}", ended.errors);
            made = start.folder.join("usage.redb").exists();
        }
        let last = start.send_all().unwrap().wait().unwrap();
        assert!(last.status.success(), "seed {seed}: {}", last.errors);
    }
}
