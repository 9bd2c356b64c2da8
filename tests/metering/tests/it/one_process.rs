//! A folder belongs to one process at a time, also after one that was killed.

use std::time::{Duration, Instant};

use flowglad_metering::{acknowledged::Acknowledged, line::Line, reconcile::reconcile};

use crate::scene::Scene;

#[test]
fn a_second_program_on_the_folder_is_refused_and_the_first_goes_on() {
    let scene = Scene::new();
    let mut acknowledged = Acknowledged::default();
    let soon = || Instant::now() + Duration::from_secs(20);
    let first = scene.start.make_calls(0, &[]).unwrap();
    let note_one = |acknowledged: &mut Acknowledged| acknowledged.note(0, first.line_before(soon()).unwrap());
    note_one(&mut acknowledged);

    let second = scene.start.make_calls(1, &[]).unwrap().wait().unwrap();
    assert!(!second.status.success() && !second.was_killed());
    assert!(second.lines.is_empty(), "{:?}", second.lines);
    let folder = scene.start.folder.display().to_string();
    assert!(second.errors.contains(&folder) && second.errors.contains("stop the other one"), "{}", second.errors);

    (0..50).for_each(|_| note_one(&mut acknowledged));
    let first = first.kill().unwrap();
    assert!(first.was_killed());
    first.lines.into_iter().for_each(|line| acknowledged.note(0, line));
    let last = scene.start.send_all().unwrap().wait().unwrap();
    assert!(last.status.success(), "{}", last.errors);
    assert!(last.lines.iter().any(|line| matches!(line, Line::Left { pending: 0, .. })), "{:?}", last.lines);
    last.lines.into_iter().for_each(|line| acknowledged.note(1, line));
    let findings = reconcile(&acknowledged, &scene.sandbox.usage_ledger());
    assert!(findings.problems.is_empty(), "{:?}", findings.problems);
}
