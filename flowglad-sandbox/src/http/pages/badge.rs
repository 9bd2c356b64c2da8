//! Badges: a state in a word, colored by what it means.

use serde::Serialize;

use crate::{
    http::pages::wording::label,
    records::{
        billing::{Invoice, InvoiceStatus, Payment},
        subscription::{Subscription, SubscriptionStatus},
    },
    webhooks::delivery::DeliveryState,
};

/// A state, and the class of its color.
#[derive(Clone, Debug)]
pub(crate) struct Badge {
    pub(crate) text: String,
    pub(crate) tone: &'static str,
}

impl Badge {
    pub(crate) fn new(text: impl Into<String>, tone: &'static str) -> Self {
        Self { text: text.into(), tone }
    }

    fn of(state: &impl Serialize, tone: &'static str) -> Self {
        Self::new(label(state), tone)
    }

    pub(crate) fn of_subscription(subscription: &Subscription) -> Self {
        let tone = match subscription.status {
            // A free plan without a card becomes past due, and nothing is due.
            SubscriptionStatus::Active | SubscriptionStatus::PastDue if subscription.is_free_plan => "calm",
            SubscriptionStatus::Active => "good",
            SubscriptionStatus::Trialing => "info",
            SubscriptionStatus::CancellationScheduled | SubscriptionStatus::Incomplete => "warn",
            SubscriptionStatus::PastDue => "bad",
            SubscriptionStatus::Canceled => "calm",
        };
        Self::of(&subscription.status, tone)
    }

    /// As [`Self::of_subscription`], for the customer, whom nothing of the free plan concerns but that it is free.
    pub(crate) fn for_customer(subscription: &Subscription) -> Self {
        if subscription.is_free_plan { Self::new("Free", "calm") } else { Self::of_subscription(subscription) }
    }

    pub(crate) fn of_invoice(invoice: &Invoice) -> Self {
        let tone = match invoice.status {
            InvoiceStatus::Paid => "good",
            InvoiceStatus::Open => "warn",
            InvoiceStatus::Draft => "calm",
        };
        Self::of(&invoice.status, tone)
    }

    pub(crate) fn of_payment(payment: &Payment) -> Self {
        let tone = match payment.status.as_ref() {
            "succeeded" => "good",
            "failed" => "bad",
            _ => "calm",
        };
        Self::of(&payment.status, tone)
    }

    pub(crate) fn of_delivery(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Pending => Self::new("Pending", "calm"),
            DeliveryState::Held => Self::new("Held", "info"),
            DeliveryState::Delivered => Self::new("Delivered", "good"),
            DeliveryState::Failed => Self::new("Failed", "bad"),
            DeliveryState::Refused => Self::new("Not sent", "warn"),
        }
    }

    /// The status of a response; none while there is none.
    pub(crate) fn of_status(status: Option<u16>) -> Self {
        let tone = match status {
            None => "calm",
            Some(200..=399) => "good",
            Some(400..=499) => "warn",
            Some(_) => "bad",
        };
        Self::new(status.map_or_else(|| "…".to_owned(), |status| status.to_string()), tone)
    }
}
