//! `/discounts`.

use std::num::{NonZeroU32, NonZeroU64};

use serde::Serialize;

use crate::{
    api::with_id::WithId,
    client::{
        endpoint::Endpoint,
        json::Response,
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    model::{Discount, DiscountAmountType, DiscountId},
};

/// A second send fails on the code, which is taken by then.
pub(crate) const CREATE: Endpoint<CreateDiscount<'_>, Discount> =
    Endpoint::post("discounts.create", "/discounts").under("discount");

pub(crate) const GET: Endpoint<(), Discount> = Endpoint::get("discounts.get", "/discounts/{id}").under("discount");

pub(crate) const UPDATE: Endpoint<UpdateDiscount<'_>, Discount> =
    Endpoint::put("discounts.update", "/discounts/{id}").under("discount");

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

/// For how many payments a discount holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "duration", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum DiscountTerm {
    /// The first.
    Once,
    /// So many.
    NumberOfPayments {
        /// How many.
        number_of_payments: NonZeroU32,
    },
    /// All.
    Forever,
}

/// A discount code to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewDiscount {
    /// Its name in the dashboard.
    pub name: String,
    /// What people enter, 3 to 20 characters. The API makes capitals of it.
    pub code: String,
    /// How much: percent, or the currency's smallest unit.
    pub amount: NonZeroU64,
    /// What the amount counts.
    pub amount_type: DiscountAmountType,
    /// For how many payments it holds.
    #[serde(flatten)]
    pub term: DiscountTerm,
    /// Whether it is accepted. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl NewDiscount {
    /// So many percent off.
    #[must_use]
    pub fn percent(name: impl Into<String>, code: impl Into<String>, percent: NonZeroU64, term: DiscountTerm) -> Self {
        let amount_type = DiscountAmountType::Percent;
        Self { name: name.into(), code: code.into(), amount: percent, amount_type, term, active: None }
    }

    /// An amount off, in the currency's smallest unit.
    #[must_use]
    pub fn fixed(name: impl Into<String>, code: impl Into<String>, amount: NonZeroU64, term: DiscountTerm) -> Self {
        let amount_type = DiscountAmountType::Fixed;
        Self { name: name.into(), code: code.into(), amount, amount_type, term, active: None }
    }
}

/// What to change of a discount. The API asks for all but its name and whether it is accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DiscountChanges {
    /// Its name in the dashboard. Default: as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What people enter, 3 to 20 characters.
    pub code: String,
    /// How much: percent, or the currency's smallest unit.
    pub amount: NonZeroU64,
    /// What the amount counts.
    pub amount_type: DiscountAmountType,
    /// For how many payments it holds.
    #[serde(flatten)]
    pub term: DiscountTerm,
    /// Whether it is accepted. Default: as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl DiscountChanges {
    /// Sets what must be set.
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

/// Codes that people enter at the checkout for a lower price (`/discounts`). Made by [`Flowglad::discounts`].
#[derive(Clone, Debug)]
pub struct Discounts {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Codes that people enter at the checkout for a lower price (`/discounts`).
    #[must_use]
    pub fn discounts(&self) -> Discounts {
        Discounts { flowglad: self.clone() }
    }
}

impl Discounts {
    /// Creates a discount code (`POST /discounts`). Never sent twice.
    ///
    /// # Errors
    /// A code that is taken is a 500 of the API, not a 409; else as every call.
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

    /// Reads a discount, and how often it was used (`GET /discounts/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
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
    /// As every call.
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

    /// All discounts, with how often each was used, page by page or one after the other (`GET /discounts`).
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
