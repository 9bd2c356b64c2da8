//! Calls the function of each action.

use crate::{
    action::{
        action_key::Action,
        billing_lists,
        body::Body,
        checkout, customers, pricing_models, resources, subscriptions,
        usage::{self, UsageWay},
    },
    adapter::{browser_error::BrowserError, failure::Failure},
    client::json::RawJson,
    customer::CustomerScope,
};

/// Runs an action of a signed-in user.
pub(super) async fn run_for_customer(
    action: Action,
    customer: CustomerScope,
    body: Body,
    usage_way: UsageWay,
) -> Result<RawJson, Failure> {
    match action {
        // These two read nothing in the body, which must not be held while the API is waited for.
        Action::CustomersBilling => {
            drop(body);
            customers::billing(customer).await
        }
        Action::CustomersFindOrCreate => {
            drop(body);
            customers::find_or_create(customer).await
        }
        Action::CustomersUpdate => customers::update(customer, body).await,
        Action::CustomerDetails => customers::details(customer, body).await,
        Action::CheckoutSessionsCreate => checkout::create(customer, body).await,
        Action::CheckoutSessionsCreateAddPaymentMethod => checkout::create_add_payment_method(customer, body).await,
        Action::CheckoutSessionsCreateActivateSubscription => {
            checkout::create_activate_subscription(customer, body).await
        }
        Action::SubscriptionsList => subscriptions::list(customer, body).await,
        Action::SubscriptionsCancel => subscriptions::cancel(customer, body).await,
        Action::SubscriptionsUncancel => subscriptions::uncancel(customer, body).await,
        Action::SubscriptionsAdjust => subscriptions::adjust(customer, body).await,
        Action::ResourcesUsages => resources::usages(customer, body).await,
        Action::ResourcesUsagesRetrieve => resources::usage(customer, body).await,
        Action::ResourcesClaim => resources::claim(customer, body).await,
        Action::ResourcesRelease => resources::release(customer, body).await,
        Action::ResourcesClaims => resources::claims(customer, body).await,
        Action::UsageEventsCreate => usage::create_event(customer, body, usage_way).await,
        Action::UsageMetersBalances => usage::balances(customer, body).await,
        Action::FeaturesAccess => billing_lists::features(customer, body).await,
        Action::PaymentMethodsList => billing_lists::payment_methods(customer, body).await,
        Action::InvoicesList => billing_lists::invoices(customer, body).await,
        Action::PurchasesList => billing_lists::purchases(customer, body).await,
        Action::PricingModelsRetrieve => pricing_models::of_customer(customer, body).await,
        Action::SubscriptionsCreate => Err(BrowserError::not_implemented(action).into()),
    }
}
