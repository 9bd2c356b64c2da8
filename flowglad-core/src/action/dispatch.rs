//! Which function answers which action, and what becomes of its failure.

use tracing::{debug, error};

use super::{
    Action, body::Body, browser_error::BrowserError, checkout, customers, lists, pricing_models, resources,
    subscriptions, usage,
};
use crate::{CustomerScope, Error, RawJson};

/// Runs an action of somebody who is signed in.
pub(super) async fn run_for_customer(action: Action, customer: CustomerScope, body: &Body) -> Result<RawJson, Failure> {
    match action {
        Action::CustomersBilling => customers::billing(customer).await,
        Action::CustomersFindOrCreate => customers::find_or_create(customer).await,
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
        Action::UsageEventsCreate => usage::create_event(customer, body).await,
        Action::UsageMetersBalances => usage::balances(customer, body).await,
        Action::FeaturesAccess => lists::features(customer, body).await,
        Action::PaymentMethodsList => lists::payment_methods(customer, body).await,
        Action::InvoicesList => lists::invoices(customer, body).await,
        Action::PurchasesList => lists::purchases(customer, body).await,
        Action::PricingModelsRetrieve => pricing_models::of_customer(customer, body).await,
        Action::SubscriptionsCreate => Err(BrowserError::not_implemented(action).into()),
    }
}

/// Why an action gave no data: the body was wrong, or the work failed.
pub(super) enum Failure {
    Refused(BrowserError),
    Failed(Error),
}

impl From<BrowserError> for Failure {
    fn from(refusal: BrowserError) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Failure {
    /// The browser is told what it may know, the operator the rest.
    pub(super) fn into_browser_error(self, action: Action) -> BrowserError {
        let failed = match self {
            Self::Refused(refusal) => return refusal,
            Self::Failed(failed) => failed,
        };
        let shown = BrowserError::from(&failed);
        let causes = causes(&failed);
        let request_id = failed.request_id();
        // The API words many a person's mistake as a 5xx, which should wake nobody up.
        if shown.status() >= 500 && !failed.is_explained_refusal() {
            error!(%action, request_id, causes, "{failed}");
        } else {
            debug!(%action, request_id, "{failed}");
        }
        shown
    }
}

/// Why, and why that, down to the operating system's word.
fn causes(error: &Error) -> String {
    let first = std::error::Error::source(error);
    let all = std::iter::successors(first, |cause| cause.source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
