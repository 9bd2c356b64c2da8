//! Completes checkout sessions: what happens when a customer pays on the hosted page.

use std::borrow::Cow;

use crate::{
    records::{
        billing::{
            BillingAddress, BillingDetails, Card, Invoice, InvoiceLineItem, InvoiceStatus, InvoiceType, Payment,
            PaymentMethod, PostalAddress, Purchase,
        },
        checkout::{CheckoutSession, CheckoutStatus, CheckoutType},
        customer::Customer,
        event::EventType,
        pricing::{CURRENCY, Price, PriceType, Product},
        subscription::{Subscription, SubscriptionItem, SubscriptionStatus},
    },
    refusal::Refusal,
    rules::{
        billing::{billing_run, period},
        customers,
        entitlement::{credits, features},
        events,
        pricing::pricing_model,
        subscription::{current::current_subscription, new_subscription::Terms, start},
    },
    store::Store,
};

/// Why a checkout session cannot be completed.
#[derive(Debug)]
pub(crate) enum CheckoutError {
    NotFound,
    NotOpen,
    Expired,
    Rule(Refusal),
}

impl From<Refusal> for CheckoutError {
    fn from(error: Refusal) -> Self {
        Self::Rule(error)
    }
}

/// The session, if it can still be completed.
pub(crate) fn open_session<'a>(store: &'a Store, id: &str, now: i64) -> Result<&'a CheckoutSession, CheckoutError> {
    let session = store.tables.checkout_sessions.find(id).ok_or(CheckoutError::NotFound)?;
    if session.status != CheckoutStatus::Open {
        return Err(CheckoutError::NotOpen);
    }
    if session.expires <= now {
        return Err(CheckoutError::Expired);
    }
    Ok(session)
}

/// Completes a session as if its customer had paid with the test card.
pub(crate) fn complete(store: &mut Store, id: &str) -> Result<(), CheckoutError> {
    let session = open_session(store, id, store.now())?.clone();
    let customer = paying_customer(store, &session)?;
    let purchase_id = match session.kind {
        CheckoutType::Product => buy(store, &session, &customer)?,
        CheckoutType::AddPaymentMethod => {
            save_card(store, &session, &customer);
            None
        }
        CheckoutType::ActivateSubscription => {
            activate(store, &session, &customer)?;
            None
        }
    };
    close_session(store, &session, &customer, purchase_id);
    Ok(())
}

/// Ends a session as if its payment had been declined for good.
pub(crate) fn fail(store: &mut Store, id: &str) -> Result<(), CheckoutError> {
    open_session(store, id, store.now())?;
    let now = store.now();
    store.tables.checkout_sessions.change(id, now, |session| session.status = CheckoutStatus::Failed);
    Ok(())
}

fn paying_customer(store: &mut Store, session: &CheckoutSession) -> Result<Customer, Refusal> {
    let customer_id = match &session.customer_id {
        Some(customer_id) => customer_id.clone(),
        None => customers::create_anonymous(store, &session.pricing_model_id)?,
    };
    store
        .tables
        .customers
        .find(&customer_id)
        .filter(|customer| !customer.archived)
        .cloned()
        .ok_or_else(|| Refusal::rule("The customer of this checkout session has been archived"))
}

fn close_session(store: &mut Store, session: &CheckoutSession, customer: &Customer, purchase_id: Option<String>) {
    let now = store.now();
    store.tables.checkout_sessions.change(&session.meta.id, now, |session| {
        session.status = CheckoutStatus::Succeeded;
        if session.kind != CheckoutType::AddPaymentMethod {
            session.billing_address = Some(billing_address(customer));
        }
        session.payment_method_type = Some("card".into());
        session.customer_id = Some(customer.meta.id.clone());
        session.customer_name = Some(customer.name.clone());
        session.customer_email = Some(customer.email.clone());
        session.purchase_id = purchase_id;
    });
}

/// Buys a product. Returns the id of the purchase if the product is paid once.
fn buy(store: &mut Store, session: &CheckoutSession, customer: &Customer) -> Result<Option<String>, Refusal> {
    let price = session.price_id.as_deref().and_then(|id| store.tables.prices.find(id)).cloned();
    let Some((price, product)) = price.and_then(|price| {
        let product = pricing_model::product_of(store, &price)?.clone();
        Some((price, product))
    }) else {
        return Err(Refusal::rule("Invalid priceId: the price of this checkout session has no product"));
    };
    if price.kind == PriceType::Subscription {
        subscribe(store, session, customer, &product, &price)?;
        return Ok(None);
    }
    Ok(Some(pay_once(store, session, customer, &product, &price)))
}

