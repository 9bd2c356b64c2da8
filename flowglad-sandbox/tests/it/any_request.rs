//! Random requests, good and bad, made from the API's description: whatever comes, the sandbox answers as the API can,
//! and goes on.
//!
//! More of them, or others: `ANY_REQUEST_SEQUENCES=500 ANY_REQUEST_SEED=7 cargo test -p flowglad-sandbox --test it
//! any_request -- --nocapture`. A failure names the seed of its sequence; with that seed and one sequence it comes again.

mod bodies;
mod journal;
mod mutations;
mod requests;
mod verdict;

use std::env;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use self::bodies::Seen;
use self::journal::Journal;
use self::requests::RandomRequest;
use crate::description::Description;
use crate::{Answer, Api, DAY_MS, seed_with_team_and_lite};

const SEQUENCES: u64 = 10;
const REQUESTS_IN_A_SEQUENCE: usize = 300;

/// One sandbox that gets random requests, and what its answers have shown so far.
struct Sequence<'a> {
    seed: u64,
    rng: Rng,
    api: Api,
    description: &'a Description,
    seen: Seen,
}

#[tokio::test]
async fn any_request_gets_an_answer_that_the_api_could_give() {
    let description = Description::read();
    let mut journal = Journal::default();
    let first = setting("ANY_REQUEST_SEED").unwrap_or(1);
    for seed in first..first.saturating_add(setting("ANY_REQUEST_SEQUENCES").unwrap_or(SEQUENCES)) {
        let mut sequence = Sequence::begin(seed, &description).await;
        for _ in 0..REQUESTS_IN_A_SEQUENCE {
            sequence.step(&mut journal).await;
        }
    }
    eprintln!("{journal}");
    assert!(journal.problems.is_empty(), "{} kinds of wrong answers", journal.problems.len());
}

impl<'a> Sequence<'a> {
    async fn begin(seed: u64, description: &'a Description) -> Self {
        let api = Api::with_seed(seed_with_team_and_lite()).await;
        let mut sequence = Self { seed, rng: Rng::with_seed(seed), api, description, seen: Seen::default() };
        sequence.seen.learn(&sequence.api.get("/pricing-models/default").await.ok());
        sequence.seen.learn(&json!({ "resourceSlug": "seats" }));
        for external_id in ["ada", "b/ü #?"] {
            let created = sequence.api.new_customer(external_id).await;
            sequence.seen.learn(&created);
        }
        sequence.api.buy("ada", "pro_monthly").await;
        sequence.seen.learn(&sequence.api.billing("ada").await);
        sequence
    }

    /// Sends one random request, or lets something happen that no request of the API does, and checks what comes.
    async fn step(&mut self, journal: &mut Journal) {
        match self.rng.u8(..100) {
            0..6 => self.pay_a_checkout_session(),
            6 => self.decline_the_next_payment().await,
            7..9 => self.let_time_pass().await,
            _ => {
                let request = RandomRequest::make(&mut self.rng, self.description, &self.seen);
                let answer = request.send(&self.api).await;
                let problems = match &answer {
                    Ok(answer) => verdict::problems(self.description, &request, answer),
                    Err(error) => vec![format!("no answer: {error}")],
                };
                journal.note(self.seed, &request, answer.as_ref().ok(), problems);
                if let Ok(Answer { status: 200, body, .. }) = &answer {
                    self.seen.learn(body);
                }
                let alive = self.api.get("/customers?limit=1").await;
                assert_eq!(alive.status, 200, "seed {}: after {request}: {}", self.seed, alive.text);
            }
        }
    }

    fn pay_a_checkout_session(&mut self) {
        if let Some(session) = self.seen.id_of_kind(&mut self.rng, "chckt_session") {
            // Sessions that are paid or too old are refused, which is as good here.
            let _ = self.api.sandbox.complete_checkout_session(&session);
        }
    }

    /// Where the side door can do that.
    async fn decline_the_next_payment(&mut self) {
        let url = format!("{}/_sandbox/fail-next-payment", self.api.sandbox.base_url());
        let answer = crate::send(self.api.client.post(url).json(&json!({}))).await;
        assert!([200, 404].contains(&answer.status), "seed {}: {}", self.seed, answer.text);
    }

    /// By the side door, so that what is due gets done; where it has no such door, the clock alone moves.
    async fn let_time_pass(&mut self) {
        let days = self.rng.u64(1..40);
        let url = format!("{}/_sandbox/advance", self.api.sandbox.base_url());
        let advanced = crate::send(self.api.client.post(url).json(&json!({ "days": days }))).await;
        if advanced.status == 404 {
            self.api.clock.advance(Duration::from_millis(days * DAY_MS.unsigned_abs()));
        } else {
            assert_eq!(advanced.status, 200, "seed {}: {}", self.seed, advanced.text);
        }
    }
}

fn setting(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

/// A text in place of any value that is none, for messages.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 600;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}
