//! `/subscriptions`.

use std::num::{NonZeroU32, NonZeroU64};

use serde::Serialize;

use crate::{
    Adjustment, AdjustmentTiming, Answer, CancellationTiming, Error, Flowglad, List, Metadata, NewSubscriptionItem,
    PriceRef,
    client::{
        endpoint::{Endpoint, NoFields, Resend},
        transport::Call,
    },
    list::{ListEndpoint, list},
    model::{
        Adjusted, AdjustmentPreview, CanceledAdjustment, CustomerId, FeatureId, IntervalUnit, PaymentMethodId,
        Subscription, SubscriptionId, SubscriptionItemFeature, Timestamp,
    },
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

/// Moves a subscription to other prices. It may charge at once, and a second send could charge again.
pub(crate) const ADJUST: Endpoint<Adjust<'_>, Adjusted> =
    Endpoint::post("subscriptions.adjust", "/subscriptions/{id}/adjust");

/// It only computes, so it may be asked again.
pub(crate) const PREVIEW_ADJUST: Endpoint<Adjust<'_>, AdjustmentPreview> =
    Endpoint::post("subscriptions.preview_adjust", "/subscriptions/{id}/preview-adjust").resend(Resend::Always);

pub(crate) const CANCEL_SCHEDULED_ADJUSTMENT: Endpoint<NoFields, CanceledAdjustment> =
    Endpoint::post("subscriptions.cancel_scheduled_adjustment", "/subscriptions/{id}/cancel-scheduled-adjustment");

/// A second send would grant credits twice.
pub(crate) const ADD_FEATURE: Endpoint<AddFeature<'_>, SubscriptionItemFeature> =
    Endpoint::post("subscriptions.add_feature", "/subscriptions/{id}/add-feature").under("subscriptionItemFeature");

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateSubscription<'a> {
    #[serde(flatten)]
    customer: &'a CustomerRef,
    #[serde(flatten)]
    subscription: &'a NewSubscription,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cancel {
    cancellation: Cancellation,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Cancellation {
    timing: CancellationTiming,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Adjust<'a> {
    adjustment: AdjustBody<'a>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct AdjustBody<'a> {
    timing: AdjustmentTiming,
    new_subscription_items: &'a [NewSubscriptionItem],
    /// The API knows no proration at the end of a period.
    #[serde(skip_serializing_if = "Option::is_none")]
    prorate_current_billing_period: Option<bool>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddFeature<'a> {
    #[serde(flatten)]
    feature: &'a FeatureRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_credits_immediately: Option<bool>,
}

impl<'a> From<&'a Adjustment> for Adjust<'a> {
    fn from(adjustment: &'a Adjustment) -> Self {
        let Adjustment { items, timing, prorate } = adjustment;
        let at_period_end = *timing == AdjustmentTiming::AtEndOfCurrentBillingPeriod;
        let adjustment = AdjustBody {
            timing: *timing,
            new_subscription_items: items,
            prorate_current_billing_period: (!at_period_end).then_some(*prorate),
        };
        Self { adjustment }
    }
}

/// A customer by Flowglad's id or the app's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CustomerRef {
    /// Flowglad's id.
    #[serde(rename = "customerId")]
    Id(CustomerId),
    /// The app's own id of the user.
    #[serde(rename = "customerExternalId")]
    ExternalId(String),
}

/// A feature by its id or its slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FeatureRef {
    /// Flowglad's id.
    #[serde(rename = "featureId")]
    Id(FeatureId),
    /// The name that code asks for.
    #[serde(rename = "featureSlug")]
    Slug(String),
}

/// A subscription to begin. It begins now: the API's description knows a start date, but the API takes none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    pub fn to(price: PriceRef) -> Self {
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

