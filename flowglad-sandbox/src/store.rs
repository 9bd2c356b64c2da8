//! The sandbox's memory: tables of records, and changes that happen as a whole or not at all.

mod index;
mod table;
mod tally;

use crate::clock::Clock;
use crate::ids::Ids;
use crate::records::{
    BillingPeriod, BillingPeriodItem, BillingRun, CheckoutSession, Customer, Discount, Event, Feature, Head, Invoice,
    InvoiceLineItem, Payment, PaymentMethod, Price, PricingModel, Product, ProductFeature, Purchase, Record, Resource,
    ResourceClaim, Subscription, SubscriptionItem, SubscriptionItemFeature, UsageCredit, UsageEvent, UsageMeter,
};
pub(crate) use table::Table;

/// Everything a sandbox knows. Rules read the tables and change them through it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) tables: Tables,
    pub(crate) organization_id: String,
    /// The pricing model that the API key belongs to: the one set up last.
    pub(crate) key_model_id: String,
    /// How many of the next charges of a card are declined.
    pub(crate) fail_next_payments: u32,
    clock: Clock,
    ids: Ids,
    now: i64,
}

impl Store {
    pub(crate) fn new(clock: Clock, mut ids: Ids) -> Self {
        let organization_id = ids.record("org");
        let now = clock.now_ms();
        let (tables, key_model_id) = (Tables::default(), String::new());
        Self { tables, organization_id, key_model_id, fail_next_payments: 0, clock, ids, now }
    }

    /// The time of the change that is being made: one moment for all its records.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    pub(crate) fn id_of<R: Record>(&mut self) -> String {
        self.ids.record(R::PREFIX)
    }

    /// An id of something that the API names but that has no record here.
    pub(crate) fn id_with_prefix(&mut self, prefix: &str) -> String {
        self.ids.record(prefix)
    }

    pub(crate) fn request_id(&mut self) -> String {
        self.ids.request()
    }

    pub(crate) fn invoice_number_base(&mut self) -> String {
        self.ids.invoice_number_base()
    }

    /// The first fields of a new record.
    pub(crate) fn head<R: Record>(&mut self) -> Head {
        let id = self.id_of::<R>();
        self.head_with_id(id)
    }

    /// The first fields of a new record whose id something else had to know before.
    pub(crate) fn head_with_id(&self, id: String) -> Head {
        Head { id, created_at: self.now, updated_at: self.now, livemode: false }
    }

    /// Runs one request's change at the clock's time; an error leaves everything as it was.
    pub(crate) fn transaction<T, E>(&mut self, change: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.transaction_at(self.clock.now_ms(), change)
    }

    /// Runs a change as if it were made at `time`.
    pub(crate) fn transaction_at<T, E>(
        &mut self,
        time: i64,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        // A change that panicked never came to its end: what it left is undone before the next one starts.
        self.tables.undo_to(&Marks::default());
        self.now = time;
        let outcome = self.attempt(change);
        self.tables.forget_undo();
        outcome
    }

    /// Whether the charge that is being made is to be declined. That is used up even if the change fails as a whole.
    pub(crate) fn next_payment_is_declined(&mut self) -> bool {
        let is_declined = self.fail_next_payments > 0;
        self.fail_next_payments = self.fail_next_payments.saturating_sub(1);
        is_declined
    }

    /// Runs a part of a change that may fail without failing the whole; an error undoes the part.
    pub(crate) fn attempt<T, E>(&mut self, change: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let marks = self.tables.marks();
        let outcome = change(self);
        if outcome.is_err() {
            self.tables.undo_to(&marks);
        }
        outcome
    }
}

/// Lists the tables once; the rest follows from the list.
macro_rules! tables {
    ($($name:ident: $record:ty),+ $(,)?) => {
        /// All records, one table per kind, each in the order of insertion.
        #[derive(Debug, Default)]
        pub(crate) struct Tables { $(pub(crate) $name: Table<$record>),+ }

        /// How far each table's list of undos had grown at some moment.
        #[derive(Debug, Default)]
        struct Marks { $($name: usize),+ }

        impl Tables {
            fn marks(&self) -> Marks {
                Marks { $($name: self.$name.undo_mark()),+ }
            }

            fn undo_to(&mut self, marks: &Marks) {
                $(self.$name.undo_to(marks.$name);)+
            }

            fn forget_undo(&mut self) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(store: &mut Store, name: &str) -> PricingModel {
        PricingModel {
            head: store.head::<PricingModel>(),
            organization_id: String::new(),
            is_default: false,
            name: name.to_owned(),
        }
    }

    #[test]
    fn a_failed_change_leaves_no_trace_and_a_good_one_stays() {
        let mut store = Store::new(Clock::manual(5), Ids::seeded(1));
        let kept = store
            .transaction(|store| {
                let model = model(store, "kept");
                Ok::<_, ()>(store.tables.pricing_models.insert(model))
            })
            .unwrap();
        let failed = store.transaction(|store| {
            store.tables.pricing_models.change(&kept, 9, |model| model.name = "changed".to_owned());
            let lost = model(store, "lost");
            store.tables.pricing_models.insert(lost);
            Err::<(), _>("no")
        });
        assert_eq!(failed, Err("no"));
        let names: Vec<&str> = store.tables.pricing_models.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, ["kept"]);
        assert_eq!(store.tables.pricing_models.find(&kept).unwrap().head.updated_at, 5);
    }
}
