//! Who signs in and who pays: `AUTH` and `CUSTOMER`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flowglad_sandbox::Sandbox;
use hmac::{Hmac, Mac as _};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::example::{Example, checked};

const TOKEN_SECRET: &str = "a shared secret of 32 characters and more";
const PROJECT: &str = "https://abcdefgh.supabase.co";
const ISSUER: &str = "https://clerk.example.com";
const PARTY: &str = "https://app.example.com";

/// Names and values.
type Variables<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn a_token_of_supabase_signs_in() {
    let example =
        Example::start(&[("AUTH", "supabase"), ("SUPABASE_URL", PROJECT), ("SUPABASE_JWT_SECRET", TOKEN_SECRET)]);
    let token = supabase(&json!({"sub": "user_ada"}), TOKEN_SECRET);
    let signed = |request: RequestBuilder| request.bearer_auth(&token);
    assert_eq!(payer(&example, signed).await, "user_ada");
    let session = session(signed(example.asked("/session"))).await;
    assert_eq!((&session["auth"], &session["user"]["email"]), (&json!("supabase"), &json!("ada@example.com")));

    let forged = supabase(&json!({"sub": "user_ada"}), "another secret of 32 characters or more");
    assert_eq!(billing(&example, |request| request.bearer_auth(&forged)).await.status(), 401);
    let printed = example.end();
    assert!(!printed.contains(&token) && !printed.contains(&forged) && !printed.contains("ada@"), "{printed}");
}

#[tokio::test]
async fn a_session_of_better_auth_or_auth_js_signs_in() {
    let user = json!({"id": "user_ada", "name": "Ada Lovelace", "email": "ada@example.com"});
    let later = "2999-01-01T00:00:00.000Z";
    let better = json!({"session": {"userId": "user_ada", "expiresAt": later, "activeOrganizationId": "org_engines"}, "user": user});
    let auth_js = json!({"user": user, "expires": later});
    for (auth, variable, cookie, answer) in [
        ("better-auth", "BETTER_AUTH_URL", "better-auth.session_token=signed", better),
        ("authjs", "AUTH_URL", "authjs.session-token=sealed", auth_js),
    ] {
        let example = Example::start(&[("AUTH", auth), (variable, &server(answer.to_string()))]);
        let signed = |request: RequestBuilder| request.header("cookie", cookie);
        assert_eq!(payer(&example, signed).await, "user_ada", "{auth}");
        let session = session(example.asked("/session")).await;
        assert_eq!((&session["auth"], &session["user"]), (&json!(auth), &Value::Null));
    }
}

#[tokio::test]
async fn an_organization_of_clerk_pays_and_its_admins_buy() {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let keys = server(json!({"keys": [published(&key)]}).to_string());
    let clerk =
        [("AUTH", "clerk"), ("CLERK_ISSUER", ISSUER), ("CLERK_AUTHORIZED_PARTIES", PARTY), ("CLERK_JWKS_URL", &keys)];
    let example = Example::start(&[&clerk[..], &[("CUSTOMER", "organization")]].concat());
    let token = |claims: Value| {
        let person = json!({"sub": "user_ada", "name": "Ada", "email": "ada@example.com"});
        rs256(
            &key,
            &times(merged(merged(json!({"iss": ISSUER, "azp": PARTY, "sts": "active", "v": 2}), person), claims)),
        )
    };
    let urls = json!({"successUrl": PARTY, "cancelUrl": PARTY, "priceSlug": "pro_monthly"});
    let checkout = async |role: &str| {
        let token = token(json!({"o": {"id": "org_engines", "rol": role, "slg": "engines"}}));
        assert_eq!(payer(&example, |request| request.bearer_auth(&token)).await, "org_engines");
        let request = example.browser.post(format!("{}/api/flowglad/checkout-sessions/create", example.base_url));
        checked(request.bearer_auth(&token).json(&urls).send().await.unwrap()).await
    };
    assert_eq!(checkout("admin").await.0, 200);
    assert_eq!(checkout("member").await.0, 403);

    let alone = token(json!({}));
    let (status, body) = checked(billing(&example, |request| request.bearer_auth(&alone)).await).await;
    assert!(status == 403 && body.contains("no_organization"), "{status} {body}");
    assert_eq!(billing(&example, |request| request).await.status(), 401);
}

