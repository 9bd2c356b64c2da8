//! Ids as types of their own, so that a price can never be sent where a subscription belongs.

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
            /// The id as Flowglad writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// Takes an id from outside, for example a form field.
        ///
        /// # Errors
        /// If the text could not be an id on its way through a URL: empty, dots only, or with a slash, a backslash,
        /// a percent sign or a control character.
        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, InvalidInput> {
                checked(text).map_err(|problem| InvalidInput::new($field, problem))?;
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

id!(/// A customer in Flowglad (`cust_…`), not the app's own id.
    CustomerId, "customer id");
id!(/// A subscription (`sub_…`).
    SubscriptionId, "subscription id");
id!(/// A price (`price_…`).
    PriceId, "price id");
id!(/// A product (`prod_…`).
    ProductId, "product id");
id!(/// A pricing model (`pricing_model_…`).
    PricingModelId, "pricing model id");
id!(/// A usage meter (`usage_meter_…`).
    UsageMeterId, "usage meter id");
id!(/// A usage event (`usage_event_…`).
    UsageEventId, "usage event id");
id!(/// An invoice (`inv_…`).
    InvoiceId, "invoice id");
id!(/// A purchase (`prch_…`).
    PurchaseId, "purchase id");
id!(/// A payment method (`pm_…`).
    PaymentMethodId, "payment method id");
id!(/// A resource (`resource_…`).
    ResourceId, "resource id");
id!(/// A claim of a resource (`res_claim_…`).
    ResourceClaimId, "resource claim id");
id!(/// A checkout session (`chckt_session_…`).
    CheckoutSessionId, "checkout session id");
id!(/// An organization (`org_…`).
    OrganizationId, "organization id");
id!(/// A part of a subscription (`si_…`).
    SubscriptionItemId, "subscription item id");
id!(/// A feature that a subscription grants (`sub_feature_…`).
    SubscriptionItemFeatureId, "subscription item feature id");
id!(/// A feature (`feature_…`).
    FeatureId, "feature id");
id!(/// A product's promise of a feature (`product_feature_…`).
    ProductFeatureId, "product feature id");
id!(/// A payment (`pym_…`).
    PaymentId, "payment id");
id!(/// A line of an invoice (`inv_li_…`).
    InvoiceLineItemId, "invoice line item id");
id!(/// A discount (`discount_…`).
    DiscountId, "discount id");
id!(/// A webhook (`webhook_…`).
    WebhookId, "webhook id");
id!(/// An API key (`apikey_…`), not the key itself.
    ApiKeyId, "API key id");
id!(/// A paid period (`billing_period_…`).
    BillingPeriodId, "billing period id");
id!(/// An attempt to charge (`billing_run_…`).
    BillingRunId, "billing run id");
id!(/// An account in the ledger (`la_…`).
    LedgerAccountId, "ledger account id");

/// No id holds a percent sign; one that does was encoded by somebody who hopes that it will be decoded.
fn checked(text: &str) -> Result<(), &'static str> {
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
