//! A hostile name is text on every page.

use flowglad_sandbox::PricingModel;
use serde_json::{Value, json};

use crate::{
    Api,
    dashboard::{page_at, path_of, register_webhook, submit},
};

const HOSTILE: [&str; 4] =
    ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "</bdi></td></table>"];

/// The starter model with hostile names and descriptions.
fn hostile_model() -> PricingModel {
    let mut form: Value = serde_json::from_str(include_str!("../../../pricing_models/starter_saas.json")).unwrap();
    form["name"] = json!(HOSTILE[0]);
    for list in ["features", "usageMeters"] {
        for (index, entry) in form[list].as_array_mut().unwrap().iter_mut().enumerate() {
            let entry = if entry["name"].is_string() { entry } else { &mut entry["usageMeter"] };
            entry["name"] = json!(HOSTILE[index % HOSTILE.len()]);
        }
    }
    for (index, product) in form["products"].as_array_mut().unwrap().iter_mut().enumerate() {
        product["product"]["name"] = json!(HOSTILE[(index + 1) % HOSTILE.len()]);
        product["product"]["description"] = json!(HOSTILE[index % HOSTILE.len()]);
        product["price"]["name"] = json!(HOSTILE[index % HOSTILE.len()]);
    }
    PricingModel::from_json(&form.to_string()).unwrap()
}

/// A sandbox in which everything that has a name has a hostile one.
async fn hostile_sandbox() -> Api {
    let api = Api::with_model(hostile_model()).await;
    register_webhook(&api, "http://192.0.2.1/<script>?\"'").await;
    for (index, name) in HOSTILE.into_iter().enumerate() {
        let customer = json!({ "name": name, "email": name, "externalId": format!("u{index}{name}") });
        api.post("/customers", json!({ "customer": customer })).await.ok();
    }
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let current = api.current("u").await;
    api.use_calls(&current, 1, HOSTILE[0]).await.ok();
    let claim = json!({ "resourceSlug": "seats", "externalIds": [HOSTILE[1]] });
    api.post(&format!("/resource-claims/{current}/claim"), claim).await.ok();
    let name = json!({ "customer": { "externalId": "u", "name": HOSTILE[0] } });
    api.put("/customers/u", name).await.ok();
    api.get("/customers/%3Cscript%3E?<script>=\"'").await;
    let fault = [("effect", "delay"), ("amount", "1"), ("times", "9"), ("path", HOSTILE[1])];
    submit(&api, "/dashboard/faults/requests", &fault).await;
    api.sandbox.wait_for_webhooks().await;
    api
}

#[tokio::test]
async fn hostile_names_are_text_on_every_page() {
    let api = hostile_sandbox().await;
    let delivery = api.sandbox.webhook_deliveries().remove(0);
    let mut paths: Vec<String> = [
        "/",
        "/dashboard/customers",
        "/dashboard/catalog",
        "/dashboard/webhooks",
        "/dashboard/requests",
        "/dashboard/faults",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(path_of(&api, "u").await);
    paths.push(format!("/dashboard/webhooks/{}/deliveries/{}", delivery.webhook_id, delivery.id));
    paths.extend((0..api.sandbox.requests().len()).map(|number| format!("/dashboard/requests/{number}")));
    for searched in ["/dashboard/customers", "/dashboard/webhooks", "/dashboard/requests"] {
        paths.push(format!("{searched}?q=%22%3E%3Cimg%20src%3Dx%3E%3Cscript%3E"));
    }
    for path in paths {
        assert_is_text(&path, &page_at(&api, &path).await.text);
    }
}

/// Asserts that a page has no element or attribute that a name has brought in.
fn assert_is_text(path: &str, page: &str) {
    assert_eq!(page.matches("<script").count(), 1, "only the page's own in {path}: {page}");
    assert!(!page.contains("<img") && !page.contains("' onmouseover"), "{path}: {page}");
    assert_eq!(page.matches("<table>").count(), page.matches("</table>").count(), "{path}: {page}");
    assert_eq!(page.matches("<bdi").count(), page.matches("</bdi>").count(), "{path}: {page}");
}

#[tokio::test]
async fn what_looks_like_a_template_or_an_entity_is_shown_as_it_is() {
    let api = Api::start().await;
    let customer = json!({ "name": "{{ 7 * 7 }}", "email": "&lt;b&gt;", "externalId": "u" });
    api.post("/customers", json!({ "customer": customer })).await.ok();
    let page = page_at(&api, "/dashboard/customers").await.text;
    assert!(page.contains("{{ 7 * 7 }}") && page.contains("&#38;lt;b"), "{page}");
}
