//! `/subscriptions`: subscriptions, their cancellation and their extra features.

use std::num::{NonZeroU32, NonZeroU64};

use serde::Serialize;

use crate::{
    api::{customers::CustomerRef, features::FeatureRef, prices::PriceRef},
    client::{
        endpoint::{Changes, Endpoint, NoFields},
        json::Response,
        transport::Call,
    },
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    input::Metadata,
    model::{IntervalUnit, PaymentMethodId, Subscription, SubscriptionId, SubscriptionItemFeature, Timestamp},
};

/// Not idempotent: it may charge immediately.
pub(crate) const CREATE: Endpoint<CreateSubscription<'_>, Subscription> =
    Endpoint::post("subscriptions.create", "/subscriptions").under("subscription").changes(Changes::Named);

pub(crate) const GET: Endpoint<(), Subscription> =
    Endpoint::get("subscriptions.get", "/subscriptions/{id}").under("subscription");

pub(crate) const LIST: ListEndpoint<Subscription> = list("subscriptions.list", "/subscriptions");

/// Idempotent: the API answers a second cancellation with the unchanged record.
pub(crate) const CANCEL: Endpoint<Cancel, Subscription> =
    Endpoint::post("subscriptions.cancel", "/subscriptions/{id}/cancel")
        .idempotent()
        .under("subscription")
        .changes(Changes::SubscriptionInPath);

/// Idempotent: the API answers with the unchanged record if no cancellation is scheduled.
pub(crate) const UNCANCEL: Endpoint<NoFields, Subscription> =
    Endpoint::post("subscriptions.uncancel", "/subscriptions/{id}/uncancel")
        .idempotent()
        .under("subscription")
        .changes(Changes::SubscriptionInPath);

/// Not idempotent: a retry would grant credits twice.
pub(crate) const ADD_FEATURE: Endpoint<AddFeature<'_>, SubscriptionItemFeature> =
    Endpoint::post("subscriptions.add_feature", "/subscriptions/{id}/add-feature")
        .under("subscriptionItemFeature")
        .changes(Changes::SubscriptionInPath);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateSubscription<'a> {
    #[serde(flatten)]
    customer: &'a CustomerRef,
    #[serde(flatten)]
    subscription: &'a NewSubscription,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cancel {
    cancellation: Cancellation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cancellation {
    timing: CancellationTiming,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddFeature<'a> {
    #[serde(flatten)]
    feature: &'a FeatureRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_credits_immediately: Option<bool>,
}

/// A subscription to create. It starts immediately: the API specification has a start date, but the API does not accept
/// one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewSubscription {
    /// The price, by its id or slug.
    #[serde(flatten)]
    pub price: PriceRef,
    /// The quantity. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<NonZeroU64>,
    /// The unit of the billing period. Default: the price's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<IntervalUnit>,
    /// The length of one billing period, in interval units. Default: the price's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_count: Option<NonZeroU32>,
    /// When the trial ends. Default: as set in the price. A customer gets one trial only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial_end: Option<Timestamp>,
    /// The metadata to attach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// The display name. Default: built from the names of the product and the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The card to charge. Without it and without a default card of the customer, a subscription with a price stays
    /// incomplete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_payment_method_id: Option<PaymentMethodId>,
    /// The card to charge if the first one fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_payment_method_id: Option<PaymentMethodId>,
    /// Whether it is free of charge (`doNotCharge`). The API then refuses cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub do_not_charge: Option<bool>,
}

impl NewSubscription {
    /// Subscribes to a quantity of 1 of this price, with every other field at its default.
    #[must_use]
    pub fn new(price: PriceRef) -> Self {
        Self {
            price,
            quantity: None,
            interval: None,
            interval_count: None,
            trial_end: None,
            metadata: None,
            name: None,
            default_payment_method_id: None,
            backup_payment_method_id: None,
            do_not_charge: None,
        }
    }
}

/// A price and a quantity: one item of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewSubscriptionItem {
    /// The price, by its id or slug.
    #[serde(flatten)]
    pub price: PriceRef,
    /// The quantity.
    pub quantity: NonZeroU64,
}

