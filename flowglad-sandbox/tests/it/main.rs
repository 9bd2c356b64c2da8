//! Talks to running sandboxes over HTTP, as an app does.
#![expect(clippy::unwrap_used, reason = "test code")]

mod adjustments;
mod answers_match_the_api_description;
mod any_request;
mod as_on_the_platform;
mod availability;
mod catalog;
mod catalog_answers_match_the_api_description;
mod checkout;
mod control_api;
mod controls_and_methods;
mod customer_controls;
mod dashboard;
mod declined_payments;
mod description;
mod discounts_and_keys;
mod errors;
mod every_operation;
mod faults;
mod features;
mod given_webhooks;
mod hosted_page;
mod hostile_snapshots;
mod ids;
mod intended_errors;
mod layering;
mod lifecycle;
mod money_records;
mod moving_time;
mod paging;
mod palette;
mod portal;
mod previews;
mod prices;
mod pricing_files;
mod pricing_models;
mod program;
mod protocol;
mod races;
mod sandboxes;
mod scenarios;
mod shared_app;
mod simulation;
mod subscription_item_features;
mod subscriptions;
mod time;
mod usage;
mod validation;
mod webhook_controls;
mod webhook_faults;
mod webhook_receiver;
mod webhooks;

use flowglad_sandbox::{Clock, Ids, PricingModel, Sandbox, SandboxBuilder};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};

/// The start of 2026 in UTC.
const NEW_YEAR: i64 = 1_767_225_600_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A sandbox, its clock, and a client with its key.
struct Api {
    sandbox: Sandbox,
    clock: Clock,
    client: Client,
}

/// The response to a request.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: Value,
    text: String,
    headers: reqwest::header::HeaderMap,
}

impl Api {
    async fn start() -> Self {
        Self::with_model(PricingModel::starter_saas()).await
    }

    async fn with_model(pricing_model: PricingModel) -> Self {
        Self::of(Sandbox::builder().pricing_model(pricing_model)).await
    }

    /// A sandbox with these settings, a manual clock and seeded ids.
    async fn of(builder: SandboxBuilder) -> Self {
        let clock = Clock::manual(NEW_YEAR);
        let builder = builder.clock(clock.clone()).ids(Ids::from_seed(1));
        Self { sandbox: builder.start().await.unwrap(), clock, client: client() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1{path}", self.sandbox.base_url());
        self.client.request(method, url).header("authorization", self.sandbox.api_key())
    }

    async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> Reply {
        send(self.request(Method::POST, path).json(&body)).await
    }

    async fn put(&self, path: &str, body: Value) -> Reply {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    /// A request to something that is not the API.
    fn outside(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox.base_url()))
    }

    async fn control_api(&self, path: &str, body: Value) -> Reply {
        send(self.outside(Method::POST, &format!("/_sandbox/{path}")).json(&body)).await
    }

    async fn new_customer(&self, external_id: &str) -> Value {
        self.new_customer_answer(external_id).await.ok()["data"].clone()
    }

    async fn new_customer_answer(&self, external_id: &str) -> Reply {
        let customer = json!({ "email": "ada@example.com", "name": "Ada Example", "externalId": external_id });
        self.post("/customers", json!({ "customer": customer })).await
    }

    async fn billing(&self, external_id: &str) -> Value {
        self.get(&format!("/customers/{external_id}/billing")).await.ok()
    }

    /// The id of the customer's current subscription.
    async fn current(&self, external_id: &str) -> String {
        text(&self.billing(external_id).await["currentSubscription"]["id"])
    }

    async fn checkout(&self, external_id: &str, fields: Value) -> Reply {
        let mut session = json!({
            "customerExternalId": external_id,
            "successUrl": "https://app.example.com/ok",
            "cancelUrl": "https://app.example.com/no",
        });
        for (key, value) in fields.as_object().unwrap() {
            session[key] = value.clone();
        }
        self.post("/checkout-sessions", json!({ "checkoutSession": session })).await
    }

