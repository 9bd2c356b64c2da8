//! Random requests, valid and invalid, made from the API's description. To all of them the sandbox responds as the API
//! can, and keeps running.
//!
//! To run more, or others: `ANY_REQUEST_SEQUENCES=500 ANY_REQUEST_SEED=7 cargo test -p flowglad-sandbox --test it
//! any_request -- --nocapture`. A failure names the seed of its sequence, which reproduces it.

mod bodies;
mod journal;
mod mutations;
mod requests;
mod verdict;

use std::{env, time::Duration};

use fastrand::Rng;
use serde_json::{Value, json};

use self::{bodies::Seen, journal::Journal, requests::RandomRequest};
use crate::{Api, DAY_MS, Reply, description::Description, model_with_team_and_lite};

const SEQUENCES: u64 = 10;
const REQUESTS_IN_A_SEQUENCE: usize = 300;

/// One sandbox that gets random requests, and the ids and slugs of its responses so far.
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
        let api = Api::with_model(model_with_team_and_lite()).await;
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

    /// Sends one random request, or uses the control API, and checks the response.
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
                if let Ok(Reply { status: 200, body, .. }) = &answer {
                    self.seen.learn(body);
                }
                let alive = self.api.get("/customers?limit=1").await;
                assert_eq!(alive.status, 200, "seed {}: after {request}: {}", self.seed, alive.text);
            }
        }
    }

    fn pay_a_checkout_session(&mut self) {
        if let Some(session) = self.seen.id_of_kind(&mut self.rng, "chckt_session") {
            // Completed and expired sessions are refused, which is fine here.
            let _ = self.api.sandbox.complete_checkout_session(&session);
        }
    }

    /// Completes a checkout session, if the control API can do that.
    async fn decline_the_next_payment(&mut self) {
        let url = format!("{}/_sandbox/fail-next-payment", self.api.sandbox.base_url());
        let answer = crate::send(self.api.client.post(url).json(&json!({}))).await;
        assert!([200, 404].contains(&answer.status), "seed {}: {}", self.seed, answer.text);
    }

    /// Moves the time by the control API, so that what is due happens. Without it, only the clock moves.
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

/// The value as text, for messages.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 600;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}