#[tokio::test]
async fn a_provider_that_is_down_signs_no_one_out() {
    let down = {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", closed.local_addr().unwrap())
    };
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let token = rs256(&key, &times(json!({"iss": ISSUER, "azp": PARTY, "sub": "user_ada", "sts": "active", "v": 2})));
    let bearer = format!("Bearer {token}");
    let clerk = [("CLERK_ISSUER", ISSUER), ("CLERK_AUTHORIZED_PARTIES", PARTY), ("CLERK_JWKS_URL", &*down)];
    let cases: [(&str, Variables<'_>, _, &str); 3] = [
        ("clerk", &clerk, "authorization", &bearer),
        ("better-auth", &[("BETTER_AUTH_URL", &down)], "cookie", "better-auth.session_token=signed"),
        ("authjs", &[("AUTH_URL", &down)], "cookie", "authjs.session-token=sealed"),
    ];
    for (auth, variables, header, value) in cases {
        let example = Example::start(&[&[("AUTH", auth)], variables].concat());
        for path in ["/session", "/reports.csv", "/reports.json"] {
            let response = example.asked(path).header(header, value).send().await.unwrap();
            assert!(response.headers().contains_key("retry-after"), "{auth} {path}");
            let (status, body) = checked(response).await;
            assert!(status == 503 && body.contains("sign_in_unavailable"), "{auth} {path}: {status} {body}");
        }
        assert_eq!(billing(&example, |request| request.header(header, value)).await.status(), 503, "{auth}");
        assert_eq!(billing(&example, |request| request).await.status(), 401, "{auth}: no token");
        assert!(!example.end().contains(value));
    }
}

#[test]
fn it_does_not_start_without_what_the_provider_needs() {
    let clerk = ("CLERK_ISSUER", ISSUER);
    let cases: [(&str, Variables<'_>, &str); 14] = [
        ("", &[], "AUTH"),
        ("nonsense", &[], "AUTH"),
        ("demo", &[("CUSTOMER", "")], "CUSTOMER"),
        ("demo", &[("CUSTOMER", "team")], "CUSTOMER"),
        ("clerk", &[], "CLERK_ISSUER"),
        ("clerk", &[("CLERK_ISSUER", "")], "CLERK_ISSUER"),
        ("clerk", &[clerk], "CLERK_AUTHORIZED_PARTIES"),
        ("clerk", &[clerk, ("CLERK_AUTHORIZED_PARTIES", "")], "CLERK_AUTHORIZED_PARTIES"),
        ("supabase", &[], "SUPABASE_URL"),
        ("supabase", &[("SUPABASE_URL", PROJECT), ("SUPABASE_JWT_SECRET", "")], "SUPABASE_JWT_SECRET"),
        ("authjs", &[], "AUTH_"),
        ("authjs", &[("AUTH_SECRET", ""), ("AUTH_URL", PARTY)], "AUTH_SECRET"),
        ("better-auth", &[], "BETTER_AUTH_URL"),
        ("better-auth", &[("BETTER_AUTH_URL", " ")], "BETTER_AUTH_URL"),
    ];
    for (auth, variables, named) in cases {
        let (code, said) = Example::ends_at_start(&[&[("AUTH", auth)], variables].concat());
        assert!(
            code == Some(1) && said.starts_with("example-") && said.contains(named),
            "{auth} {variables:?}: {said}"
        );
    }
}

#[tokio::test]
async fn with_a_provider_the_demo_signs_no_one_in() {
    let example =
        Example::start(&[("AUTH", "supabase"), ("SUPABASE_URL", PROJECT), ("SUPABASE_JWT_SECRET", TOKEN_SECRET)]);
    let response = example.post("/login", json!({"id": "user_ada", "name": "Ada", "email": "ada@example.com"})).await;
    assert!(matches!(response.status().as_u16(), 404 | 405) && !response.headers().contains_key("set-cookie"));
    assert_eq!(session(example.asked("/session")).await["user"], Value::Null);
}

#[tokio::test]
async fn the_organization_of_the_demo_pays_for_its_members() {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = [("FLOWGLAD_SECRET_KEY", sandbox.api_key()), ("FLOWGLAD_BASE_URL", sandbox.base_url())];
    let example = Example::start(&[&flowglad[..], &[("CUSTOMER", "organization")]].concat());
    for member in ["user_ada", "user_charles"] {
        let user = json!({"id": member, "name": "A", "email": "a@example.com", "organization": "org_engines"});
        assert_eq!(example.post("/login", user).await.status(), 204);
        assert_eq!(payer(&example, |request| request).await, "org_engines");
    }
    for user in [
        json!({"id": "user_alone", "name": "A", "email": "a@example.com"}),
        json!({"id": "user_alone", "name": "A", "email": "a@example.com", "organization": ""}),
    ] {
        assert_eq!(example.post("/login", user).await.status(), 204);
        let (status, body) = checked(billing(&example, |request| request).await).await;
        assert!(status == 403 && body.contains("no_organization"), "{status} {body}");
        let session = session(example.asked("/session")).await;
        assert_eq!((&session["user"]["id"], &session["customer"]), (&json!("user_alone"), &json!("organization")));
    }
}

#[tokio::test]
async fn a_sign_up_creates_the_customer_and_does_not_need_flowglad() {
    let sandbox = Sandbox::start().await.unwrap();
    let example =
        Example::start(&[("FLOWGLAD_SECRET_KEY", sandbox.api_key()), ("FLOWGLAD_BASE_URL", sandbox.base_url())]);
    example.sign_in("user_ada").await;
    let asked = reqwest::Client::new().get(format!("{}/api/v1/customers/user_ada", sandbox.base_url()));
    let customer = asked.header("authorization", sandbox.api_key()).send().await.unwrap();
    assert_eq!(customer.status(), 200);
    sandbox.stop().await;
    example.sign_in("user_charles").await;
    assert!(example.end().contains("was not enrolled"));
}

/// The external id of the customer who pays for a request.
async fn payer(example: &Example, signed: impl Fn(RequestBuilder) -> RequestBuilder) -> String {
    let (status, body) = checked(billing(example, signed).await).await;
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["data"]["customer"]["externalId"].as_str().unwrap().to_owned()
}

async fn billing(example: &Example, signed: impl Fn(RequestBuilder) -> RequestBuilder) -> Response {
    let request = example.browser.post(format!("{}/api/flowglad/customers/billing", example.base_url));
    signed(request.json(&json!({}))).send().await.unwrap()
}

async fn session(asked: RequestBuilder) -> Value {
    asked.send().await.unwrap().json().await.unwrap()
}

/// A provider's server, which has one answer. It ends with the process of the test.
fn server(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for asked in listener.incoming() {
            answered(&asked.unwrap(), &answer);
        }
    });
    url
}

