//! The vectors of `tests/webhooks/vectors.json`, which svix and `@flowglad/server` signed and verified.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowglad_core::webhook::{VerifiedDelivery, WebhookSecrets};
use serde::Deserialize;

use super::signed::{Sent, verify_at};

#[derive(Deserialize)]
struct File {
    reasons: BTreeMap<String, String>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    kind: String,
    name: String,
    secrets: Vec<String>,
    now: i64,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    #[serde(default)]
    spaces_after: usize,
    /// Whether this repository must accept it.
    ours: bool,
    /// Whether svix accepts it.
    svix: bool,
    /// Whether `@flowglad/server` accepts it.
    flowglad: bool,
    /// Why ours is another verdict than that of a verifier.
    reasons: BTreeMap<String, String>,
}

impl Vector {
    fn title(&self) -> String {
        format!("{}: {}", self.kind, self.name)
    }

    fn body(&self) -> Vec<u8> {
        let bytes = match (&self.body, &self.body_base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(text)) => STANDARD.decode(text).unwrap(),
            _ => panic!("{}: one body", self.title()),
        };
        [bytes, vec![b' '; self.spaces_after]].concat()
    }

    /// The delivery, if it is accepted; why not otherwise.
    fn verified(&self) -> Result<VerifiedDelivery, String> {
        let mut secrets = self.secrets.iter().map(|secret| secret.parse().map_err(|refused| format!("{refused}")));
        let first = WebhookSecrets::from(secrets.next().unwrap()?);
        let all = secrets.try_fold(first, |all, secret| Ok::<_, String>(all.and(secret?)))?;
        verify_at(self.now, &all, &Sent(self.headers.clone()), self.body()).map_err(|refused| refused.to_string())
    }
}

fn file() -> File {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/webhooks/vectors.json");
    let text = std::fs::read_to_string(FILE).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_vector_gets_the_verdict_in_the_file() {
    let wrong: Vec<String> = file()
        .vectors
        .iter()
        .filter_map(|vector| match vector.verified() {
            Ok(_) if !vector.ours => Some(format!("{} is accepted", vector.title())),
            Err(refusal) if vector.ours => Some(format!("{} is refused: {refusal}", vector.title())),
            _ => None,
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_disagreement_with_another_verifier_has_its_reason_and_each_reason_its_disagreement() {
    let File { reasons, vectors } = file();
    let mut used = BTreeSet::new();
    for vector in &vectors {
        let ours = vector.verified().is_ok();
        for (verifier, theirs) in [("svix", vector.svix), ("flowglad", vector.flowglad)] {
            let reason = vector.reasons.get(verifier);
            assert_eq!(reason.is_some(), ours != theirs, "{}: {verifier}", vector.title());
            used.extend(reason.cloned());
        }
        assert!(vector.reasons.len() <= 2, "{}: a reason for an unknown verifier", vector.title());
    }
    let known: BTreeSet<String> = reasons.into_keys().collect();
    assert_eq!(used, known);
}

#[test]
fn there_are_vectors_of_every_kind_with_both_verdicts() {
    let vectors = file().vectors;
    assert!(vectors.len() >= 80, "{}", vectors.len());
    let kinds: BTreeSet<&str> = vectors.iter().map(|vector| &*vector.kind).collect();
    assert!(kinds.len() >= 14, "{kinds:?}");
    assert!(vectors.iter().filter(|vector| vector.ours).count() >= 40);
    assert!(vectors.iter().filter(|vector| !vector.ours).count() >= 40);
}

#[test]
fn an_accepted_vector_arrives_byte_for_byte_with_its_id_and_time() {
    for vector in file().vectors {
        let Ok(delivery) = vector.verified() else { continue };
        let sent = |part: &str| {
            let named = |family: &str| vector.headers.iter().find(|(name, _)| *name == format!("{family}-{part}"));
            let all = |family: &str| {
                ["id", "timestamp", "signature"]
                    .iter()
                    .all(|part| vector.headers.iter().any(|(name, _)| *name == format!("{family}-{part}")))
            };
            if all("svix") { named("svix") } else { named("webhook") }.unwrap().1.clone()
        };
        assert_eq!(delivery.body(), &vector.body(), "{}", vector.title());
        assert_eq!(delivery.delivery_id(), sent("id"), "{}", vector.title());
        assert_eq!((delivery.sent_at().as_millis() / 1_000).to_string(), sent("timestamp"), "{}", vector.title());
    }
}

#[test]
fn a_verified_body_that_is_no_json_is_no_event() {
    let vectors: Vec<_> =
        file().vectors.into_iter().filter(|vector| vector.reasons.values().any(|reason| reason == "json")).collect();
    assert!(vectors.len() >= 5, "{}", vectors.len());
    for vector in vectors {
        let event = vector.verified().unwrap().event();
        assert!(event.is_err(), "{}: {event:?}", vector.title());
    }
}
