//! Every operation of the API by its typed method of the client.
//!
//! A [`Case`] is one call. An operation whose input may be left out has one case with everything and one with the least.

#![expect(clippy::unwrap_used, reason = "inputs that are written out here are valid")]

mod account;
mod billing;
mod catalog;
mod pricing_models;
mod subscriptions;

use std::fmt;

use flowglad_core::{
    Billing, Error, Flowglad, Response,
    api::{List, Page},
};
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// One call of one operation.
#[expect(missing_debug_implementations, reason = "a closure has nothing to show")]
pub struct Case {
    /// The operation's name in the client's errors, for example `customers.billing`.
    pub operation: &'static str,
    /// Which of the operation's calls it is. Empty if there is only one.
    pub form: &'static str,
    /// The names of the example records (`tests/spec/examples`) that are replies to it.
    pub examples: &'static [&'static str],
    reply: Reply,
    call: Box<dyn Fn(Flowglad) -> Calling>,
}

type Calling = BoxFuture<'static, Result<Vec<Record>, Error>>;

/// Where the record is in a reply.
#[derive(Clone, Copy, Debug)]
enum Reply {
    Whole,
    Under(&'static str),
    Page,
}

/// A record that the client has read.
#[derive(Clone, Debug)]
pub struct Record {
    /// The record's JSON as the reply has it.
    pub raw: Value,
    /// The decoded record, as JSON again. `None`: it is not written as JSON.
    pub written: Option<Value>,
    /// The decoded record's `Debug`.
    pub shown: String,
}

/// All calls.
#[must_use]
pub fn every_case() -> Vec<Case> {
    let parts = [account::cases(), billing::cases(), pricing_models::cases(), catalog::cases(), subscriptions::cases()];
    parts.into_iter().flatten().collect()
}

fn case<Call, Called, Returned>(operation: &'static str, form: &'static str, reply: Reply, call: Call) -> Case
where
    Call: Fn(Flowglad) -> Called + 'static,
    Called: Future<Output = Result<Returned, Error>> + Send + 'static,
    Returned: IntoRecords,
{
    let call = move |api| -> Calling {
        let called = call(api);
        Box::pin(async { Ok(called.await?.into_records()) })
    };
    Case { operation, form, reply, examples: &[], call: Box::new(call) }
}

/// The two calls of a list that has pages.
fn list_cases<T: fmt::Debug + Serialize + DeserializeOwned + Send + Sync>(
    operation: &'static str,
    list: fn(&Flowglad) -> List<T>,
) -> [Case; 2] {
    let of = move |api| list(&api);
    [
        case(operation, "everything", Reply::Page, move |api| async move {
            of(api).limit(5).cursor("cursor_1").page().await
        }),
        case(operation, "least", Reply::Page, move |api| async move { of(api).page().await }),
    ]
}

fn whole() -> Reply {
    Reply::Whole
}

fn under(key: &'static str) -> Reply {
    Reply::Under(key)
}

fn id<T: std::str::FromStr>(text: &str) -> T {
    let Ok(id) = text.parse() else { panic!("{text}") };
    id
}

impl Case {
    fn examples(mut self, names: &'static [&'static str]) -> Self {
        self.examples = names;
        self
    }

    /// Makes the call.
    ///
    /// # Errors
    /// What the client reports.
    pub async fn call(&self, api: &Flowglad) -> Result<Vec<Record>, Error> {
        (self.call)(api.clone()).await
    }

    /// The part of a reply that the client hands out as records.
    #[must_use]
    pub fn records_in<'a>(&self, reply: &'a Value) -> Vec<&'a Value> {
        match self.reply {
            Reply::Whole => vec![reply],
            Reply::Under(key) => reply.get(key).into_iter().collect(),
            Reply::Page => reply["data"].as_array().into_iter().flatten().collect(),
        }
    }

    /// The place of the records in a reply, as a path of the form `customer.name` or `data[]`.
    #[must_use]
    pub fn place_of_records(&self) -> &'static str {
        match self.reply {
            Reply::Whole => "",
            Reply::Under(key) => key,
            Reply::Page => "data[]",
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            "" => f.write_str(self.operation),
            form => write!(f, "{} ({form})", self.operation),
        }
    }
}

impl Record {
    fn new(raw: &str, written: Option<Value>, shown: String) -> Self {
        let raw = serde_json::from_str(raw).expect("the client has read it as JSON");
        Self { raw, written, shown }
    }
}

/// A call may return one record.
impl IntoRecords for Record {
    fn into_records(self) -> Vec<Record> {
        vec![self]
    }
}

trait IntoRecords {
    fn into_records(self) -> Vec<Record>;
}

impl<T: fmt::Debug + Serialize> IntoRecords for Response<T> {
    fn into_records(self) -> Vec<Record> {
        vec![Record::new(self.raw().as_str(), Some(json!(*self)), format!("{:?}", *self))]
    }
}

impl<T: fmt::Debug + Serialize> IntoRecords for Page<T> {
    fn into_records(self) -> Vec<Record> {
        self.data.into_iter().flat_map(Response::into_records).collect()
    }
}

impl IntoRecords for Billing {
    fn into_records(self) -> Vec<Record> {
        let shown = format!(
            "{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
            self.customer(),
            self.pricing_model(),
            self.subscriptions(),
            self.current_subscriptions(),
            self.invoices(),
            self.payment_methods(),
            self.purchases(),
        );
        let written = json!({
            "customer": self.customer(), "pricingModel": self.pricing_model(), "subscriptions": self.subscriptions(),
            "currentSubscriptions": self.current_subscriptions(), "currentSubscription": self.current_subscription(),
            "invoices": self.invoices(), "paymentMethods": self.payment_methods(), "purchases": self.purchases(),
            "billingPortalUrl": self.billing_portal_url(),
        });
        vec![Record::new(self.raw().as_str(), Some(written), shown)]
    }
}
