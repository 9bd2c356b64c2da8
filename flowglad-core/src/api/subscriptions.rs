//! `/subscriptions`.

use std::num::{NonZeroU32, NonZeroU64};

use serde::Serialize;

use crate::{
    api::{customers::CustomerRef, features::FeatureRef, prices::PriceRef},
    client::{
        endpoint::{Endpoint, NoFields},
        json::Response,
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    input::Metadata,
    model::{IntervalUnit, PaymentMethodId, Subscription, SubscriptionId, SubscriptionItemFeature, Timestamp},
};

/// It may charge at once.
pub(crate) const CREATE: Endpoint<CreateSubscription<'_>, Subscription> =
    Endpoint::post("subscriptions.create", "/subscriptions").under("subscription");

pub(crate) const GET: Endpoint<(), Subscription> =
    Endpoint::get("subscriptions.get", "/subscriptions/{id}").under("subscription");

pub(crate) const LIST: ListEndpoint<Subscription> = list("subscriptions.list", "/subscriptions");

/// Ends a subscription now or with its paid period.
pub(crate) const CANCEL: Endpoint<Cancel, Subscription> =
    Endpoint::post("subscriptions.cancel", "/subscriptions/{id}/cancel").under("subscription");

/// Takes back a scheduled cancellation.
pub(crate) const UNCANCEL: Endpoint<NoFields, Subscription> =
    Endpoint::post("subscriptions.uncancel", "/subscriptions/{id}/uncancel").under("subscription");

/// A second send would grant credits twice.
pub(crate) const ADD_FEATURE: Endpoint<AddFeature<'_>, SubscriptionItemFeature> =
    Endpoint::post("subscriptions.add_feature", "/subscriptions/{id}/add-feature").under("subscriptionItemFeature");

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

/// A subscription to begin. It begins now: the API's description knows a start date, but the API takes none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewSubscription {
    /// The price.
    #[serde(flatten)]
    pub price: PriceRef,
    /// How many. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<NonZeroU64>,
    /// The unit of a paid period. Default: the price's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<IntervalUnit>,
    /// How many units one paid period has. Default: the price's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_count: Option<NonZeroU32>,
    /// When the trial ends. Default: as the price says. A customer gets one trial only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial_end: Option<Timestamp>,
    /// What to attach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Its name, as shown to people. Default: made of the product's and the price's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The card to charge. Without one, a subscription that costs something stays incomplete unless the customer has a
    /// card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_payment_method_id: Option<PaymentMethodId>,
    /// The card to charge when the first one fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_payment_method_id: Option<PaymentMethodId>,
    /// Whether it is given away. Cards are then refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub do_not_charge: Option<bool>,
}

impl NewSubscription {
    /// One of a price, with everything else at its default.
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

/// A price and a quantity that a subscription is to consist of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewSubscriptionItem {
    /// The price.
    #[serde(flatten)]
    pub price: PriceRef,
    /// How many.
    pub quantity: NonZeroU64,
}

/// When a canceled subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationTiming {
    /// With the paid period; the customer keeps access until then.
    AtEndOfCurrentBillingPeriod,
    /// Now.
    Immediately,
}

/// Subscriptions (`/subscriptions`). Made by [`Flowglad::subscriptions`].
///
/// For a signed-in user go through [`Flowglad::customer`], which checks that the subscription is theirs.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    pub(super) flowglad: Flowglad,
}

impl Flowglad {
    /// Subscriptions (`/subscriptions`).
    #[must_use]
    pub fn subscriptions(&self) -> Subscriptions {
        Subscriptions { flowglad: self.clone() }
    }
}

impl Subscriptions {
    /// Begins a subscription without a checkout (`POST /subscriptions`). Never sent twice.
    ///
    /// A price that costs something takes the place of the customer's free plan.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such customer or price. A customer who has a subscription already is a 500
    /// of the API, not a 409. Else as every call.
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
        self.flowglad.call(&CREATE, Call::body(&CreateSubscription { customer, subscription })).await
    }

    /// Reads a subscription (`GET /subscriptions/{id}`). Its features and balances are in the billing document only.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
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

    /// All subscriptions, ended ones included, page by page or one after the other (`GET /subscriptions`).
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

    /// Ends a subscription now or with its paid period (`POST /subscriptions/{id}/cancel`). Never sent twice.
    ///
    /// # Errors
    /// The free plan, or a planned change, is a 500 of the API that says so; else as every call.
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

    /// Takes back a scheduled cancellation (`POST /subscriptions/{id}/uncancel`). Never sent twice.
    ///
    /// # Errors
    /// A customer without a card is a 500 of the API that says so; else as every call.
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

    /// Gives a subscription one more feature (`POST /subscriptions/{id}/add-feature`). Never sent twice.
    ///
    /// Credits are granted with the next paid period unless `grant_credits_immediately` is set.
    ///
    /// # Errors
    /// As every call.
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
