//! `/discounts`: discount codes for the checkout.

use std::num::{NonZeroU32, NonZeroU64};

use serde::Serialize;

use crate::{
    api::with_id::WithId,
    client::{
        endpoint::{Changes, Endpoint},
        json::Response,
        transport::Call,
    },
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    model::{Discount, DiscountAmountType, DiscountId},
};

/// Not idempotent: a retry after success fails, because the code is taken.
pub(crate) const CREATE: Endpoint<CreateDiscount<'_>, Discount> =
    Endpoint::post("discounts.create", "/discounts").under("discount").changes(Changes::Nothing);

pub(crate) const GET: Endpoint<(), Discount> = Endpoint::get("discounts.get", "/discounts/{id}").under("discount");

pub(crate) const UPDATE: Endpoint<UpdateDiscount<'_>, Discount> =
    Endpoint::put("discounts.update", "/discounts/{id}").under("discount").changes(Changes::Nothing);

pub(crate) const LIST: ListEndpoint<Discount> = list("discounts.list", "/discounts");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateDiscount<'a> {
    discount: &'a NewDiscount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateDiscount<'a> {
    discount: WithId<'a, DiscountId, DiscountChanges>,
}

/// The number of payments that a discount applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "duration", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum DiscountTerm {
    /// The first payment only.
    Once,
    /// A fixed number of payments.
    NumberOfPayments {
        /// The number of payments.
        number_of_payments: NonZeroU32,
    },
    /// All payments.
    Forever,
}

/// A discount code to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewDiscount {
    /// The name shown in the dashboard.
    pub name: String,
    /// The code to enter at the checkout, 3 to 20 characters. The API stores it in capitals.
    pub code: String,
    /// The amount of the discount: a percentage, or an amount in the currency's smallest unit.
    pub amount: NonZeroU64,
    /// The unit of the amount.
    pub amount_type: DiscountAmountType,
    /// The number of payments that the discount applies to.
    #[serde(flatten)]
    pub term: DiscountTerm,
    /// Whether the code is accepted. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl NewDiscount {
    /// A discount of a percentage.
    #[must_use]
    pub fn percent(name: impl Into<String>, code: impl Into<String>, percent: NonZeroU64, term: DiscountTerm) -> Self {
        let amount_type = DiscountAmountType::Percent;
        Self { name: name.into(), code: code.into(), amount: percent, amount_type, term, active: None }
    }

    /// A discount of a fixed amount, in the currency's smallest unit.
    #[must_use]
    pub fn fixed(name: impl Into<String>, code: impl Into<String>, amount: NonZeroU64, term: DiscountTerm) -> Self {
        let amount_type = DiscountAmountType::Fixed;
        Self { name: name.into(), code: code.into(), amount, amount_type, term, active: None }
    }
}

/// Changes to a discount. The API requires every field except the name and `active`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DiscountChanges {
    /// The name shown in the dashboard. Default: unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The code to enter at the checkout, 3 to 20 characters.
    pub code: String,
    /// The amount of the discount: a percentage, or an amount in the currency's smallest unit.
    pub amount: NonZeroU64,
    /// The unit of the amount.
    pub amount_type: DiscountAmountType,
    /// The number of payments that the discount applies to.
    #[serde(flatten)]
    pub term: DiscountTerm,
    /// Whether the code is accepted. Default: unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl DiscountChanges {
    /// Sets the required fields; the name and `active` stay unchanged.
    #[must_use]
    pub fn new(
        code: impl Into<String>,
        amount: NonZeroU64,
        amount_type: DiscountAmountType,
        term: DiscountTerm,
    ) -> Self {
        Self { name: None, code: code.into(), amount, amount_type, term, active: None }
    }
}

/// Operations on discount codes for the checkout (`/discounts`). Returned by [`Flowglad::discounts`].
#[derive(Clone, Debug)]
pub struct Discounts {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on discount codes for the checkout (`/discounts`).
    #[must_use]
    pub fn discounts(&self) -> Discounts {
        Discounts { flowglad: self.clone() }
    }
}

impl Discounts {
    /// Creates a discount code (`POST /discounts`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// The API answers 500, not 409, if the code is taken.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{DiscountTerm, NewDiscount};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let launch = NewDiscount::percent("Launch", "LAUNCH20", 20.try_into()?, DiscountTerm::Once);
    /// println!("{}", flowglad.discounts().create(&launch).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, discount: &NewDiscount) -> Result<Response<Discount>, Error> {
        self.flowglad.call(&CREATE, Call::body(&CreateDiscount { discount })).await
    }

    /// Reads a discount and the number of its redemptions (`GET /discounts/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no discount has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", flowglad.discounts().get(&"discount_1".parse()?).await?.redemption_count);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &DiscountId) -> Result<Response<Discount>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Changes a discount (`PUT /discounts/{id}`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{api::{DiscountChanges, DiscountTerm}, model::DiscountAmountType};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let (amount, term) = (500.try_into()?, DiscountTerm::Forever);
    /// let changes = DiscountChanges::new("LAUNCH5", amount, DiscountAmountType::Fixed, term);
    /// flowglad.discounts().update(&"discount_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, id: &DiscountId, changes: &DiscountChanges) -> Result<Response<Discount>, Error> {
        let body = UpdateDiscount { discount: WithId { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Lists all discounts with the number of their redemptions (`GET /discounts`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.discounts().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Discount> {
        List::new(&self.flowglad, &LIST)
    }
}
