//! Operations of customers, checkouts, payments and invoices.

use std::num::NonZeroU64;

use flowglad_core::{
    RequestingCustomer,
    api::{CheckoutOptions, CustomerChanges, NewCheckoutSession, NewCustomer, PriceRef},
    input::{Change, Metadata},
};
use serde_json::{Map, Value};

use super::{Case, case, id, list_cases, under, whole};

pub(super) fn cases() -> Vec<Case> {
    [customers(), changed_customers(), checkout_sessions(), payments()].into_iter().flatten().collect()
}

fn customers() -> Vec<Case> {
    let least = async || {
        let ada = RequestingCustomer::new("user_42", "Ada", "ada@example.com").unwrap();
        NewCustomer::new(&ada).await
    };
    let mut cases = vec![
        case("customers.create", "everything", under("data"), move |api| async move {
            let mut new = least().await?;
            new.archived = Some(false);
            new.logo_url = Some("https://app.example.com/logo.png".into());
            new.icon_url = Some("https://app.example.com/icon.png".into());
            new.domain = Some("example.com".into());
            new.user_id = Some("user_1".into());
            api.customers().create(&new).await
        })
        .examples(&["customer-create"]),
        case("customers.create", "least", under("data"), move |api| async move {
            api.customers().create(&least().await?).await
        }),
        case("customers.get", "", under("customer"), |api| async move { api.customers().get("user_42").await })
            .examples(&["customer-get"]),
        case("customers.billing", "", whole(), |api| async move { api.customers().billing("user_42").await })
            .examples(&["customer-billing"]),
    ];
    let list = list_cases("customers.list", |api| api.customers().list());
    cases.extend(list.map(|case| case.examples(&["customers-list"])));
    cases
}

fn changed_customers() -> Vec<Case> {
    let customer = || under("customer");
    let balances = || under("usageMeterBalances");
    vec![
        case("customers.update", "everything", customer(), |api| async move {
            let address = Map::from_iter([("country".to_owned(), Value::from("GB"))]);
            let mut changes = CustomerChanges::new();
            changes.name = Some("Ada".into());
            changes.email = Some("ada@example.com".parse().unwrap());
            changes.phone = Some("+44 20 7946 0000".into());
            changes.billing_address = Some(address);
            changes.logo_url = "https://app.example.com/logo.png".into();
            changes.icon_url = "https://app.example.com/icon.png".into();
            changes.domain = "example.com".into();
            changes.user_id = "user_1".into();
            api.customers().update("user_42", &changes).await
        })
        .examples(&["customer-update"]),
        case("customers.update", "everything emptied", customer(), |api| async move {
            let mut changes = CustomerChanges::new();
            changes.logo_url = Change::Clear;
            changes.icon_url = Change::Clear;
            changes.domain = Change::Clear;
            changes.user_id = Change::Clear;
            api.customers().update("user_42", &changes).await
        }),
        case("customers.update", "least", customer(), |api| async move {
            api.customers().update("user_42", &CustomerChanges::new()).await
        }),
        case("customers.archive", "", customer(), |api| async move { api.customers().archive("user_42").await })
            .examples(&["customer-archive"]),
        case("customers.usage_balances", "everything", balances(), |api| async move {
            api.customers().usage_balances("user_42", Some(&id("sub_1"))).await
        })
        .examples(&["customer-usage-balances"]),
        case("customers.usage_balances", "least", balances(), |api| async move {
            api.customers().usage_balances("user_42", None).await
        }),
    ]
}

/// Options with both return URLs.
fn back() -> CheckoutOptions {
    CheckoutOptions::new(id("https://app.example.com/ok"), id("https://app.example.com/no"))
}

fn checkout_sessions() -> Vec<Case> {
    let hosted = || whole();
    let by_id = || PriceRef::Id(id("price_1"));
    let mut cases = vec![
        case("checkout_sessions.create", "everything", hosted(), move |api| async move {
            let mut back = back();
            back.output_name = Some("Two of them".into());
            back.output_metadata = Some(Metadata::new().with("gift", true).unwrap().with("seats", 2).unwrap());
            let price = PriceRef::Slug("pro_monthly".into());
            let mut session = NewCheckoutSession::product("user_42", price, NonZeroU64::new(2).unwrap(), back);
            session.preserve_billing_cycle_anchor = Some(true);
            api.checkout_sessions().create(&session).await
        })
        .examples(&["checkout-session-product"]),
        case("checkout_sessions.create", "least", hosted(), move |api| async move {
            let session = NewCheckoutSession::product("user_42", by_id(), NonZeroU64::MIN, back());
            api.checkout_sessions().create(&session).await
        }),
        case("checkout_sessions.create", "for an unknown customer", hosted(), move |api| async move {
            let session = NewCheckoutSession::anonymous_product(by_id(), NonZeroU64::MIN, back());
            api.checkout_sessions().create(&session).await
        }),
        case("checkout_sessions.create", "a card for a subscription", hosted(), |api| async move {
            let session = NewCheckoutSession::add_payment_method("user_42", Some(id("sub_1")), back());
            api.checkout_sessions().create(&session).await
        })
        .examples(&["checkout-session-add-payment-method"]),
        case("checkout_sessions.create", "a card", hosted(), |api| async move {
            let session = NewCheckoutSession::add_payment_method("user_42", None, back());
            api.checkout_sessions().create(&session).await
        }),
        case("checkout_sessions.create", "a first payment", hosted(), |api| async move {
            let session = NewCheckoutSession::activate_subscription("user_42", id("sub_1"), back());
            api.checkout_sessions().create(&session).await
        })
        .examples(&["checkout-session-activate-subscription"]),
        case("checkout_sessions.get", "", hosted(), |api| async move {
            api.checkout_sessions().get(&id("chckt_session_1")).await
        })
        .examples(&["checkout-session-succeeded"]),
    ];
    let list = list_cases("checkout_sessions.list", |api| api.checkout_sessions().list());
    cases.extend(list);
    cases
}

fn payments() -> Vec<Case> {
    let payment = || under("payment");
    let mut cases = vec![
        case("invoices.get", "", whole(), |api| async move { api.invoices().get(&id("inv_1")).await })
            .examples(&["invoice-purchase", "invoice-subscription"]),
        case("invoice_line_items.get", "", whole(), |api| async move {
            api.invoice_line_items().get(&id("inv_li_1")).await
        })
        .examples(&["invoice-line-item-usage"]),
        case("payment_methods.get", "", under("paymentMethod"), |api| async move {
            api.payment_methods().get(&id("pm_1")).await
        })
        .examples(&["payment-method"]),
        case("payments.get", "", payment(), |api| async move { api.payments().get(&id("pym_1")).await })
            .examples(&["payment-single", "payment-subscription"]),
        case("payments.refund", "", payment(), |api| async move { api.payments().refund(&id("pym_1")).await })
            .examples(&["payment-refund"]),
        case("purchases.get", "", under("purchase"), |api| async move { api.purchases().get(&id("prch_1")).await })
            .examples(&["purchase-single-payment", "purchase-subscription"]),
    ];
    cases.extend(list_cases("invoices.list", |api| api.invoices().list()));
    cases.extend(list_cases("invoice_line_items.list", |api| api.invoice_line_items().list()));
    cases.extend(list_cases("payment_methods.list", |api| api.payment_methods().list()));
    cases.extend(list_cases("payments.list", |api| api.payments().list()));
    cases
}
