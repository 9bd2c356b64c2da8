//! `/checkout-sessions`: creates and shows checkout sessions.

use std::fmt::Display;

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
    },
    records::{
        checkout::{CheckoutSession, CheckoutStatus, CheckoutType},
        customer::Customer,
        metadata::Metadata,
        pricing::{Price, PriceType},
        subscription::Subscription,
    },
    refusal::Refusal,
    rules::{billing::period, customers, pricing::pricing_model, scope},
    store::Store,
};

/// The fields of a new session.
#[derive(Debug)]
pub(crate) struct NewCheckout {
    kind: CheckoutType,
    customer_external_id: Option<String>,
    price_id: Option<String>,
    price_slug: Option<String>,
    quantity: i64,
    target_subscription_id: Option<String>,
    preserve_billing_cycle_anchor: bool,
    success_url: String,
    cancel_url: String,
    output_name: Option<String>,
    output_metadata: Option<Metadata>,
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let new = input::read(call, |root| new_checkout(&root.at("checkoutSession")))?;
    let session = open(store, new)?;
    let page = if session.kind == CheckoutType::AddPaymentMethod { "add-payment-method" } else { "checkout" };
    let url = format!("{}/{page}/{}", call.base_url, session.meta.id);
    Ok(Reply::json(&json!({ "checkoutSession": session, "url": url })))
}

/// Refuses changes of a session. The real API has them for its own pages.
pub(crate) fn update(_store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    const KINDS: [(&str, &str); 4] = [
        ("purchase", "priceId"),
        ("product", "priceId"),
        ("add_payment_method", "customerId"),
        ("activate_subscription", "targetSubscriptionId"),
    ];
    input::read(call, |root| {
        let (session, required) = root.at("checkoutSession").form_by("type", &KINDS);
        session.at("id").string();
        if let Some(required) = required {
            session.at(required).string();
        }
    })?;
    Err(Refusal::rule("Checkout sessions are changed on their page only"))
}

/// Creates a session.
pub(crate) fn open(store: &mut Store, new: NewCheckout) -> Result<CheckoutSession, Refusal> {
    let external_id = new.customer_external_id.as_deref();
    let customer = external_id.and_then(|id| customers::by_external_id(store, &store.key_model_id, id)).cloned();
    let price_id = match new.kind {
        CheckoutType::Product => Some(product_price(store, customer.as_ref(), &new)?.meta.id.clone()),
        CheckoutType::AddPaymentMethod if customer.is_none() => {
            return Err(invalid("checkoutSession", "Customer is required for add payment method checkout sessions"));
        }
        CheckoutType::AddPaymentMethod => None,
        CheckoutType::ActivateSubscription => Some(target_of(store, customer.as_ref(), &new)?.price_id.clone()),
    };
    for (name, url) in [("successUrl", &new.success_url), ("cancelUrl", &new.cancel_url)] {
        if reqwest::Url::parse(url).is_err() {
            return Err(Refusal::rule(format!("Failed to insert item into checkout_sessions: {name}: Invalid URL")));
        }
    }
    let session = session_record(store, customer.as_ref(), new, price_id);
    store.tables.checkout_sessions.insert(session.clone());
    Ok(session)
}

fn invalid(field: &str, reason: impl Display) -> Refusal {
    Refusal::rule(format!("Invalid {field}: {reason}"))
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let session: &CheckoutSession = scope::show(store, id)?;
    Ok(Reply::json(&json!({ "checkoutSession": session, "url": format!("{}/checkout/{id}", call.base_url) })))
}

impl NewCheckout {
    /// A card for a customer, which pays for one of its subscriptions from then on.
    pub(crate) fn for_card(customer_external_id: &str, subscription_id: Option<String>, return_url: &str) -> Self {
        Self {
            kind: CheckoutType::AddPaymentMethod,
            target_subscription_id: subscription_id,
            price_slug: None,
            success_url: return_url.to_owned(),
            cancel_url: return_url.to_owned(),
            ..Self::for_price(customer_external_id, "")
        }
    }

