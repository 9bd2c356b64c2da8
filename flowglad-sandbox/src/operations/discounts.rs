//! `/discounts`: discount codes.

use serde::Serialize;
use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
    },
    records::{
        checkout::CheckoutStatus,
        discount::{Discount, DiscountAmountType, DiscountDuration},
    },
    refusal::Refusal,
    rules::scope,
    store::Store,
};

const CODE_LENGTH: std::ops::RangeInclusive<usize> = 3..=20;

/// The fields of a new or changed discount.
#[derive(Debug)]
struct DiscountForm {
    /// Required for a new discount only.
    name: Option<String>,
    code: String,
    amount: i64,
    amount_type: DiscountAmountType,
    active: Option<bool>,
    duration: DiscountDuration,
    number_of_payments: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RedeemedDiscount<'a> {
    #[serde(flatten)]
    discount: &'a Discount,
    redemption_count: usize,
}

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<Discount>(store), |discount| redeemed(store, discount))
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (name, form) = input::read(call, |root| {
        let (discount, duration) = by_duration(root);
        (discount.at("name").string(), discount_form(&discount, duration))
    })?;
    if code_is_taken(store, &form.code, None) {
        return Err(Refusal::not_inserted("discounts"));
    }
    let discount = Discount {
        meta: store.meta::<Discount>(),
        organization_id: store.organization_id.clone(),
        pricing_model_id: store.key_model_id.clone(),
        name,
        code: form.code,
        amount: form.amount,
        amount_type: form.amount_type,
        active: form.active.unwrap_or(true),
        duration: form.duration,
        number_of_payments: form.number_of_payments,
    };
    let reply = Reply::json(&json!({ "discount": &discount }));
    store.tables.discounts.insert(discount);
    Ok(reply)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let discount = scope::find(store, id).ok_or_else(|| Refusal::plain_no_row("discounts", id))?;
    Ok(Reply::json(&json!({ "discount": redeemed(store, discount) })))
}

pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let form = input::read(call, |root| {
        let (discount, duration) = by_duration(root);
        discount.at("id").string();
        let name = discount.at("name").optional(Field::string);
        DiscountForm { name, ..discount_form(&discount, duration) }
    })?;
    scope::require::<Discount>(store, id)?;
    if code_is_taken(store, &form.code, Some(id)) {
        return Err(Refusal::not_updated("discounts"));
    }
    let now = store.now();
    store.tables.discounts.change(id, now, |discount| {
        discount.name = form.name.unwrap_or_else(|| discount.name.clone());
        discount.code = form.code;
        discount.amount = form.amount;
        discount.amount_type = form.amount_type;
        discount.active = form.active.unwrap_or(discount.active);
        discount.duration = form.duration;
        discount.number_of_payments = form.number_of_payments;
    });
    let discount: &Discount = scope::require(store, id)?;
    Ok(Reply::json(&json!({ "discount": discount })))
}

/// Reads the fields that new and changed discounts have.
fn discount_form(discount: &Field<'_>, duration: DiscountDuration) -> DiscountForm {
    const AMOUNT_TYPES: [(&str, DiscountAmountType); 2] =
        [("percent", DiscountAmountType::Percent), ("fixed", DiscountAmountType::Fixed)];
    let is_counted = duration == DiscountDuration::NumberOfPayments;
    let form = DiscountForm {
        name: None,
        code: discount.at("code").capitals(CODE_LENGTH),
        amount: discount.at("amount").coerced_positive(),
        amount_type: discount.at("amountType").choice(&AMOUNT_TYPES).unwrap_or(DiscountAmountType::Fixed),
        active: discount.at("active").optional(Field::boolean),
        duration,
        number_of_payments: is_counted.then(|| discount.at("numberOfPayments").coerced_positive()),
    };
    if !is_counted {
        discount.at("numberOfPayments").nothing();
    }
    form
}

fn by_duration<'a>(root: &Field<'a>) -> (Field<'a>, DiscountDuration) {
    const DURATIONS: [(&str, DiscountDuration); 3] = [
        ("once", DiscountDuration::Once),
        ("forever", DiscountDuration::Forever),
        ("number_of_payments", DiscountDuration::NumberOfPayments),
    ];
    let (discount, duration) = root.at("discount").form_by("duration", &DURATIONS);
    (discount, duration.unwrap_or(DiscountDuration::Once))
}

fn code_is_taken(store: &Store, code: &str, own_id: Option<&str>) -> bool {
    scope::all::<Discount>(store).any(|discount| discount.code == code && Some(discount.meta.id.as_str()) != own_id)
}

/// Counts the redemptions of a discount: the completed checkouts that have it.
fn redeemed<'a>(store: &Store, discount: &'a Discount) -> RedeemedDiscount<'a> {
    let redemption_count = store
        .tables
        .checkout_sessions
        .iter()
        .filter(|session| session.status == CheckoutStatus::Succeeded)
        .filter(|session| session.discount_id.as_deref() == Some(discount.meta.id.as_str()))
        .count();
    RedeemedDiscount { discount, redemption_count }
}