    /// Buys a price for a customer, and completes the checkout.
    async fn buy(&self, external_id: &str, price_slug: &str) {
        let session = self.checkout(external_id, json!({ "type": "product", "priceSlug": price_slug })).await.ok();
        self.sandbox.complete_checkout_session(session["checkoutSession"]["id"].as_str().unwrap()).unwrap();
    }

    async fn use_calls(&self, subscription_id: &str, amount: i64, transaction_id: &str) -> Reply {
        let event = json!({ "subscriptionId": subscription_id, "usageMeterSlug": "api_calls", "amount": amount,
            "transactionId": transaction_id });
        self.post("/usage-events", json!({ "usageEvent": event })).await
    }

    async fn balance(&self, external_id: &str) -> Value {
        let balances = self.get(&format!("/customers/{external_id}/usage-balances")).await.ok();
        balances["usageMeterBalances"][0]["availableBalance"].clone()
    }
}

impl Reply {
    /// The body of a success.
    fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// The message of a refusal with this status.
    fn error(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        text(&self.body["error"])
    }
}

/// A client that does not follow redirects, so that tests see them.
fn client() -> Client {
    Client::builder().redirect(redirect::Policy::none()).build().unwrap()
}

async fn send(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    Reply { status, body: serde_json::from_str(&text).unwrap_or_default(), text, headers }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The values of one field in a list of records.
fn each<'a>(records: &'a Value, field: &str) -> Vec<&'a Value> {
    records.as_array().unwrap().iter().map(|record| &record[field]).collect()
}

/// A sandbox with the customer `u` of the plan Pro, and the id of the subscription.
async fn pro_customer() -> (Api, String) {
    pro_customer_of(Sandbox::builder()).await
}

/// The same in a sandbox with these settings.
async fn pro_customer_of(builder: SandboxBuilder) -> (Api, String) {
    let api = Api::of(builder.pricing_model(model_with_team_and_lite())).await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let id = api.current("u").await;
    (api, id)
}

/// The starter model with three more plans: Team at 50 dollars a month, Lite at 5, and one with a trial.
fn model_with_team_and_lite() -> PricingModel {
    let mut form: Value = serde_json::from_str(include_str!("../../pricing_models/starter_saas.json")).unwrap();
    let features = form["features"].as_array_mut().unwrap();
    features.push(json!({ "type": "usage_credit_grant", "slug": "team_api_credits", "name": "Team API credits",
        "description": "5000 calls a month", "usageMeterSlug": "api_calls", "amount": 5000,
        "renewalFrequency": "every_billing_period" }));
    features.push(json!({ "type": "resource", "slug": "team_seats", "name": "Team seats", "description": "20 seats",
        "resourceSlug": "seats", "amount": 20 }));
    features.push(json!({ "type": "resource", "slug": "lite_seats", "name": "Lite seats", "description": "2 seats",
        "resourceSlug": "seats", "amount": 2 }));
    let plan = |slug: &str, cents: i64, features: Value| {
        json!({
            "product": { "name": slug, "slug": slug, "active": true },
            "price": { "type": "subscription", "name": format!("{slug} monthly"), "slug": format!("{slug}_monthly"),
                "unitPrice": cents, "intervalUnit": "month", "intervalCount": 1, "isDefault": true, "active": true },
            "features": features,
        })
    };
    let products = form["products"].as_array_mut().unwrap();
    products.push(plan("team", 5000, json!(["export_csv", "team_api_credits", "team_seats"])));
    products.push(plan("lite", 500, json!(["lite_seats"])));
    let mut trial = plan("trial", 3000, json!(["export_csv", "pro_api_credits"]));
    trial["price"]["trialPeriodDays"] = json!(14);
    products.push(trial);
    PricingModel::from_json(&form.to_string()).unwrap()
}
