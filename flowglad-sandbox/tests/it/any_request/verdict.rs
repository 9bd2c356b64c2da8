//! Whether a response is one that the API could return.

use reqwest::Method;
use serde_json::Value;

use super::requests::RandomRequest;
use crate::{
    Reply,
    description::{Description, WITHOUT_PROCEDURE},
};

/// The known beginnings of refusals with status 500. The real API has domain errors that lose their status on the way.
const REFUSALS: [&str; 30] = [
    "Unwrap called on Err: ",
    "Invalid ",
    "No ",
    "Failed to insert item into ",
    "UsageEvent conflict: ",
    "Billing period is required for usage meter ",
    "Properties are required for usage meter ",
    "UsageMeter ",
    "Subscription ",
    "Resource ",
    "Cannot ",
    "ConflictError: ",
    "NotFoundError: ",
    "ValidationError: ",
    "Default pricing model not found",
    "An unexpected error occurred. Please try again.",
    "Output validation failed",
    "Payment ",
    "Feature ",
    "Price ",
    "Product ",
    "Usage ",
    "Unsupported billing interval: ",
    "Webhook ",
    "Discount ",
    "Pricing Model ",
    "Current billing period not found: ",
    "generator body threw",
    "Failed query: ",
    "Customer ",
];

/// The problems of a response.
pub(super) fn problems(description: &Description, request: &RandomRequest, answer: &Reply) -> Vec<String> {
    if request.method == Method::HEAD {
        return Vec::new();
    }
    match answer.status {
        200 if !request.is_allowed() => vec!["answered without the key".to_owned()],
        200 if request.method != request.operation.method => vec!["answered a method that it does not have".to_owned()],
        200 => description.problems(&request.operation, &answer.body),
        404 if request.has_escaped_slash() && answer.text == "Not Found" => Vec::new(),
        401 => complain_unless(!request.is_allowed() && !answer.text.is_empty(), "a 401 for no reason", answer),
        404 | 405 if request.method != request.operation.method => Vec::new(),
        400 | 403 | 404 | 408 | 409 | 413 | 415 | 500 => refusal(request, answer),
        other => vec![format!("the status {other}")],
    }
}

fn refusal(request: &RandomRequest, answer: &Reply) -> Vec<String> {
    let mut problems = Vec::new();
    let body = &answer.body;
    let mut demand = |holds: bool, what: &str| problems.extend(complain_unless(holds, what, answer));
    demand(is_message(&body["error"]), "`error` is neither a sentence nor a list of issues");
    let request_id = body["request_id"].as_str().unwrap_or_default();
    demand(is_request_id(request_id), "`request_id` is not 8 hexadecimal digits");
    demand(answer.headers.get("x-request-id").is_some_and(|id| id == request_id), "`x-request-id` is another one");
    let code = body.get("code").map(|code| code.as_str().unwrap_or_default());
    demand(code_fits(answer.status, code), "`code` does not fit the status");
    let retry = answer.headers.get("x-should-retry").map(reqwest::header::HeaderValue::as_bytes);
    let tempts = answer.status >= 500 || [408, 409, 429].contains(&answer.status);
    demand(!tempts || retry == Some(b"false"), "clients would try again");
    if answer.status == 500 {
        let sentence = body["error"].as_str().unwrap_or_default();
        demand(REFUSALS.iter().any(|start| sentence.starts_with(start)), "a 500 that is not known");
    }
    if answer.status == 404 && body["error"].as_str().is_some_and(|error| error.starts_with("No procedure")) {
        let known = WITHOUT_PROCEDURE.iter().any(|(name, _)| *name == request.operation.name);
        demand(known, "an operation without a procedure");
    }
    problems
}

fn complain_unless(holds: bool, what: &str, answer: &Reply) -> Vec<String> {
    let text: String = answer.text.chars().take(600).collect();
    if holds { Vec::new() } else { vec![format!("{what}: {} {text}", answer.status)] }
}

fn is_message(message: &Value) -> bool {
    match message {
        Value::String(sentence) => !sentence.trim().is_empty(),
        Value::Array(issues) => !issues.is_empty() && issues.iter().all(is_issue),
        _ => false,
    }
}

fn is_issue(issue: &Value) -> bool {
    let is_step = |step: &Value| step.is_string() || step.is_u64();
    issue["code"].is_string()
        && issue["message"].as_str().is_some_and(|message| !message.is_empty())
        && issue["path"].as_array().is_some_and(|path| path.iter().all(is_step))
}

fn is_request_id(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn code_fits(status: u16, code: Option<&str>) -> bool {
    match status {
        400 => code.is_none_or(|code| code == "BAD_REQUEST"),
        403 => code == Some("FORBIDDEN"),
        404 => code == Some("NOT_FOUND"),
        408 => code == Some("TIMEOUT"),
        409 => code == Some("CONFLICT"),
        413 => code == Some("PAYLOAD_TOO_LARGE"),
        415 => code == Some("UNSUPPORTED_MEDIA_TYPE"),
        500 => code == Some("INTERNAL_SERVER_ERROR"),
        _ => false,
    }
}
