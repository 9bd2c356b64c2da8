//! All tables of a store, in one list.

use serde_json::{Map, Value};

use crate::{
    records::{
        billing::{BillingRun, Invoice, InvoiceLineItem, Payment, PaymentMethod, Purchase},
        checkout::CheckoutSession,
        customer::Customer,
        discount::Discount,
        event::Event,
        pricing::{Feature, Price, PricingModel, Product, ProductFeature, Resource, UsageMeter},
        subscription::{BillingPeriod, BillingPeriodItem, Subscription, SubscriptionItem, SubscriptionItemFeature},
        usage::{ResourceClaim, UsageCredit, UsageEvent},
        webhook::Webhook,
    },
    store::table::Table,
};

/// Lists the tables once. What is done with each of them follows from the list.
macro_rules! tables {
    ($($name:ident: $record:ty),+ $(,)?) => {
        /// All records, one table for each kind, in the order of insertion.
        #[derive(Debug, Default)]
        pub(crate) struct Tables { $(pub(crate) $name: Table<$record>),+ }

        /// How long the undo log of each table was at some moment.
        #[derive(Debug, Default)]
        pub(super) struct UndoMarks { $($name: usize),+ }

        impl Tables {
            /// All tables by name.
            pub(crate) fn to_json(&self) -> Map<String, Value> {
                Map::from_iter([$((stringify!($name).to_owned(), self.$name.to_json())),+])
            }

            /// Reads all tables; those that the JSON lacks are empty. An error says what is wrong and where.
            pub(crate) fn from_json(mut json: Map<String, Value>) -> Result<Self, String> {
                let tables = Self {
                    $($name: match json.remove(stringify!($name)) {
                        None => Table::default(),
                        Some(rows) => Table::from_json(rows)
                            .map_err(|problem| format!(concat!(stringify!($name), "{}"), problem))?,
                    },)+
                };
                json.keys().next().map_or(Ok(tables), |name| Err(format!("there is no table {name}")))
            }

            pub(super) fn undo_marks(&self) -> UndoMarks {
                UndoMarks { $($name: self.$name.undo_mark()),+ }
            }

            /// Whether the current transaction has changed a record.
            pub(super) fn are_changed(&self) -> bool {
                $(self.$name.undo_mark() > 0)||+
            }

            pub(super) fn undo_to(&mut self, marks: &UndoMarks) {
                $(self.$name.undo_to(marks.$name);)+
            }

            pub(super) fn forget_undo(&mut self) {
                $(self.$name.forget_undo();)+
            }
        }
    };
}

tables! {
    pricing_models: PricingModel,
    products: Product,
    prices: Price,
    features: Feature,
    product_features: ProductFeature,
    usage_meters: UsageMeter,
    resources: Resource,
    discounts: Discount,
    customers: Customer,
    subscriptions: Subscription,
    subscription_items: SubscriptionItem,
    subscription_item_features: SubscriptionItemFeature,
    billing_periods: BillingPeriod,
    billing_period_items: BillingPeriodItem,
    billing_runs: BillingRun,
    usage_events: UsageEvent,
    usage_credits: UsageCredit,
    resource_claims: ResourceClaim,
    checkout_sessions: CheckoutSession,
    purchases: Purchase,
    payment_methods: PaymentMethod,
    invoices: Invoice,
    invoice_line_items: InvoiceLineItem,
    payments: Payment,
    events: Event,
    webhooks: Webhook,
}
