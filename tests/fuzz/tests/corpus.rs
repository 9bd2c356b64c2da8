//! Every committed input is a test, and so are some thousand mutations of each target's.

use fastrand::Rng;
use flowglad_fuzz::{app::App, corpus, mutation::mutate, target::Target};

/// Few enough for every run of the tests; `cargo xtask fuzz` runs more.
const MUTATIONS: u32 = 600;

async fn replay(target: Target) {
    let app = App::start().await;
    let corpus = corpus::read(target);
    assert!(corpus.len() >= 5, "{} inputs", corpus.len());
    for (name, input) in &corpus {
        eprintln!("{name}");
        target.run(&app, input).await;
    }
    let mut random = Rng::with_seed(7);
    for turn in 0..MUTATIONS {
        let [parent, other] = [(); 2].map(|()| &corpus[random.usize(..corpus.len())].1);
        let input = mutate(&mut random, parent, other);
        eprintln!("mutation {turn}: {}", String::from_utf8_lossy(&input));
        target.run(&app, &input).await;
    }
}

#[tokio::test]
async fn any_body_of_a_browser_gets_a_response_with_its_problems() {
    replay(Target::BrowserBody).await;
}

#[tokio::test]
async fn any_error_body_of_flowglad_becomes_an_error_for_the_browser() {
    replay(Target::ErrorBody).await;
}

#[tokio::test]
async fn no_response_is_passed_on_if_it_is_in_doubt_whose_it_is() {
    replay(Target::Owner).await;
}

#[tokio::test]
async fn every_part_of_a_billing_document_arrives_byte_for_byte() {
    replay(Target::Splice).await;
}

#[tokio::test]
async fn a_delivery_of_a_webhook_is_handled_if_a_careful_reader_finds_it_signed_and_an_event() {
    replay(Target::Webhook).await;
}