fn answered(mut asked: &TcpStream, answer: &str) {
    let head = BufReader::new(asked).lines().map_while(Result::ok);
    let _ = head.take_while(|line| !line.is_empty()).count();
    let length = answer.len();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close");
    // The client may have gone.
    let _ = asked.write_all(format!("{head}\r\n\r\n{answer}").as_bytes());
}

fn supabase(claims: &Value, secret: &str) -> String {
    let user = json!({"iss": format!("{PROJECT}/auth/v1"), "aud": "authenticated", "role": "authenticated",
        "email": "ada@example.com", "is_anonymous": false});
    let signed = signed_part(&json!({"alg": "HS256", "typ": "JWT"}), &times(merged(user, claims.clone())));
    let mut signature = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    signature.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.finalize().into_bytes()))
}

fn rs256(key: &KeyPair, claims: &Value) -> String {
    let signed = signed_part(&json!({"alg": "RS256", "kid": "key_1", "typ": "JWT"}), claims);
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn signed_part(header: &Value, claims: &Value) -> String {
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encoded(header), encoded(claims))
}

/// The encoding of a key of 2048 bits has its modulus of 256 bytes after 9 bytes of headers.
fn published(key: &KeyPair) -> Value {
    let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    let (modulus, exponent) = (encoded(&key.public_key().as_ref()[9..265]), encoded(&[1, 0, 1]));
    json!({"kty": "RSA", "kid": "key_1", "alg": "RS256", "use": "sig", "n": modulus, "e": exponent})
}

/// Claims of a token that was made now.
fn times(claims: Value) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    merged(claims, json!({"iat": now, "nbf": now, "exp": now + 600}))
}

fn merged(mut claims: Value, more: Value) -> Value {
    if let (Value::Object(claims), Value::Object(more)) = (&mut claims, more) {
        claims.extend(more);
    }
    claims
}
