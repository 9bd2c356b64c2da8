//! A recorded usage event as it is stored.

use std::num::NonZeroU64;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    input::TransactionId,
    model::{MeterRef, NewUsageEvent, SubscriptionId, Timestamp},
    outbox::book::Entry,
};

/// The first byte of each record. What follows is JSON.
const VERSION: u8 = 1;

/// A usage event that was recorded for a customer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedUsage {
    /// The customer's external id.
    pub(crate) customer: Box<str>,
    /// What is charged, and until when its billing period lasts. `None`: not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) charged: Option<Charged>,
    meter: MeterRef,
    amount: NonZeroU64,
    transaction_id: Box<str>,
    usage_date: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    properties: Option<Map<String, Value>>,
    /// What is held for it in a fleet, by its name. It is closed when this is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hold: Option<Box<str>>,
    /// How often it was recorded again after it was a dead letter. It is not the record then whose key is known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) again: u32,
}

/// The subscription that is charged.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Charged {
    pub(crate) subscription: SubscriptionId,
    /// When its billing period ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) period_end: Option<Timestamp>,
}

/// Bytes that are no record of this version.
#[derive(Debug, thiserror::Error)]
#[error("a record of usage cannot be read: {0}")]
pub(crate) struct Unreadable(String);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl RecordedUsage {
    /// `event` has a transaction id of the customer.
    pub(crate) fn new(
        customer: &str,
        charged: Option<Charged>,
        event: NewUsageEvent,
        transaction_id: &TransactionId,
        now: Timestamp,
    ) -> Self {
        Self {
            customer: customer.into(),
            charged,
            meter: event.meter,
            amount: event.amount,
            transaction_id: transaction_id.as_str().into(),
            usage_date: event.usage_date.unwrap_or(now),
            properties: event.properties,
            hold: None,
            again: 0,
        }
    }

    pub(crate) fn entry(&self) -> Entry {
        Entry { customer: self.customer.clone(), meter: self.meter.clone(), amount: self.amount.get() }
    }

    pub(crate) fn amount(&self) -> u64 {
        self.amount.get()
    }

    pub(crate) fn meter(&self) -> &MeterRef {
        &self.meter
    }

    pub(crate) fn transaction_id(&self) -> &str {
        &self.transaction_id
    }

    /// The event as it is sent.
    pub(crate) fn event(&self) -> NewUsageEvent {
        NewUsageEvent {
            meter: self.meter.clone(),
            amount: self.amount,
            transaction_id: TransactionId::from_record(&self.transaction_id),
            usage_date: Some(self.usage_date),
            properties: self.properties.clone(),
        }
    }

    /// What may be stored once: an id counts once per meter.
    pub(crate) fn key(meter: &MeterRef, transaction_id: &TransactionId) -> Box<[u8]> {
        let (kind, name) = match meter {
            MeterRef::PriceId(id) => ('p', id.as_str()),
            MeterRef::PriceSlug(slug) => ('P', slug.as_str()),
            MeterRef::UsageMeterId(id) => ('m', id.as_str()),
            MeterRef::UsageMeterSlug(slug) => ('M', slug.as_str()),
        };
        format!("{kind}{}:{name}{transaction_id}", name.len()).into_bytes().into()
    }

    /// The key of this one.
    #[cfg(feature = "redis")]
    pub(crate) fn own_key(&self) -> Option<Box<[u8]>> {
        let key = Self::key(&self.meter, &TransactionId::from_record(&self.transaction_id)?);
        Some(if self.again == 0 { key } else { [&key, format!("#{}", self.again).as_bytes()].concat().into() })
    }

    pub(crate) fn encode(&self) -> Result<Bytes, serde_json::Error> {
        let mut bytes = vec![VERSION];
        serde_json::to_writer(&mut bytes, self)?;
        Ok(bytes.into())
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        match bytes.split_first() {
            Some((&VERSION, json)) => serde_json::from_slice(json)
                .map_err(|error| Unreadable(format!("its JSON is wrong at byte {}", error.column()))),
            Some((version, _)) => Err(Unreadable(format!("it has version {version}, this program knows {VERSION}"))),
            None => Err(Unreadable("it is empty".into())),
        }
    }
}