/// Subscriptions (`/subscriptions`). Made by [`Flowglad::subscriptions`].
///
/// For a signed-in user go through [`Flowglad::customer`], which checks that the subscription is theirs.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    flowglad: Flowglad,
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
    /// use flowglad_core::{PriceRef, api::{CustomerRef, NewSubscription}};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let customer = CustomerRef::ExternalId("user_42".into());
    /// let mut gift = NewSubscription::to(PriceRef::Slug("pro_monthly".into()));
    /// gift.do_not_charge = Some(true);
    /// println!("{:?}", flowglad.subscriptions().create(&customer, &gift).await?.status);
    /// # Ok(()) }
    /// ```
    pub async fn create(
        &self,
        customer: &CustomerRef,
        subscription: &NewSubscription,
    ) -> Result<Answer<Subscription>, Error> {
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
    pub async fn get(&self, id: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
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
    /// use flowglad_core::CancellationTiming::Immediately;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", flowglad.subscriptions().cancel(&"sub_1".parse()?, Immediately).await?.canceled_at);
    /// # Ok(()) }
    /// ```
    pub async fn cancel(&self, id: &SubscriptionId, timing: CancellationTiming) -> Result<Answer<Subscription>, Error> {
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
    pub async fn uncancel(&self, id: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
        self.flowglad.call(&UNCANCEL, Call::id(id.as_str()).and_body(&NoFields {})).await
    }

    /// Moves a subscription to other prices (`POST /subscriptions/{id}/adjust`). Never sent twice.
    ///
    /// The API waits until a charge came through, up to a minute: give it time with [`Flowglad::with_timeout`]. An item
    /// that stays must be named again by its price; the API passes over the ids of items.
    ///
    /// # Errors
    /// Most refusals (free plan, planned change, no card, claimed seats) are a 500 of the API that says so; else as every
    /// call.
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::Duration;
    /// use flowglad_core::{Adjustment, PriceRef};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let to_team = Adjustment::to(PriceRef::Slug("team_monthly".into()));
    /// let patient = flowglad.with_timeout(Duration::from_secs(90));
    /// println!("{:?}", patient.subscriptions().adjust(&"sub_1".parse()?, &to_team).await?.resolved_timing);
    /// # Ok(()) }
    /// ```
    pub async fn adjust(&self, id: &SubscriptionId, adjustment: &Adjustment) -> Result<Answer<Adjusted>, Error> {
        self.flowglad.call(&ADJUST, Call::id(id.as_str()).and_body(&Adjust::from(adjustment))).await
    }

    /// Computes what a change of plan would lead to, and changes nothing
    /// (`POST /subscriptions/{id}/preview-adjust`).
    ///
    /// # Errors
    /// A change that is refused is no error: see [`AdjustmentPreview::can_adjust`]. Else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Adjustment, PriceRef};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let to_team = Adjustment::to(PriceRef::Slug("team_monthly".into()));
    /// let preview = flowglad.subscriptions().preview_adjust(&"sub_1".parse()?, &to_team).await?;
    /// println!("{:?} now", preview.proration_amount);
    /// # Ok(()) }
    /// ```
    pub async fn preview_adjust(
        &self,
        id: &SubscriptionId,
        adjustment: &Adjustment,
    ) -> Result<Answer<AdjustmentPreview>, Error> {
        self.flowglad.call(&PREVIEW_ADJUST, Call::id(id.as_str()).and_body(&Adjust::from(adjustment))).await
    }

    /// Takes back a planned change of plan (`POST /subscriptions/{id}/cancel-scheduled-adjustment`). Never sent twice.
    ///
    /// # Errors
    /// No planned change is a 500 of the API that says so; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} items", flowglad.subscriptions().cancel_scheduled_adjustment(&"sub_1".parse()?).await?.canceled_item_count);
    /// # Ok(()) }
    /// ```
    pub async fn cancel_scheduled_adjustment(&self, id: &SubscriptionId) -> Result<Answer<CanceledAdjustment>, Error> {
        self.flowglad.call(&CANCEL_SCHEDULED_ADJUSTMENT, Call::id(id.as_str()).and_body(&NoFields {})).await
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
    ) -> Result<Answer<SubscriptionItemFeature>, Error> {
        let body = AddFeature { feature, grant_credits_immediately };
        self.flowglad.call(&ADD_FEATURE, Call::id(id.as_str()).and_body(&body)).await
    }
}
