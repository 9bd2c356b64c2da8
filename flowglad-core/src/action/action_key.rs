//! The names of the actions.

use std::fmt;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $key:literal,)+) => {
        /// An action that the React hooks of `@flowglad/react` request from the app's server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Action { $($(#[$doc])* $name,)+ }

        impl Action {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The path after the mount point, for example `customers/billing`.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)+ }
            }
        }
    };
}

actions! {
    /// Reads all billing data of the customer.
    CustomersBilling = "customers/billing",
    /// Reads the customer, or creates it.
    CustomersFindOrCreate = "customers/find-or-create",
    /// Changes the customer's name, email, phone and billing address.
    CustomersUpdate = "customers/update",
    /// Reads the customer's own data, for a profile page.
    CustomerDetails = "customerDetails",
    /// Creates a checkout session that buys a product.
    CheckoutSessionsCreate = "checkout-sessions/create",
    /// Creates a checkout session that stores a payment method.
    CheckoutSessionsCreateAddPaymentMethod = "checkout-sessions/create-add-payment-method",
    /// Creates a checkout session for the first payment of an incomplete subscription.
    CheckoutSessionsCreateActivateSubscription = "checkout-sessions/create-activate-subscription",
    /// Reads the customer's subscriptions.
    SubscriptionsList = "subscriptions/list",
    /// Cancels a subscription.
    SubscriptionsCancel = "subscriptions/cancel",
    /// Withdraws a scheduled cancellation.
    SubscriptionsUncancel = "subscriptions/uncancel",
    /// Changes the plan: moves a subscription to other prices.
    SubscriptionsAdjust = "subscriptions/adjust",
    /// Creates a subscription without a checkout. Refused with a 501, since a browser must not do this.
    SubscriptionsCreate = "subscriptions/create",
    /// Records a usage event.
    UsageEventsCreate = "usage-events/create",
    /// Reads the balance of each usage meter.
    UsageMetersBalances = "usage-meters/balances",
    /// Reads the toggle features of the current subscriptions.
    FeaturesAccess = "features/access",
    /// Reads the customer's payment methods.
    PaymentMethodsList = "payment-methods/list",
    /// Reads the customer's invoices.
    InvoicesList = "invoices/list",
    /// Reads the customer's purchases.
    PurchasesList = "purchases/list",
    /// Reads the usage of every resource, for example of seats.
    ResourcesUsages = "resources/usages",
    /// Reads the usage of one resource.
    ResourcesUsagesRetrieve = "resources/usages/retrieve",
    /// Claims units of a resource, for example seats.
    ResourcesClaim = "resources/claim",
    /// Releases claimed units of a resource.
    ResourcesRelease = "resources/release",
    /// Reads the active claims.
    ResourcesClaims = "resources/claims",
    /// Reads the customer's pricing model, or the default one for an anonymous caller.
    PricingModelsRetrieve = "pricing-models/retrieve",
}

impl Action {
    /// Finds the action of a raw path after the mount point. The path is not decoded, case matters, and empty segments
    /// are ignored.
    pub(crate) fn from_subroute(subroute: &str) -> Option<Self> {
        let mut segments = subroute.split('/').filter(|segment| !segment.is_empty());
        let matches = |action: &Self| segments.clone().eq(action.key().split('/'));
        let found = Self::ALL.iter().copied().find(matches);
        segments.next().and(found)
    }

    /// Whether the action only reads. It may still create a customer that Flowglad does not know yet.
    #[must_use]
    pub const fn is_read(self) -> bool {
        match self {
            Self::CustomersBilling
            | Self::CustomersFindOrCreate
            | Self::CustomerDetails
            | Self::SubscriptionsList
            | Self::UsageMetersBalances
            | Self::FeaturesAccess
            | Self::PaymentMethodsList
            | Self::InvoicesList
            | Self::PurchasesList
            | Self::ResourcesUsages
            | Self::ResourcesUsagesRetrieve
            | Self::ResourcesClaims
            | Self::PricingModelsRetrieve => true,
            Self::CustomersUpdate
            | Self::CheckoutSessionsCreate
            | Self::CheckoutSessionsCreateAddPaymentMethod
            | Self::CheckoutSessionsCreateActivateSubscription
            | Self::SubscriptionsCancel
            | Self::SubscriptionsUncancel
            | Self::SubscriptionsAdjust
            | Self::SubscriptionsCreate
            | Self::UsageEventsCreate
            | Self::ResourcesClaim
            | Self::ResourcesRelease => false,
        }
    }

    /// Whether anonymous callers may run the action.
    pub(crate) fn is_public(self) -> bool {
        self == Self::PricingModelsRetrieve
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_24_actions_and_each_is_found_by_its_key() {
        assert_eq!(Action::ALL.len(), 24);
        for action in Action::ALL {
            assert_eq!(Action::from_subroute(action.key()), Some(*action));
            assert_eq!(Action::from_subroute(&format!("//{}/", action.key().replace('/', "//"))), Some(*action));
        }
    }

    #[test]
    fn paths_are_compared_raw() {
        for path in [
            "",
            "/",
            "customers",
            "Customers/billing",
            "customers%2Fbilling",
            "customers/billing/x",
            "customers/../customers/billing",
        ] {
            assert_eq!(Action::from_subroute(path), None, "{path}");
        }
    }
}