    /// One unit of a price, without URLs to return to.
    pub(crate) fn for_price(customer_external_id: &str, price_slug: &str) -> Self {
        Self {
            kind: CheckoutType::Product,
            customer_external_id: Some(customer_external_id.to_owned()),
            price_id: None,
            price_slug: Some(price_slug.to_owned()),
            quantity: 1,
            target_subscription_id: None,
            preserve_billing_cycle_anchor: false,
            success_url: "about:blank".to_owned(),
            cancel_url: "about:blank".to_owned(),
            output_name: None,
            output_metadata: None,
        }
    }
}

/// Lists sessions without the URLs of their pages.
pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<CheckoutSession>(store), |session| session)
}

fn new_checkout(place: &Field<'_>) -> NewCheckout {
    const KINDS: [(&str, CheckoutType); 3] = [
        ("product", CheckoutType::Product),
        ("activate_subscription", CheckoutType::ActivateSubscription),
        ("add_payment_method", CheckoutType::AddPaymentMethod),
    ];
    let (session, kind) = place.form_by("type", &KINDS);
    let kind = kind.unwrap_or(CheckoutType::AddPaymentMethod);
    let of_product = kind == CheckoutType::Product;
    let (session, anonymous) = if of_product { session.form_by_flag("anonymous") } else { (session, false) };
    let customer = session.at("customerExternalId");
    if anonymous {
        customer.nothing();
    }
    let mut new = NewCheckout {
        kind,
        customer_external_id: (!anonymous).then(|| customer.string()),
        price_id: None,
        price_slug: None,
        quantity: 1,
        target_subscription_id: None,
        preserve_billing_cycle_anchor: false,
        success_url: session.at("successUrl").string(),
        cancel_url: session.at("cancelUrl").string(),
        output_metadata: session.at("outputMetadata").nullish(Field::metadata),
        output_name: session.at("outputName").optional(Field::string),
    };
    let target = session.at("targetSubscriptionId");
    match kind {
        CheckoutType::Product => read_product(&session, &mut new),
        CheckoutType::ActivateSubscription => {
            new.target_subscription_id = Some(target.string());
            new.preserve_billing_cycle_anchor = keeps_anchor(&session);
        }
        CheckoutType::AddPaymentMethod => {
            new.target_subscription_id = target.optional(Field::string);
            session.at("automaticallyUpdateSubscriptions").nullish(Field::boolean);
        }
    }
    new
}

fn keeps_anchor(session: &Field<'_>) -> bool {
    session.at("preserveBillingCycleAnchor").optional(Field::boolean).unwrap_or(false)
}

fn read_product(session: &Field<'_>, new: &mut NewCheckout) {
    new.price_id = session.at("priceId").optional(Field::string).filter(|id| !id.is_empty());
    new.price_slug = session.at("priceSlug").optional(Field::string).filter(|slug| !slug.is_empty());
    new.quantity = session.at("quantity").optional(|quantity| quantity.integer_of_at_least(1)).unwrap_or(1);
    new.preserve_billing_cycle_anchor = keeps_anchor(session);
    session.rule(
        session.count_truthy(&["priceId", "priceSlug"]) == 1,
        &["priceId"],
        "Either priceId or priceSlug must be provided, but not both",
    );
}

fn product_price<'a>(store: &'a Store, customer: Option<&Customer>, new: &NewCheckout) -> Result<&'a Price, Refusal> {
    let price = match (&new.price_id, new.price_slug.as_deref().unwrap_or_default()) {
        (Some(id), _) => price_with_id(store, customer, id)?,
        (None, slug) => price_with_slug(store, customer, new, slug)?,
    };
    refuse_unsold(store, price, new.quantity)?;
    match &new.customer_external_id {
        Some(external_id) if customer.is_none() => Err(invalid(
            "checkoutSession",
            format!(
                "Required customer not found for Product checkout (anonymous=false). externalId='{external_id}', \
                 organization='{}'.",
                store.organization_id
            ),
        )),
        _ => Ok(price),
    }
}

fn price_with_id<'a>(store: &'a Store, customer: Option<&Customer>, id: &str) -> Result<&'a Price, Refusal> {
    let reason = || format!("Invalid or not-found price ID: no matching price found for id \"{id}\"");
    pricing_model::price_by_id(store, model_of(store, customer), id).ok_or_else(|| invalid("priceId", reason()))
}

