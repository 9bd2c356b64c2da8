//! Any headers and bodies: no panic, what is signed verifies, and nothing that was changed does.

use flowglad_core::webhook::{VerifiedDelivery, WebhookSecret, WebhookSecrets};
use proptest::prelude::*;

use super::signed::{NOW, Sent, headers, secret, signature, verify_at};

const KEY: &[u8] = b"a key of these tests, 32 bytes. ";

fn secrets() -> WebhookSecrets {
    secret(KEY).parse::<WebhookSecret>().unwrap().into()
}

/// An id as Svix makes them, or with other signs.
fn id() -> impl Strategy<Value = String> {
    prop_oneof!["msg_[a-zA-Z0-9]{27}", "[!-\\-/-~]{1,256}"]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..2_000),
        "\\PC{0,200}".prop_map(String::into_bytes),
        id().prop_map(|id| format!(r#"{{"object":"payment","id":"{id}"}}"#).into_bytes()),
    ]
}

/// A header of a delivery with any text: right ones, cut ones, others.
fn header_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,80}",
        "(v1,[A-Za-z0-9+/]{43}= ?){0,4}",
        any::<i64>().prop_map(|number| number.to_string()),
        (NOW - 400..NOW + 400).prop_map(|seconds| seconds.to_string()),
    ]
}

fn any_headers() -> impl Strategy<Value = Sent> {
    let name = prop_oneof!["(svix|webhook)-(id|timestamp|signature)", "[a-z-]{0,20}",];
    proptest::collection::vec((name, header_text()), 0..8).prop_map(Sent)
}

proptest! {
    #[test]
    fn no_headers_and_no_body_make_it_panic_and_none_is_verified(
        sent in any_headers(),
        body in body(),
        now in prop_oneof![Just(NOW), -1_000_000..i64::MAX / 2_000],
    ) {
        prop_assert!(verify_at(now, &secrets(), &sent, body).is_err());
    }

    #[test]
    fn no_text_of_a_secret_makes_it_panic(text in prop_oneof![any::<String>(), "whsec_[A-Za-z0-9+/=]{0,60}"]) {
        if let Err(refusal) = text.parse::<WebhookSecrets>() {
            // The sentences have the word themselves.
            prop_assert!(text.len() < 12 || !refusal.to_string().contains(&text));
        }
    }

    #[test]
    fn what_is_signed_is_verified_with_any_of_several_secrets_and_signatures(
        id in id(),
        age in -60..=300_i64,
        body in body(),
        others in proptest::collection::vec("(v1|v1a|v2),[A-Za-z0-9+/]{43}=", 0..4),
        position in any::<proptest::sample::Index>(),
        key in proptest::collection::vec(any::<u8>(), 24..100),
    ) {
        let time = (NOW - age).to_string();
        let mut signatures = others;
        signatures.insert(position.index(signatures.len() + 1), signature(&key, &id, &time, &body));
        let sent = headers(&id, &time, &signatures.join(" "));
        let listed = format!("{},{}", secret(KEY), secret(&key));
        let delivery = verify_at(NOW, &listed.parse().unwrap(), &sent, body.clone()).unwrap();
        prop_assert_eq!(delivery.delivery_id(), &id);
        prop_assert_eq!(delivery.sent_at().as_millis(), (NOW - age) * 1_000);
        prop_assert_eq!(delivery.body(), &body);
        decoding_shows_nothing(&delivery);
    }

    #[test]
    fn a_change_of_any_bit_is_refused(
        id in id(),
        body in body(),
        part in 0..4_usize,
        at in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let time = NOW.to_string();
        let signed = signature(KEY, &id, &time, &body);
        let mut parts = [id.into_bytes(), time.into_bytes(), signed.into_bytes(), body];
        prop_assume!(!parts[part].is_empty());
        let at = at.index(parts[part].len());
        parts[part][at] ^= 1 << bit;
        let [id, time, signed, body] = parts;
        // What is no text any more is no text for the adapters either.
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|_| "\u{fffd}".to_owned());
        prop_assert!(verify_at(NOW, &secrets(), &headers(&text(id), &text(time), &text(signed)), body).is_err());
    }

    #[test]
    fn a_delivery_of_another_time_is_refused_also_if_it_is_signed(
        age in prop_oneof![301..i64::from(u32::MAX), -i64::from(u32::MAX)..-60],
        body in body(),
    ) {
        let time = (NOW - age).to_string();
        let sent = headers("msg_1", &time, &signature(KEY, "msg_1", &time, &body));
        prop_assert!(verify_at(NOW, &secrets(), &sent, body).is_err());
    }
}

/// Whatever the body is, it becomes an event or an error that shows none of its values.
fn decoding_shows_nothing(delivery: &VerifiedDelivery) {
    match delivery.event() {
        Ok(event) => assert!(!event.id.is_empty() || delivery.body().len() < 2_000),
        Err(error) => assert!(error.to_string().len() < 300, "{error}"),
    }
}
