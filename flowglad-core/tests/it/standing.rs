//! Who counts as entitled when payments fail, against the sandbox.

use flowglad_core::{
    Billing, Flowglad, RequestingCustomer,
    api::CancellationTiming,
    billing::{NotEntitled, Standing},
    model::{SubscriptionStatus, Timestamp},
};
use flowglad_sandbox::{Clock, Sandbox};

const JANUARY: i64 = 1_767_225_600_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A sandbox on 1 January with one customer, and what the app sees of it.
struct World {
    sandbox: Sandbox,
    clock: Clock,
    flowglad: Flowglad,
    customer: RequestingCustomer,
}

impl World {
    async fn start() -> Self {
        let clock = Clock::manual(JANUARY);
        let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
        let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
        Self { sandbox, clock, flowglad, customer: crate::ada() }
    }

    /// A customer of the plan Pro whose renewals of February and March are declined, four times each.
    async fn declined() -> Self {
        let world = Self::start().await;
        world.sandbox.subscribe("user_42", "pro_monthly").unwrap();
        for _ in 0..8 {
            world.sandbox.fail_next_payment();
        }
        world
    }

    async fn billing(&self) -> Billing {
        self.flowglad.customer(&self.customer).billing().await.unwrap()
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.now_ms())
    }

    fn day(&self, day: i64) -> &Self {
        self.sandbox.advance_to(JANUARY + day * DAY).unwrap();
        self
    }

    async fn counts(&self, standing: Standing) -> Result<(), NotEntitled> {
        let billing = self.billing().await;
        standing.counts(&billing, &billing.current_subscriptions()[0], self.now())
    }
}

#[tokio::test]
async fn four_declined_payments_and_40_days_later_everything_is_open_unless_the_standing_is_stricter() {
    let world = World::declined().await;
    let renewal = 31;
    for (days, any, grace, paid_up) in [
        (-1, true, true, true),
        (0, true, true, false),
        (6, true, true, false),
        (7, true, false, false),
        (14, true, false, false),
        (40, true, false, false),
    ] {
        let world = world.day(renewal + days);
        let billing = world.billing().await;
        assert!(billing.check_feature_access("export_csv"), "day {days}: the meaning of the contract");
        assert_eq!(world.counts(Standing::any()).await.is_ok(), any, "day {days}: any");
        assert_eq!(world.counts(Standing::grace_days(7)).await.is_ok(), grace, "day {days}: grace");
        assert_eq!(world.counts(Standing::paid_up()).await.is_ok(), paid_up, "day {days}: paid up");
    }
    let failed = world.flowglad.payments().list().page().await.unwrap();
    assert!(failed.data.len() >= 5, "the first payment and at least four declined ones");
    let billing = world.billing().await;
    let past_due = billing.past_due().unwrap();
    assert_eq!(past_due.since, Timestamp::from_millis(JANUARY + renewal * DAY), "the first unpaid day, not the last");
    assert_eq!(past_due.amount().unwrap().to_string(), "20.00 USD");
    assert_eq!(past_due.subscription.status, SubscriptionStatus::PastDue);
    let refused = world.counts(Standing::paid_up()).await.unwrap_err();
    assert!(matches!(refused, NotEntitled::PastDue { status: SubscriptionStatus::PastDue, .. }));
    assert_eq!(refused.to_string(), "Your last payment failed. Please update your card to continue.");
}

#[tokio::test]
async fn a_free_plan_that_is_past_due_owes_nothing_and_counts() {
    let world = World::start().await;
    world.billing().await;
    world.day(70);
    let billing = world.billing().await;
    assert_eq!(billing.current_subscriptions()[0].status, SubscriptionStatus::PastDue);
    assert_eq!(billing.past_due(), None);
    assert_eq!(world.counts(Standing::paid_up()).await, Ok(()));
    assert_eq!(world.counts(Standing::any().paid_plan_only()).await, Err(NotEntitled::FreePlan));
}

#[tokio::test]
async fn a_payment_that_succeeds_after_two_declined_ones_ends_the_past_due_time() {
    let world = World::start().await;
    world.sandbox.subscribe("user_42", "pro_monthly").unwrap();
    world.sandbox.fail_next_payment();
    world.sandbox.fail_next_payment();
    world.day(31 + 4);
    assert!(world.counts(Standing::paid_up()).await.is_err());
    world.day(31 + 9);
    assert_eq!(world.counts(Standing::paid_up().paid_plan_only()).await, Ok(()));
    assert_eq!(world.billing().await.past_due(), None);
}

#[tokio::test]
async fn a_cancellation_that_is_scheduled_and_withdrawn_does_not_make_an_unpaid_plan_count() {
    let world = World::declined().await;
    world.day(33);
    let me = world.flowglad.customer(&world.customer);
    let plan = world.billing().await.current_subscriptions()[0].id.clone();
    me.cancel_subscription(&plan, CancellationTiming::AtEndOfCurrentBillingPeriod).await.unwrap();
    assert!(world.counts(Standing::paid_up()).await.is_err(), "cancellation scheduled");
    me.uncancel_subscription(&plan).await.unwrap();
    assert_eq!(world.billing().await.current_subscriptions()[0].status, SubscriptionStatus::Active);
    assert!(world.counts(Standing::paid_up()).await.is_err(), "active without a payment");
    assert_eq!(world.counts(Standing::grace_days(7)).await, Ok(()));
    world.day(31 + 7);
    assert!(world.counts(Standing::grace_days(7)).await.is_err());
}
