//! The example as a program: its responses, its logs, and that neither contains a secret.

#![expect(clippy::unwrap_used, reason = "test code")]

mod auth;
mod example;
mod fleet;
mod usage;
mod webhooks;

use std::process::Command;

use flowglad_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::example::{Example, PROGRAM, SECRET, checked};

#[tokio::test]
async fn the_api_key_is_in_no_log_and_no_response() {
    let sandbox = Sandbox::builder().api_key(SECRET).start().await.unwrap();
    let connected = [("FLOWGLAD_SECRET_KEY", SECRET), ("FLOWGLAD_BASE_URL", sandbox.base_url()), ("RUST_LOG", "trace")];
    let example = Example::start(&connected);
    example.sign_in("user_42").await;
    let urls = json!({"successUrl": "https://a.example", "cancelUrl": "https://a.example", "priceSlug": "pro_monthly"});
    for (action, body) in [
        ("customers/billing", json!({})),
        ("checkout-sessions/create", urls),
        (
            "checkout-sessions/create",
            json!({"priceId": "price_nonsense", "successUrl": "https://a", "cancelUrl": "https://a"}),
        ),
        ("subscriptions/cancel", json!({"id": "sub_nonsense", "cancellation": {"timing": "immediately"}})),
        ("usage-events/create", json!({"usageMeterSlug": "nonsense"})),
        ("nonsense", json!({})),
    ] {
        checked(example.post(&format!("/api/flowglad/{action}"), body).await).await;
    }
    checked(example.get("/reports").await).await;
    checked(example.get("/reports.json?explain=1").await).await;
    sandbox.stop().await;
    let (status, _) = checked(example.post("/api/flowglad/customers/billing", json!({})).await).await;
    assert_eq!(status, 502);
    let printed = example.end();
    assert!(printed.contains("customers.billing") && printed.contains("TRACE"), "the log is not there:\n{printed}");
    assert!(!printed.contains(SECRET));
}

#[tokio::test]
async fn no_cookie_and_no_header_of_a_browser_is_in_the_log() {
    let example = Example::start(&[("RUST_LOG", "debug")]);
    let ada = json!({"id": "user_42", "name": "Ada", "email": "ada@example.com"});
    let login = example.post("/login", ada).await;
    let cookie = login.headers()["set-cookie"].to_str().unwrap();
    let value = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    assert!(value.len() > 10, "{cookie}");
    let signed = example.browser.get(format!("{}/session", example.base_url)).header("x-signature", SECRET);
    checked(signed.send().await.unwrap()).await;
    let printed = example.end();
    assert!(printed.contains("DEBUG"), "the log is not there:\n{printed}");
    assert!(!printed.contains(&value) && !printed.contains(SECRET), "{printed}");
}

#[tokio::test]
async fn a_refused_key_is_logged_and_not_shown_to_the_user() {
    let sandbox = Sandbox::start().await.unwrap();
    let example = Example::start(&[("FLOWGLAD_SECRET_KEY", SECRET), ("FLOWGLAD_BASE_URL", sandbox.base_url())]);
    example.sign_in("user_42").await;
    let (status, body) = checked(example.post("/api/flowglad/customers/billing", json!({})).await).await;
    assert!(status == 500 && body.contains("flowglad_credentials"), "{status} {body}");
    assert_eq!(checked(example.get("/reports").await).await.0, 503);
    let printed = example.end();
    assert!(printed.contains("the API key was not accepted; check FLOWGLAD_SECRET_KEY"), "{printed}");
    assert!(!printed.contains(SECRET));
}

#[test]
fn a_fixed_port_of_the_sandbox_that_is_taken_is_explained() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for port in [&*port, "abc"] {
        let mut program = Command::new(PROGRAM);
        program.env("PORT", "0").env_remove("FLOWGLAD_SECRET_KEY").env("SANDBOX_PORT", port);
        let output = program.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.starts_with("example-") && said.contains(port), "{said}");
    }
}

#[tokio::test]
async fn without_a_key_it_starts_a_sandbox_and_says_so() {
    let example = Example::start(&[]);
    example.sign_in("user_42").await;
    let (status, body) = checked(example.post("/api/flowglad/customers/billing", json!({})).await).await;
    assert!(status == 200 && body.contains("Starter SaaS"), "{status} {body}");
    assert!(example.end().contains("using a Flowglad sandbox"));
}