/// When a canceled subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationTiming {
    /// At the end of the billing period; the customer keeps access until then.
    AtEndOfCurrentBillingPeriod,
    /// Immediately.
    Immediately,
}

/// Operations on subscriptions (`/subscriptions`). Returned by [`Flowglad::subscriptions`].
///
/// For a signed-in user, use [`Flowglad::customer`], which checks that the subscription belongs to that user's
/// customer.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    pub(super) flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on subscriptions (`/subscriptions`).
    #[must_use]
    pub fn subscriptions(&self) -> Subscriptions {
        Subscriptions { flowglad: self.clone() }
    }
}

impl Subscriptions {
    /// Creates a subscription without a checkout (`POST /subscriptions`).
    /// Not retried after it was sent.
    ///
    /// A subscription with a price above 0 replaces the customer's free plan.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such customer or price. The API answers 500, not 409, if the customer has
    /// a subscription already.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{CustomerRef, NewSubscription, PriceRef};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let customer = CustomerRef::ExternalId("user_42".into());
    /// let mut gift = NewSubscription::new(PriceRef::Slug("pro_monthly".into()));
    /// gift.do_not_charge = Some(true);
    /// println!("{:?}", flowglad.subscriptions().create(&customer, &gift).await?.status);
    /// # Ok(()) }
    /// ```
    pub async fn create(
        &self,
        customer: &CustomerRef,
        subscription: &NewSubscription,
    ) -> Result<Response<Subscription>, Error> {
        self.flowglad
            .call(&CREATE, Call::body(&CreateSubscription { customer, subscription }).about([customer.subject()]))
            .await
    }

    /// Reads a subscription (`GET /subscriptions/{id}`). Only the billing document contains its features and balances.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no subscription has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", flowglad.subscriptions().get(&"sub_1".parse()?).await?.status);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &SubscriptionId) -> Result<Response<Subscription>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Lists all subscriptions, including ended ones (`GET /subscriptions`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.subscriptions().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Subscription> {
        List::new(&self.flowglad, &LIST)
    }

    /// Cancels a subscription, immediately or at the end of its billing period (`POST /subscriptions/{id}/cancel`).
    /// Retried after transient failures: the API answers a second cancellation with the unchanged record.
    ///
    /// # Errors
    /// The API answers 500 with a message for the free plan, or if a plan change is scheduled.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::CancellationTiming::Immediately;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", flowglad.subscriptions().cancel(&"sub_1".parse()?, Immediately).await?.canceled_at);
    /// # Ok(()) }
    /// ```
    pub async fn cancel(
        &self,
        id: &SubscriptionId,
        timing: CancellationTiming,
    ) -> Result<Response<Subscription>, Error> {
        let body = Cancel { cancellation: Cancellation { timing } };
        self.flowglad.call(&CANCEL, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Takes back a scheduled cancellation, so that the subscription continues (`POST /subscriptions/{id}/uncancel`).
    /// Retried after transient failures.
    ///
    /// # Errors
    /// The API answers 500 with a message if the customer has no card.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", flowglad.subscriptions().uncancel(&"sub_1".parse()?).await?.status);
    /// # Ok(()) }
    /// ```
    pub async fn uncancel(&self, id: &SubscriptionId) -> Result<Response<Subscription>, Error> {
        self.flowglad.call(&UNCANCEL, Call::id(id.as_str()).and_body(&NoFields {})).await
    }

    /// Grants one more feature to a subscription (`POST /subscriptions/{id}/add-feature`).
    /// Not retried after it was sent.
    ///
    /// Credits are granted at the next billing period unless `grant_credits_immediately` is set.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::FeatureRef;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let support = FeatureRef::Slug("priority_support".into());
    /// println!("{}", flowglad.subscriptions().add_feature(&"sub_1".parse()?, &support, None).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn add_feature(
        &self,
        id: &SubscriptionId,
        feature: &FeatureRef,
        grant_credits_immediately: Option<bool>,
    ) -> Result<Response<SubscriptionItemFeature>, Error> {
        let body = AddFeature { feature, grant_credits_immediately };
        self.flowglad.call(&ADD_FEATURE, Call::id(id.as_str()).and_body(&body)).await
    }
}