fn subscribe(
    store: &mut Store,
    session: &CheckoutSession,
    customer: &Customer,
    product: &Product,
    price: &Price,
) -> Result<(), Refusal> {
    let purchase = Purchase {
        trial_period_days: Some(price.trial_period_days.unwrap_or(0)),
        price_per_billing_cycle: Some(price.unit_price),
        interval_unit: price.interval_unit,
        interval_count: price.interval_count,
        ..purchase_record(store, session, customer, product, price)
    };
    let purchase_id = store.tables.purchases.insert(purchase);
    let card = store_card(store, customer);
    let trial_days = price.trial_period_days.filter(|&days| days > 0);
    let terms = Terms {
        quantity: session.quantity,
        trial_end: trial_days.map(|days| store.now().saturating_add(days.saturating_mul(period::DAY_MS))),
        metadata: Some(session.output_metadata.clone().unwrap_or_default()),
        name: session.output_name.clone(),
        default_payment_method_id: Some(card),
        preserve_billing_cycle_anchor: session.preserve_billing_cycle_anchor,
        purchase_id: Some(purchase_id),
        ..Terms::for_price(price)
    };
    start::start_subscription(store, customer, product, price, &terms)?;
    Ok(())
}

/// Charges a price once, whatever the quantity, as the real API does.
fn pay_once(
    store: &mut Store,
    session: &CheckoutSession,
    customer: &Customer,
    product: &Product,
    price: &Price,
) -> String {
    let purchase = Purchase {
        first_invoice_value: price.unit_price,
        total_purchase_value: Some(price.unit_price),
        ..purchase_record(store, session, customer, product, price)
    };
    let purchase_id = store.tables.purchases.insert(purchase);
    let invoice_id = invoice_purchase(store, customer, product, price, &purchase_id);
    events::emit(store, EventType::PurchaseCompleted, &purchase_id, &customer.meta.id);
    if price.unit_price == 0 {
        return purchase_id;
    }
    let payment = Payment {
        purchase_id: Some(purchase_id.clone()),
        ..billing_run::succeeded_payment(
            store,
            &customer.meta.id,
            &customer.pricing_model_id,
            invoice_id,
            price.unit_price,
        )
    };
    let payment_id = store.tables.payments.insert(payment);
    events::emit(store, EventType::PaymentSucceeded, &payment_id, &customer.meta.id);
    give_bought_credits(store, customer, product);
    purchase_id
}

/// Adds the credits of a credit pack to the customer's current subscription. Without one it adds nothing.
fn give_bought_credits(store: &mut Store, customer: &Customer, product: &Product) {
    let subscription = current_subscription(store, &customer.meta.id);
    let Some(subscription_id) = subscription.map(|subscription| subscription.meta.id.clone()) else { return };
    if let Some((meter_id, amount)) = features::first_credit_grant(store, &product.meta.id) {
        credits::issue_bought(store, &subscription_id, &meter_id, amount);
    }
}

fn purchase_record(
    store: &mut Store,
    session: &CheckoutSession,
    customer: &Customer,
    product: &Product,
    price: &Price,
) -> Purchase {
    Purchase {
        meta: store.meta::<Purchase>(),
        name: session.output_name.clone().unwrap_or_else(|| product.name.clone()),
        status: "paid".into(),
        customer_id: customer.meta.id.clone(),
        organization_id: store.organization_id.clone(),
        billing_cycle_anchor: None,
        price_id: price.meta.id.clone(),
        quantity: 1,
        price_type: price.kind,
        trial_period_days: None,
        price_per_billing_cycle: None,
        interval_unit: None,
        interval_count: None,
        first_invoice_value: 0,
        total_purchase_value: None,
        bank_payment_only: false,
        purchase_date: store.now(),
        end_date: None,
        proposal: None,
        archived: false,
        billing_address: Some(billing_address(customer)),
        metadata: session.output_metadata.clone(),
        pricing_model_id: customer.pricing_model_id.clone(),
        position: store.tables.purchases.iter().len() + 1,
    }
}