#[tokio::test]
async fn the_reports_page_requires_a_paid_plan() {
    let sandbox = Sandbox::builder().api_key(SECRET).start().await.unwrap();
    let example = Example::start(&[("FLOWGLAD_SECRET_KEY", SECRET), ("FLOWGLAD_BASE_URL", sandbox.base_url())]);
    assert_eq!(example.get("/reports").await.status(), 303);
    example.sign_in("user_42").await;
    let (status, page) = checked(example.get("/reports").await).await;
    assert!(status == 403 && page.contains("CSV export is part of Pro"), "{status} {page}");

    let urls = json!({"successUrl": "https://a.example", "cancelUrl": "https://a.example", "priceSlug": "pro_monthly"});
    let (_, checkout) = checked(example.post("/api/flowglad/checkout-sessions/create", urls).await).await;
    let checkout: Value = serde_json::from_str(&checkout).unwrap();
    sandbox.complete_checkout_session(checkout["data"]["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    let (status, page) = checked(example.get("/reports").await).await;
    assert!(status == 200 && page.contains("Download CSV"), "{status} {page}");
    assert_eq!(checked(example.get("/reports.csv").await).await.0, 200);
}

#[tokio::test]
async fn programs_get_the_reports_or_a_refusal_in_json() {
    let sandbox = Sandbox::builder().api_key(SECRET).start().await.unwrap();
    let example = Example::start(&[("FLOWGLAD_SECRET_KEY", SECRET), ("FLOWGLAD_BASE_URL", sandbox.base_url())]);
    let refused = async |path: &str| {
        let (status, body) = checked(example.get(path).await).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        (status, body["error"]["code"].as_str().unwrap().to_owned(), body["error"]["json"].clone())
    };
    for path in ["/reports.csv", "/reports.json"] {
        let (status, code, _) = refused(path).await;
        assert_eq!((status, &*code), (401, "unauthorized"), "{path}");
    }
    example.sign_in("user_42").await;
    for path in ["/reports.csv", "/reports.json?explain=1"] {
        let (status, code, json) = refused(path).await;
        assert_eq!((status, &*code), (403, "feature_required"), "{path}");
        assert_eq!((&json["feature"], &json["upgradeUrl"]), (&json!("export_csv"), &json!("/#plans")), "{path}");
    }

    let urls = json!({"successUrl": "https://a.example", "cancelUrl": "https://a.example", "priceSlug": "pro_monthly"});
    let (_, checkout) = checked(example.post("/api/flowglad/checkout-sessions/create", urls).await).await;
    let checkout: Value = serde_json::from_str(&checkout).unwrap();
    sandbox.complete_checkout_session(checkout["data"]["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    for source in ["live", "cache"] {
        let (status, body) = checked(example.get("/reports.json?explain=1").await).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &body["decision"]["source"]), (200, &json!(source)), "{body}");
        assert!(body["decision"]["ageMs"].is_u64(), "{body}");
    }
    let (_, body) = checked(example.get("/reports.json").await).await;
    assert!(body.contains("2026-10") && !body.contains("decision"), "{body}");

    sandbox.stop().await;
    assert_eq!(checked(example.get("/reports.csv").await).await.0, 200, "what is known is enough for a while");
    example.sign_in("user_43").await;
    let response = example.get("/reports.csv").await;
    assert!(response.headers().contains_key("retry-after"));
    let (status, body) = checked(response).await;
    assert!(status == 503 && body.contains("entitlements_unavailable"), "{status} {body}");
}

#[test]
fn a_failed_start_is_explained_in_one_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (name, value) in
        [("PORT", &*port), ("PORT", "abc"), ("FLOWGLAD_BASE_URL", "nonsense"), ("USAGE_DIR", "/dev/null/usage")]
    {
        let mut program = Command::new(PROGRAM);
        program.env("PORT", "0").env("FLOWGLAD_SECRET_KEY", SECRET).env(name, value);
        let output = program.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.starts_with("example-") && !said.contains("Os {"),
            "{name}={value}: {said}"
        );
    }
}

#[tokio::test]
async fn sign_in_takes_forms_and_json_and_explains_what_it_refuses() {
    let example = Example::start(&[]);
    let form = [("id", "user_42"), ("name", "Ada"), ("email", "ada@example.com")];
    let response = example.browser.post(format!("{}/login", example.base_url)).form(&form).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (303, &"/".parse().unwrap()));
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(checked(example.get("/session").await).await.1.contains("ada@example.com"));

    assert_eq!(example.post("/logout", json!({})).await.status(), 204);
    assert_eq!(checked(example.get("/session").await).await.1, r#"{"user":null,"auth":"demo","customer":"user"}"#);
    assert_eq!(checked(example.post("/api/flowglad/customers/billing", json!({})).await).await.0, 401);

    for user in
        [json!({"id": "a/b", "name": "", "email": "a@example.com"}), json!({"id": "a", "name": "", "email": ""})]
    {
        let (status, body) = checked(example.post("/login", user).await).await;
        assert!(status == 400 && body.contains("the customer's"), "{status} {body}");
    }
    assert_eq!(checked(example.post("/login", json!({"id": "a"})).await).await.0, 400);
}
