//! Whatever a caller sends, the answer is that no user is signed in.

use flowglad_core::auth::{AuthJs, Provider as _};
use futures_util::FutureExt as _;
use proptest::prelude::*;

use super::{Sent, clock};

fn is_refused(headers: &Sent) -> bool {
    let provider = AuthJs::with_secrets(["the secret of the app"]).unwrap().clock(clock());
    provider.identify(headers).now_or_never().unwrap().unwrap().is_none()
}

/// Something like a token: parts that are base64url, or not.
fn token() -> impl Strategy<Value = String> {
    let header = prop_oneof![
        Just("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0".to_owned()),
        Just("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0".to_owned()),
        "[A-Za-z0-9_-]{0,80}",
        ".{0,20}",
    ];
    let part = prop_oneof!["[A-Za-z0-9_-]{0,64}", Just(String::new()), Just("AAAAAAAAAAAAAAAA".to_owned())];
    (header, prop::collection::vec(part, 0..7)).prop_map(|(header, parts)| [vec![header], parts].concat().join("."))
}

proptest! {
    #[test]
    fn any_cookies(text in ".{0,300}") {
        prop_assert!(is_refused(&Sent::cookie(text)));
    }

    #[test]
    fn any_session_cookie(token in token()) {
        let bearer = format!("Bearer {token}");
        for cookie in [format!("authjs.session-token={token}"), format!("next-auth.session-token={token}")] {
            prop_assert!(is_refused(&Sent::cookie(cookie)));
        }
        prop_assert!(is_refused(&Sent::default().and("authorization", bearer)));
    }

    #[test]
    fn any_parts(numbers in prop::collection::vec("[0-9]{1,4}", 0..6), token in token()) {
        let cookies = numbers.iter().map(|number| format!("authjs.session-token.{number}={token}"));
        prop_assert!(is_refused(&Sent::cookie(cookies.collect::<Vec<_>>().join("; "))));
    }
}
