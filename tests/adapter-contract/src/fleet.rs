//! Cases that run a second time with a real Redis behind cache, usage, holds and the log of deliveries.

use std::{sync::Arc, time::Duration};

use flowglad_core::{cache::BillingCache, fleet::Fleet, usage::Outbox, webhook::WebhookReceiver};
use redis_process::RedisProcess;

/// The machine of a test may be slow where the server is well, and its disk may let a write wait for a sync.
const PATIENCE: Duration = Duration::from_secs(5);

tokio::task_local! {
    static FLEET: Arc<Fleet>;
}

/// Runs a case whose clients and receivers share what they know through a Redis of its own.
pub async fn behind(case: impl Future<Output = ()>) {
    let redis = RedisProcess::builder().append_only().start().await.unwrap();
    let fleet = Fleet::builder(redis.url()).patience(PATIENCE).connect().await.unwrap();
    let fleet = Arc::new(fleet);
    let before = fleet.stats();
    FLEET.scope(Arc::clone(&fleet), case).await;
    let stats = fleet.stats();
    assert!(stats.calls > before.calls, "the case uses the fleet");
    assert_eq!((stats.failed_calls, stats.times_away), (0, 0));
}

fn fleet() -> Option<Arc<Fleet>> {
    FLEET.try_with(Arc::clone).ok()
}

/// The cache of a client.
pub(crate) fn cache() -> BillingCache {
    match fleet() {
        Some(fleet) => BillingCache::new().store(fleet.billing()),
        None => BillingCache::new(),
    }
}

/// The outbox of a client.
pub(crate) fn outbox(local: Outbox) -> Outbox {
    match fleet() {
        Some(fleet) => fleet.outbox(local).unwrap(),
        None => local,
    }
}

/// A receiver with its log.
pub(crate) fn logged(receiver: WebhookReceiver) -> WebhookReceiver {
    match fleet() {
        Some(fleet) => receiver.log(fleet.deliveries()),
        None => receiver,
    }
}

/// Runs the cases that touch cache, usage, holds and webhooks with a Redis behind: `fleet_contract!(start, start_webhooks)`.
/// What is left out sets a clock, which a server does not follow, or does not depend on where things are kept. One adapter
/// runs them, since none has anything of its own to do with a fleet.
#[macro_export]
macro_rules! fleet_contract {
    ($start:ident, $start_webhooks:ident) => {
        mod with_redis {
            use super::{$start, $start_webhooks};

            $crate::fleet_contract!(@each $start:
                gate_freshness::fifty_first_requests_at_once_read_once,
                gate_freshness::a_browser_that_leaves_cancels_no_shared_read,
                gate_freshness::after_a_change_through_the_app_the_next_gate_sees_it,
                gate_freshness::customers_do_not_share_memory,
                gate_returns::who_comes_back_from_a_checkout_passes_at_once,
                metered_costs::each_route_costs_what_its_meter_says,
                metered_costs::work_that_fails_or_panics_costs_nothing,
                metered_costs::the_app_decides_which_statuses_are_charged,
                metered_costs::of_two_requests_at_once_only_one_gets_the_last_credit,
                metered_costs::usage_that_is_paid_afterwards_is_not_refused,
                metered_costs::a_client_that_leaves_before_the_work_is_done_pays_nothing,
                metered_keys::the_same_key_costs_once_for_each_customer,
                metered_keys::a_key_whose_work_failed_can_be_used_again,
                metered_keys::the_same_key_in_flight_is_a_conflict_or_waits,
                metered_keys::keys_come_from_where_the_meter_says,
                metered_actions::usage_of_browsers_goes_through_the_outbox_if_the_app_says_so,
                metered_streams::a_stream_is_charged_by_its_bytes_or_by_what_is_counted,
                metered_streams::a_client_that_leaves_in_the_middle_pays_for_what_was_sent,
                metered_streams::a_body_is_durably_charged_before_its_end_is_sent,
            );
            $crate::fleet_contract!(@each $start_webhooks:
                webhook_once::a_delivery_is_handled_once,
                webhook_once::a_delivery_whose_handler_failed_is_handled_when_it_comes_again,
                webhook_once::a_delivery_whose_handler_panicked_is_handled_when_it_comes_again,
                webhook_once::a_handler_that_takes_too_long_is_stopped_and_runs_again,
                webhook_once::fifty_deliveries_of_one_id_at_once_are_one_handling,
                webhook_once::who_waits_for_a_handling_that_fails_begins_the_next,
                webhook_once::a_handler_ends_although_the_sender_hangs_up,
                webhook_once::a_handler_that_fails_after_the_sender_hung_up_runs_again,
                webhook_effects::a_delivery_outdates_the_billing_of_its_customer,
                webhook_effects::without_a_customer_the_object_is_read,
                webhook_effects::billing_is_outdated_before_the_handler_runs,
            );
        }
    };
    (@each $start:ident: $($family:ident :: $case:ident),+ $(,)?) => { $(
        #[$crate::tokio::test(crate = "adapter_contract::tokio", flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::fleet::behind($crate::cases::$family::$case(|handler| Box::pin($start(handler)))).await;
        }
    )+ };
}