fn invoice_purchase(
    store: &mut Store,
    customer: &Customer,
    product: &Product,
    price: &Price,
    purchase_id: &str,
) -> String {
    let invoice = Invoice {
        meta: store.meta::<Invoice>(),
        purchase_id: Some(purchase_id.to_owned()),
        invoice_number: billing_run::next_invoice_number(store, &customer.meta.id),
        invoice_date: store.now(),
        billing_period_id: None,
        due_date: store.now(),
        customer_id: customer.meta.id.clone(),
        organization_id: store.organization_id.clone(),
        status: if price.unit_price > 0 { InvoiceStatus::Paid } else { InvoiceStatus::Draft },
        subscription_id: None,
        billing_run_id: None,
        billing_period_start_date: None,
        billing_period_end_date: None,
        owner_membership_id: None,
        pdf_url: None,
        receipt_pdf_url: None,
        memo: None,
        bank_payment_only: false,
        kind: InvoiceType::Purchase,
        currency: CURRENCY.into(),
        tax_amount: None,
        subtotal: price.unit_price,
        tax_type: None,
        tax_country: Some("US".into()),
        tax_state: None,
        tax_rate_percentage: Some("0".into()),
        application_fee: Some(0),
        pricing_model_id: customer.pricing_model_id.clone(),
    };
    let invoice_id = store.tables.invoices.insert(invoice);
    let line = InvoiceLineItem {
        meta: store.meta::<InvoiceLineItem>(),
        invoice_id: invoice_id.clone(),
        quantity: 1,
        price_id: Some(price.meta.id.clone()),
        description: product.name.clone(),
        price: price.unit_price,
        kind: "static".into(),
        pricing_model_id: customer.pricing_model_id.clone(),
        billing_run_id: None,
        ledger_account_id: None,
        ledger_account_credit: None,
    };
    store.tables.invoice_line_items.insert(line);
    invoice_id
}

/// Stores the card. If the session names a subscription, that is charged to the card from now on.
fn save_card(store: &mut Store, session: &CheckoutSession, customer: &Customer) -> String {
    let card = store_card(store, customer);
    // The session may name a subscription that does not exist, or not for this customer.
    let target = session.target_subscription_id.as_deref().and_then(|id| store.tables.subscriptions.find(id));
    if let Some(target) = target.filter(|target| target.customer_id == customer.meta.id) {
        let (id, now) = (target.meta.id.clone(), store.now());
        store.tables.subscriptions.change(&id, now, |subscription| {
            subscription.default_payment_method_id = Some(card.clone());
        });
    }
    card
}

fn activate(store: &mut Store, session: &CheckoutSession, customer: &Customer) -> Result<(), Refusal> {
    let target = session.target_subscription_id.as_deref().and_then(|id| store.tables.subscriptions.find(id)).cloned();
    let Some(target) = target.filter(|target| target.status == SubscriptionStatus::Incomplete) else {
        return Err(Refusal::rule("Invalid subscription: Only an incomplete subscription can be activated"));
    };
    start::refuse_second(store, customer)?;
    let card = save_card(store, session, customer);
    let items: Vec<SubscriptionItem> = features::active_items(store, &target.meta.id, store.now())
        .filter(|item| item.price_id.is_some())
        .cloned()
        .collect();
    let target = Subscription { default_payment_method_id: Some(card.clone()), ..target };
    start::activate(store, &target, &items, &card)
}

/// Stores the test card as the customer's default one.
fn store_card(store: &mut Store, customer: &Customer) -> String {
    let now = store.now();
    store.tables.payment_methods.change_owned_by(
        &customer.meta.id,
        now,
        |method| method.default,
        |method| method.default = false,
    );
    let method = PaymentMethod {
        meta: store.meta::<PaymentMethod>(),
        customer_id: customer.meta.id.clone(),
        pricing_model_id: customer.pricing_model_id.clone(),
        billing_details: BillingDetails {
            name: customer.name.clone(),
            email: customer.email.clone(),
            address: TEST_ADDRESS,
        },
        kind: "card".into(),
        default: true,
        payment_method_data: Card { brand: "visa".into(), last4: "4242".into(), exp_month: 12, exp_year: 2034 },
        metadata: serde_json::Map::new(),
    };
    store.tables.payment_methods.insert(method)
}

/// The billing address of the test card.
const TEST_ADDRESS: PostalAddress = PostalAddress {
    line1: Cow::Borrowed("1 Sandbox Street"),
    line2: None,
    city: Cow::Borrowed("Springfield"),
    state: Cow::Borrowed("IL"),
    postal_code: Cow::Borrowed("62701"),
    country: Cow::Borrowed("US"),
};

fn billing_address(customer: &Customer) -> BillingAddress {
    BillingAddress { name: customer.name.clone(), address: TEST_ADDRESS }
}