fn price_with_slug<'a>(
    store: &'a Store,
    customer: Option<&Customer>,
    new: &NewCheckout,
    slug: &str,
) -> Result<&'a Price, Refusal> {
    let is_anonymous = new.customer_external_id.is_none();
    if !is_anonymous && customer.is_none() {
        return Err(invalid("customer", "Customer is required to resolve price slug for identified checkout sessions"));
    }
    let place = if is_anonymous { "in organization's default pricing model" } else { "for customer's pricing model" };
    let reason = || format!("Price with slug \"{slug}\" not found {place}");
    pricing_model::price_by_slug(store, model_of(store, customer), slug).ok_or_else(|| invalid("priceSlug", reason()))
}

/// The model of the customer, or the default one.
fn model_of<'a>(store: &'a Store, customer: Option<&'a Customer>) -> &'a str {
    let default_model = store.tables.pricing_models.iter().find(|model| model.is_default);
    customer
        .map(|customer| customer.pricing_model_id.as_str())
        .or(default_model.map(|model| model.meta.id.as_str()))
        .unwrap_or_default()
}

/// Refuses prices that no checkout sells.
fn refuse_unsold(store: &Store, price: &Price, quantity: i64) -> Result<(), Refusal> {
    if price.kind == PriceType::Usage {
        return Err(invalid(
            "priceId",
            "Checkout sessions are only supported for product prices (subscription/single payment), not usage prices",
        ));
    }
    match pricing_model::product_of(store, price) {
        Some(product) if product.default => Err(invalid(
            "product",
            "Checkout sessions cannot be created for default products. Default products are automatically assigned to \
             customers and do not require manual checkout.",
        )),
        // The column holds no larger number, and later amounts are multiples of it.
        _ if quantity > i64::from(i32::MAX) => Err(Refusal::not_inserted("checkout_sessions")),
        _ => Ok(()),
    }
}

/// The subscription that a session activates.
fn target_of<'a>(
    store: &'a Store,
    customer: Option<&Customer>,
    new: &NewCheckout,
) -> Result<&'a Subscription, Refusal> {
    let id = new.target_subscription_id.as_deref().unwrap_or_default();
    let target = store.tables.subscriptions.find(id);
    let target =
        target.ok_or_else(|| invalid("targetSubscriptionId", format!("Target subscription {id} not found")))?;
    let Some(customer) = customer else {
        return Err(invalid("customer", "Customer is required for activate subscription checkout sessions"));
    };
    if customer.meta.id != target.customer_id {
        return Err(invalid(
            "targetSubscriptionId",
            format!("Target subscription {id} does not belong to customer {}", customer.meta.id),
        ));
    }
    Ok(target)
}

fn session_record(
    store: &mut Store,
    customer: Option<&Customer>,
    new: NewCheckout,
    price_id: Option<String>,
) -> CheckoutSession {
    let default_model_id = || {
        let model = store.tables.pricing_models.iter().find(|model| model.is_default);
        model.map_or_else(String::new, |model| model.meta.id.clone())
    };
    CheckoutSession {
        pricing_model_id: customer.map_or_else(default_model_id, |customer| customer.pricing_model_id.clone()),
        meta: store.meta::<CheckoutSession>(),
        status: CheckoutStatus::Open,
        billing_address: None,
        price_id,
        purchase_id: None,
        invoice_id: None,
        quantity: if new.kind == CheckoutType::Product { new.quantity } else { 1 },
        organization_id: store.organization_id.clone(),
        customer_name: customer.map(|customer| customer.name.clone()),
        customer_email: customer.map(|customer| customer.email.clone()),
        customer_id: customer.map(|customer| customer.meta.id.clone()),
        payment_method_type: None,
        discount_id: None,
        success_url: new.success_url,
        cancel_url: new.cancel_url,
        kind: new.kind,
        preserve_billing_cycle_anchor: new.preserve_billing_cycle_anchor,
        output_metadata: new.output_metadata,
        output_name: new.output_name,
        target_subscription_id: new.target_subscription_id,
        // The API accepts a value for this field and ignores it.
        automatically_update_subscriptions: (new.kind == CheckoutType::AddPaymentMethod).then_some(false),
        expires: store.now().saturating_add(period::DAY_MS),
    }
}
