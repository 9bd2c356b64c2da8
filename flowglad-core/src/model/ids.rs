//! Ids as separate types, so that the compiler refuses a price id where a subscription id is required.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::input::{InvalidInput, segment::check_segment};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// Parses an id from outside, for example from a form field.
        ///
        /// # Errors
        /// If the text cannot be an id in a URL path: it is empty, consists of dots only, or contains a slash, a
        /// backslash, a percent sign or a control character.
        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, InvalidInput> {
                check_id(text).map_err(|problem| InvalidInput::new($field, problem))?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(/// The id of a customer at Flowglad (`cust_…`), not the app's own id.
    CustomerId, "customer id");
id!(/// The id of a subscription (`sub_…`).
    SubscriptionId, "subscription id");
id!(/// The id of a price (`price_…`).
    PriceId, "price id");
id!(/// The id of a product (`prod_…`).
    ProductId, "product id");
id!(/// The id of a pricing model (`pricing_model_…`).
    PricingModelId, "pricing model id");
id!(/// The id of a usage meter (`usage_meter_…`).
    UsageMeterId, "usage meter id");
id!(/// The id of a usage event (`usage_event_…`).
    UsageEventId, "usage event id");
id!(/// The id of an invoice (`inv_…`).
    InvoiceId, "invoice id");
id!(/// The id of a purchase (`prch_…`).
    PurchaseId, "purchase id");
id!(/// The id of a payment method (`pm_…`).
    PaymentMethodId, "payment method id");
id!(/// The id of a resource (`resource_…`).
    ResourceId, "resource id");
id!(/// The id of a resource claim (`res_claim_…`).
    ResourceClaimId, "resource claim id");
id!(/// The id of a checkout session (`chckt_session_…`).
    CheckoutSessionId, "checkout session id");
id!(/// The id of an organization (`org_…`).
    OrganizationId, "organization id");
id!(/// The id of a subscription item (`si_…`).
    SubscriptionItemId, "subscription item id");
id!(/// The id of a feature that a subscription item grants (`sub_feature_…`).
    SubscriptionItemFeatureId, "subscription item feature id");
id!(/// The id of a feature (`feature_…`).
    FeatureId, "feature id");
id!(/// The id of a feature attached to a product (`product_feature_…`).
    ProductFeatureId, "product feature id");
id!(/// The id of a payment (`pym_…`).
    PaymentId, "payment id");
id!(/// The id of a line item of an invoice (`inv_li_…`).
    InvoiceLineItemId, "invoice line item id");
id!(/// The id of a discount (`discount_…`).
    DiscountId, "discount id");
id!(/// The id of a webhook (`webhook_…`).
    WebhookId, "webhook id");
id!(/// The id of an API key (`apikey_…`), not the key itself.
    ApiKeyId, "API key id");
id!(/// The id of a billing period (`billing_period_…`).
    BillingPeriodId, "billing period id");
id!(/// The id of a billing run, one attempt to charge (`billing_run_…`).
    BillingRunId, "billing run id");
id!(/// The id of an account in the ledger (`la_…`).
    LedgerAccountId, "ledger account id");

/// Refuses percent signs: Flowglad's ids contain none, so a percent sign means an encoded path such as `%2e%2e`.
fn check_id(text: &str) -> Result<(), &'static str> {
    check_segment(text)?;
    if text.contains('%') { Err("must not contain a percent sign") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_aim_at_another_route_are_refused() {
        for id in ["", "..", "../customers/bob/archive", "%2e%2e", "sub_1%2Fcancel", "sub\\1", "sub_1\n"] {
            assert!(id.parse::<SubscriptionId>().is_err(), "{id:?}");
        }
        assert_eq!("sub_1".parse::<SubscriptionId>().unwrap().to_string(), "sub_1");
    }
}
