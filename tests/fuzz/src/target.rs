//! The targets: what must hold for any input.

use std::collections::HashMap;

use flowglad_core::action::Action;
use serde_json::{Value, value::RawValue};

use crate::{
    app::App,
    json_reader::{Json, is_json},
    webhook,
};

/// Longer messages of Flowglad are cut off.
const LONGEST_MESSAGE: usize = 1_000;

/// Where the input comes from, and what is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The body of a browser's request, to every action.
    BrowserBody,
    /// The body of an error response of Flowglad; its first byte chooses the status.
    ErrorBody,
    /// A response with a customer: it is passed on only if it is beyond doubt whose it is.
    Owner,
    /// A billing document: every part of it arrives byte for byte.
    Splice,
    /// A delivery of a webhook: its headers, an empty line, its body.
    Webhook,
}

impl Target {
    /// All targets.
    pub const ALL: [Self; 5] = [Self::BrowserBody, Self::ErrorBody, Self::Owner, Self::Splice, Self::Webhook];

    /// The name of the target and of its folder in the corpus.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BrowserBody => "browser-body",
            Self::ErrorBody => "error-body",
            Self::Owner => "owner",
            Self::Splice => "splice",
            Self::Webhook => "webhook",
        }
    }

    /// Runs one input. Panics if a rule is broken.
    pub async fn run(self, app: &App, input: &[u8]) {
        match self {
            Self::BrowserBody => browser_body(app, input).await,
            Self::ErrorBody => error_body(app, input).await,
            Self::Owner => owner(app, input).await,
            Self::Splice => splice(app, input).await,
            Self::Webhook => webhook::run(app, input).await,
        }
    }
}

async fn browser_body(app: &App, input: &[u8]) {
    app.upstream.answer_with_records();
    let text = input.strip_prefix("\u{feff}".as_bytes()).unwrap_or(input);
    let is_object = std::str::from_utf8(text).is_ok_and(|text| text.trim_start().starts_with('{') && is_json(text));
    for action in Action::ALL {
        let response = app.ask(action.key(), input).await;
        if !is_object && !text.is_empty() && *action != Action::SubscriptionsCreate {
            assert!(response.status < 500, "{action}: {}", response.status);
            assert_ne!(response.status, 200, "{action} took what is no JSON object");
        }
        let most = 64 * 1024 + 8 * input.len();
        assert!(response.body.len() <= most, "{action}: {} bytes in, {} out", input.len(), response.body.len());
    }
}

async fn error_body(app: &App, input: &[u8]) {
    let Some((first, body)) = input.split_first() else { return };
    let status = 400 + u16::from(*first) % 200;
    app.upstream.answer_all(status, body);
    for action in ["customers/billing", "customers/update", "subscriptions/cancel", "pricing-models/retrieve"] {
        let sent = br#"{"id":"sub_1","cancellation":{"timing":"immediately"},"customer":{"name":"Ada"}}"#;
        let response = app.ask(action, if action == "pricing-models/retrieve" { b"" } else { sent }).await;
        assert!(response.status >= 400, "{action}: a {status} became a {}", response.status);
        assert!(response.status != 504 || status == 408, "{action}: a {status} is not slow");
        let shown: Value = serde_json::from_slice(&response.body).unwrap();
        let message = shown["error"]["message"].as_str().unwrap();
        assert!(!message.is_empty(), "{action}");
        assert!(message.chars().count() <= LONGEST_MESSAGE + 200, "{action}: {message}");
    }
}

async fn owner(app: &App, input: &[u8]) {
    app.upstream.answer_all(200, input);
    let expected = owner_of(input);
    let response = app.ask("customers/billing", b"").await;
    if response.status == 200 {
        assert_eq!(data_of(&response.body), input, "the document is passed on byte for byte");
        assert_ne!(expected, Owner::Doubtful, "passed on: {}", String::from_utf8_lossy(input));
    } else {
        assert_ne!(expected, Owner::Ada, "refused: {}", String::from_utf8_lossy(input));
    }
    for (action, body) in [("customers/update", r#"{"customer":{"name":"Ada"}}"#), ("customers/find-or-create", "{}")] {
        if app.ask(action, body.as_bytes()).await.status == 200 {
            assert_ne!(expected, Owner::Doubtful, "{action} passed on: {}", String::from_utf8_lossy(input));
        }
    }
}

/// Whose response it is for a careful reader.
#[derive(Debug, PartialEq)]
enum Owner {
    /// Beyond doubt that of the customer who asks.
    Ada,
    /// Not that customer's, or readers may differ.
    Doubtful,
    /// Nested too deep for this reader to say.
    Unread,
}

fn owner_of(input: &[u8]) -> Owner {
    let Ok(text) = std::str::from_utf8(input) else { return Owner::Doubtful };
    let Ok(json) = serde_json::from_str::<Json>(text) else {
        return if is_json(text) { Owner::Unread } else { Owner::Doubtful };
    };
    let id = json.only("customer").and_then(|customer| customer.only("externalId"));
    if id == Some(&Json::Text("user_42".to_owned())) { Owner::Ada } else { Owner::Doubtful }
}

/// The actions that return a list of the billing document, and the list's key in both.
const LISTS: [(&str, &str); 4] = [
    ("invoices/list", "invoices"),
    ("purchases/list", "purchases"),
    ("payment-methods/list", "paymentMethods"),
    ("subscriptions/list", "subscriptions"),
];

async fn splice(app: &App, input: &[u8]) {
    app.upstream.answer_all(200, input);
    let sent = std::str::from_utf8(input).unwrap_or_default();
    for (action, key) in LISTS {
        let body = if key == "subscriptions" { r#"{"includeHistorical":true}"# } else { "{}" };
        let response = app.ask(action, body.as_bytes()).await;
        if response.status == 200 {
            assert_eq!(items(data_of(&response.body), key), items(sent.as_bytes(), key), "{action}");
        }
    }
    let response = app.ask("pricing-models/retrieve", b"").await;
    if response.status == 200 {
        assert_eq!(part(data_of(&response.body), "pricingModel"), part(sent.as_bytes(), "pricingModel"));
    }
}

/// The texts of the items of a list in a JSON object.
fn items(object: &[u8], key: &str) -> Vec<String> {
    let list: Option<Vec<&RawValue>> = part(object, key).map(|list| serde_json::from_str(list).unwrap());
    list.unwrap_or_default().into_iter().map(|item| item.get().to_owned()).collect()
}

/// The text under a key of a JSON object. `None` for `null`.
fn part<'a>(object: &'a [u8], key: &str) -> Option<&'a str> {
    let fields: HashMap<String, &RawValue> = serde_json::from_slice(object).unwrap();
    fields.get(key).map(|value| value.get()).filter(|text| *text != "null")
}

/// The text of `data` in the response to a browser.
fn data_of(envelope: &[u8]) -> &[u8] {
    envelope.strip_prefix(b"{\"data\":").and_then(|rest| rest.strip_suffix(b"}")).expect("an envelope")
}
