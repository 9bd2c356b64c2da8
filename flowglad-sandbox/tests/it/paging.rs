//! Pages of lists: limits and cursors.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Api, each, text};

async fn api_with_customers() -> Api {
    let api = Api::start().await;
    for (index, name) in ["anna", "bela", "cleo"].into_iter().enumerate() {
        api.clock.set(crate::NEW_YEAR + i64::try_from(index).unwrap());
        api.new_customer(name).await;
    }
    api
}

fn cursor(fields: &Value) -> String {
    STANDARD.encode(fields.to_string()).replace('+', "%2B").replace('=', "%3D")
}

#[tokio::test]
async fn a_limit_is_whatever_javascript_takes_for_a_number_from_1_to_100() {
    let api = api_with_customers().await;
    for (limit, shown) in [("2", 2), ("%202", 2), ("2e0", 2), ("0x2", 2), ("100", 3)] {
        let page = api.get(&format!("/customers?limit={limit}")).await.ok();
        assert_eq!(each(&page["data"], "id").len(), shown, "{limit}");
    }
    for (limit, message) in [
        ("0", "Too small: expected number to be >=1"),
        ("", "Too small: expected number to be >=1"),
        ("101", "Too big: expected number to be <=100"),
        ("1.5", "Invalid input: expected int, received number"),
        ("all", "Invalid input: expected number, received NaN"),
    ] {
        let answer = api.get(&format!("/customers?limit={limit}")).await;
        assert_eq!((answer.status, answer.body.get("code")), (400, None));
        let issues: Value = serde_json::from_str(answer.body["error"].as_str().unwrap()).unwrap();
        assert_eq!((&issues[0]["path"], &issues[0]["message"]), (&json!(["limit"]), &json!(message)), "{limit}");
    }
}

#[tokio::test]
async fn the_issues_of_a_page_are_one_text_of_indented_json() {
    let api = Api::start().await;
    assert_eq!(
        api.get("/prices?limit=0").await.error(400),
        "[\n  {\n    \"origin\": \"number\",\n    \"code\": \"too_small\",\n    \"minimum\": 1,\n    \
         \"inclusive\": true,\n    \"path\": [\n      \"limit\"\n    ],\n    \
         \"message\": \"Too small: expected number to be >=1\"\n  }\n]"
    );
}

#[tokio::test]
async fn limit_and_cursor_come_once_and_are_checked_on_every_get() {
    let api = Api::start().await;
    for path in ["/customers", "/resources", "/subscriptions/s", "/webhooks"] {
        for name in ["limit", "cursor"] {
            let doubled = api.get(&format!("{path}?{name}=1&{name}=2")).await.error(400);
            assert_eq!(doubled, format!("Multiple '{name}' values are not allowed"));
        }
        assert_eq!(api.get(&format!("{path}?cursor=")).await.status, 400, "{path}");
        assert_eq!(api.get(&format!("{path}?cursor=zzz")).await.error(400), "Invalid cursor");
    }
}

#[tokio::test]
async fn cursors_of_older_forms_are_accepted() {
    let api = api_with_customers().await;
    let page = |fields: Value| {
        let api = &api;
        async move {
            let page = api.get(&format!("/customers?cursor={}", cursor(&fields))).await.ok();
            each(&page["data"], "externalId").into_iter().map(text).collect::<Vec<_>>()
        }
    };
    let second = crate::NEW_YEAR + 1;
    assert_eq!(page(json!({ "id": "cust_any" })).await, ["anna", "bela", "cleo"], "no time is the beginning");
    assert_eq!(page(json!({ "createdAt": second, "direction": "forward" })).await, ["cleo"], "no id");
    assert_eq!(page(json!({ "createdAt": second, "id": "cust_", "direction": "backward" })).await, ["anna"]);
    let back = json!({ "createdAt": second + 9, "id": "cust_", "direction": "backward" });
    assert_eq!(page(back).await, ["cleo", "bela", "anna"]);
    for bad in [
        json!({}),
        json!([]),
        json!({ "createdAt": 1 }),
        json!({ "id": "x", "createdAt": "1" }),
        json!({ "createdAt": 1, "direction": "forward", "of": "an old form" }),
    ] {
        let answer = api.get(&format!("/customers?cursor={}", cursor(&bad))).await;
        assert_eq!(answer.error(400), "Invalid cursor", "{bad}");
    }
}

#[tokio::test]
async fn a_list_read_backward_is_continued_backward() {
    let api = api_with_customers().await;
    let end = json!({ "createdAt": crate::NEW_YEAR + 9, "id": "cust_", "direction": "backward" });
    let mut path = format!("/customers?limit=1&cursor={}", cursor(&end));
    for name in ["cleo", "bela", "anna"] {
        let page = api.get(&path).await.ok();
        assert_eq!(each(&page["data"], "externalId"), [name]);
        assert_eq!(page["hasMore"], name != "anna");
        if let Some(next) = page["nextCursor"].as_str() {
            path = format!("/customers?limit=1&cursor={}", next.replace('=', "%3D"));
        }
    }
}
