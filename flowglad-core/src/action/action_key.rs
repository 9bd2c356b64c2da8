//! The names of the actions.

use std::fmt;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $key:literal,)+) => {
        /// One of the things that the React hooks ask of the app's server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Action { $($(#[$doc])* $name,)+ }

        impl Action {
            /// Every action.
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
    /// Everything about the customer's billing.
    CustomersBilling = "customers/billing",
    /// The customer, created if need be.
    CustomersFindOrCreate = "customers/find-or-create",
    /// Changes the customer's name and the like.
    CustomersUpdate = "customers/update",
    /// The customer's own data, for a profile page.
    CustomerDetails = "customerDetails",
    /// Buys a product.
    CheckoutSessionsCreate = "checkout-sessions/create",
    /// Stores a card.
    CheckoutSessionsCreateAddPaymentMethod = "checkout-sessions/create-add-payment-method",
    /// Pays an incomplete subscription.
    CheckoutSessionsCreateActivateSubscription = "checkout-sessions/create-activate-subscription",
    /// The customer's subscriptions.
    SubscriptionsList = "subscriptions/list",
    /// Cancels a subscription.
    SubscriptionsCancel = "subscriptions/cancel",
    /// Takes back a scheduled cancellation.
    SubscriptionsUncancel = "subscriptions/uncancel",
    /// Changes the plan.
    SubscriptionsAdjust = "subscriptions/adjust",
    /// Subscribes without checkout; not for browsers.
    SubscriptionsCreate = "subscriptions/create",
    /// Records usage.
    UsageEventsCreate = "usage-events/create",
    /// What is left on each usage meter.
    UsageMetersBalances = "usage-meters/balances",
    /// The yes/no features in force.
    FeaturesAccess = "features/access",
    /// Cards and other ways to pay.
    PaymentMethodsList = "payment-methods/list",
    /// Invoices.
    InvoicesList = "invoices/list",
    /// Purchases.
    PurchasesList = "purchases/list",
    /// What is taken of every resource.
    ResourcesUsages = "resources/usages",
    /// What is taken of one resource.
    ResourcesUsagesRetrieve = "resources/usages/retrieve",
    /// Takes seats and the like.
    ResourcesClaim = "resources/claim",
    /// Gives seats and the like back.
    ResourcesRelease = "resources/release",
    /// Who holds seats and the like.
    ResourcesClaims = "resources/claims",
    /// The prices that apply to the caller, signed in or not.
    PricingModelsRetrieve = "pricing-models/retrieve",
}

impl Action {
    /// Finds the action of a raw path after the mount point. Nothing is decoded, case counts, empty segments do not.
    pub(crate) fn from_subroute(subroute: &str) -> Option<Self> {
        let mut wanted = subroute.split('/').filter(|segment| !segment.is_empty());
        let matches = |action: &Self| wanted.clone().eq(action.key().split('/'));
        let found = Self::ALL.iter().copied().find(matches);
        wanted.next().and(found)
    }

    /// Whether the action only looks. It may still create the customer whom Flowglad does not know yet.
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

    /// Whether strangers may ask too.
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
