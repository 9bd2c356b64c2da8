//! What a test does in one step and an app in several.

use crate::http::api_error::ApiError;
use crate::operations::checkout_sessions::{self, NewCheckout};
use crate::records::PriceType;
use crate::rules::catalog;
use crate::rules::checkout_completion::{self, Refusal};
use crate::rules::customers::{self, NewCustomer};
use crate::store::Store;

/// Makes a customer with a name and address made up from its external id.
pub(crate) fn create_customer(store: &mut Store, external_id: &str) -> Result<String, ApiError> {
    let new = NewCustomer {
        email: format!("{external_id}@example.com"),
        name: external_id.to_owned(),
        external_id: external_id.to_owned(),
        archived: false,
        logo_url: None,
        icon_url: None,
        domain: None,
        user_id: None,
    };
    let model_id = store.key_model_id.clone();
    customers::create(store, &model_id, new).map(|(customer_id, _)| customer_id)
}

/// Takes a customer, made if need be, through a checkout; gives the id of the subscription.
pub(crate) fn subscribe(store: &mut Store, external_id: &str, price_slug: &str) -> Result<String, ApiError> {
    let known = customers::by_external_id(store, &store.key_model_id, external_id);
    let customer_id = match known.map(|customer| customer.head.id.clone()) {
        Some(customer_id) => customer_id,
        None => create_customer(store, external_id)?,
    };
    let session = checkout_sessions::open(store, NewCheckout::of_price(external_id, price_slug))?;
    let price = session.price_id.as_deref().and_then(|id| store.tables.prices.find(id));
    if price.is_none_or(|price| price.kind != PriceType::Subscription || catalog::product_of(store, price).is_none()) {
        return Err(ApiError::internal(format!("Invalid priceId: {price_slug} is not a subscription price")));
    }
    checkout_completion::complete(store, &session.head.id).map_err(sentence)?;
    // A declined first payment brings the default plan back.
    let subscription = customers::current_subscription(store, &customer_id);
    subscription
        .filter(|subscription| Some(&subscription.price_id) == session.price_id.as_ref())
        .map(|subscription| subscription.head.id.clone())
        .ok_or_else(|| ApiError::internal("The first payment of the subscription was declined"))
}

/// A session that was made in this very moment is open, so that only a rule can refuse it.
fn sentence(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Rule(error) => error,
        Refusal::NotFound | Refusal::NotOpen | Refusal::Expired => {
            ApiError::internal("The checkout session is not open")
        }
    }
}
