//! The contract of the adapters: one function per sentence, run over real HTTP against each of them.
//!
//! An adapter's test file is three functions and five lines:
//!
//! ```text
//! adapter_contract::adapter_contract!(start);
//! adapter_contract::gate_contract!(start);
//! adapter_contract::meter_contract!(start);
//! adapter_contract::webhook_contract!(start_webhooks);
//! adapter_contract::sign_in_contract!(start_sign_in);
//! ```
//!
//! `start` mounts the given [`RequestHandler`](flowglad_core::action::RequestHandler) at [`MOUNT`] in a real app on a
//! free port, with the customer from an extractor that calls [`Session::of`], has the handler
//! described at [`ME`] and the routes of [`gated`] and [`metered`], and returns the app's base URL. `start_webhooks` starts an
//! app with the routes of [`webhook`], and `start_sign_in` one whose customer comes from a sign-in provider.
//!
//! [`fleet_contract`] runs some cases a second time with a Redis behind.
//!
//! Responses are compared with snapshots that all adapters share, so two adapters that differ by a byte cannot both
//! pass. No case has an expectation for a single adapter.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "this crate is tests")]

/// Compiles the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/gates.md")]
struct GatesGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/fleets.md")]
struct FleetsGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/usage.md")]
struct UsageGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/webhooks.md")]
struct WebhooksGuide;

/// Compiles the page's example.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/webhooks_sql.md")]
struct WebhooksSqlGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/authjs.md")]
struct AuthJsGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/better-auth.md")]
struct BetterAuthGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/clerk.md")]
struct ClerkGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/jwt.md")]
struct JwtGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/organizations.md")]
struct OrganizationsGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/supabase.md")]
struct SupabaseGuide;

/// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/sandbox.md")]
struct SandboxGuide;

/// Compiles the page's example.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/going-live.md")]
struct GoingLiveGuide;

pub mod app;
pub mod cases;
pub mod deliveries;
pub mod documents;
pub mod fleet;
pub mod gate;
pub mod gated;
pub mod log;
pub mod memory;
pub mod metered;
pub mod raw_connection;
pub mod samples;
pub mod session;
pub mod sign_in;
pub mod sign_in_vectors;
pub mod upstream;
pub mod webhook;

pub use app::{App, ME, MOUNT, Reply, Start};
pub use session::{SESSION_HEADER, Session};
pub use tokio;
pub use upstream::Upstream;

/// Runs every case against an adapter: `adapter_contract!(start)`, where `start` is an
/// `async fn(RequestHandler) -> String`.
#[macro_export]
macro_rules! adapter_contract {
    ($start:path) => {
        $crate::adapter_contract!(@each $start:
            routes::unknown_routes_are_unknown_actions,
            routes::empty_segments_are_ignored,
            routes::the_path_is_not_decoded,
            routes::every_action_accepts_only_post,
            routes::the_mount_point_itself_is_an_unknown_action,
            routes::other_routes_of_the_app_are_unaffected,
            sessions::every_action_except_pricing_requires_a_session,
            sessions::anonymous_callers_get_the_default_pricing,
            sessions::a_session_without_a_valid_customer_gets_the_reason,
            sessions::a_session_store_that_is_down_is_not_an_anonymous_caller,
            sessions::a_403_of_the_apps_extractor_stays_a_403,
            sessions::a_panic_in_the_apps_code_is_one_failed_request,
            sessions::identity_fields_of_a_body_are_overridden_by_the_session,
            bodies::absent_empty_and_no_fields_mean_the_same,
            bodies::a_body_that_is_not_a_json_object_is_refused_by_every_action,
            bodies::content_types_other_than_json_are_refused,
            bodies::json_content_types_are_accepted_in_every_spelling,
            bodies::a_body_over_the_limit_is_too_large,
            bodies::checks_run_in_order,
            hostile_bodies::the_default_limit_of_a_body_is_64_kib,
            hostile_bodies::long_names_are_sent_back_in_part,
            hostile_bodies::bodies_with_very_many_parts_are_refused,
            hostile_bodies::twenty_hostile_bodies_in_flight_cost_little_memory,
            hostile_bodies::null_means_absent_in_optional_fields_of_a_usage_event,
            hostile_bodies::no_control_character_of_a_body_reaches_the_log,
            left_writes::a_write_is_finished_although_the_browser_leaves,
            left_writes::a_write_is_retried_although_the_browser_leaves,
            left_writes::a_write_that_fails_after_the_browser_left_is_logged,
            slow_bodies::a_body_that_stalls_is_a_request_timeout,
            slow_bodies::bodies_that_trickle_are_request_timeouts,
            slow_bodies::an_anonymous_caller_is_refused_before_the_body_is_read,
            slow_bodies::a_chunked_body_that_breaks_is_not_a_whole_one,
            slow_bodies::a_whole_chunked_body_is_read,
            fields::every_rule_of_every_field_is_checked,
            fields::unknown_keys_are_ignored_except_where_they_would_return_more_data,
            fields::ids_from_the_browser_never_change_the_upstream_path,
            data::every_action_responds_as_recorded,
            data::every_action_stays_within_its_budget_of_requests,
            data::billing_passes_through_byte_for_byte,
            data::replies_to_changes_pass_through_with_unknown_fields,
            data::requests_to_flowglad_are_as_recorded,
            data::past_subscriptions_are_returned_only_on_request,
            data::features_are_the_first_of_each_slug_over_the_current_subscriptions,
            data::lists_are_paginated_as_requested,
            data::unpublished_hooks_find_the_fields_that_they_read,
            extractors::a_handler_takes_the_customer_of_the_session,
            extractors::a_caller_who_is_no_customer_gets_what_an_action_sends,
            extractors::a_session_store_that_is_down_is_left_to_the_app,
            extractors::the_session_is_looked_up_once_however_many_ask,
            customers::an_unknown_customer_is_created_once,
            customers::a_customer_created_by_another_request_is_found,
            customers::data_of_another_customer_is_never_returned,
            customers::data_of_a_doubtful_owner_is_never_returned,
            subscriptions::a_subscription_of_another_customer_is_forbidden,
            subscriptions::a_missing_subscription_is_not_found,
            subscriptions::exactly_one_current_subscription_is_required_if_none_is_named,
            subscriptions::a_change_that_the_state_does_not_allow_is_refused_before_the_call,
            subscriptions::ownership_is_checked_by_two_reads_at_once,
            subscriptions::uncancel_returns_a_subscription_that_is_not_about_to_end,
            upstream_failures::every_action_maps_every_failure_as_recorded,
            upstream_failures::a_silent_api_is_a_timeout,
            upstream_failures::a_cut_connection_is_unavailable_and_no_change_is_retried,
            upstream_failures::no_page_of_a_proxy_reaches_the_browser,
            recovery::every_read_and_every_idempotent_change_recovers_from_one_failure,
            recovery::a_first_visit_survives_a_failed_or_unanswered_creation_of_the_customer,
            recovery::a_refused_key_that_has_worked_is_a_rate_limit,
            recovery::more_requests_than_allowed_in_flight_are_refused_as_busy,
            settings::switched_off_actions_look_unknown,
            settings::the_app_decides_who_may_run_which_action,
            settings::the_authorize_function_may_capture,
            settings::a_failed_authorization_is_a_500_without_its_text,
            changes::the_app_hears_of_every_change,
            changes::the_app_hears_of_a_change_although_the_browser_leaves,
            changes::a_panic_of_the_function_leaves_the_response_as_it_is,
            shared_reads::ten_reads_of_a_page_at_once_are_one_read,
        );
    };
    (@each $start:path: $($family:ident :: $case:ident),+ $(,)?) => { $(
        #[$crate::tokio::test(crate = "adapter_contract::tokio", flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::cases::$family::$case(|handler| Box::pin($start(handler))).await;
        }
    )+ };
}

/// Runs every case about gates against an adapter, in the same way. The app has the routes of [`gated`].
#[macro_export]
macro_rules! gate_contract {
    ($start:path) => {
        $crate::adapter_contract!(@each $start:
            gate_answers::every_requirement_lets_entitled_customers_pass,
            gate_answers::every_requirement_refuses_in_its_own_words,
            gate_answers::the_upgrade_url_is_that_of_the_gate_or_of_the_app,
            gate_answers::anonymous_callers_of_a_gate_get_what_an_action_sends,
            gate_answers::the_apps_own_refusal_is_returned_by_gates_and_extractors,
            gate_answers::without_knowledge_a_gate_is_unavailable,
            gate_answers::a_gate_that_allows_the_unknown_passes_and_is_logged,
            gate_answers::past_due_customers_pass_unless_the_gate_or_the_app_is_stricter,
            gate_answers::decisions_are_counted,
            gate_pages::a_page_redirects_and_knows_the_way_back,
            gate_pages::a_page_is_shown_to_entitled_customers,
            gate_pages::the_way_back_never_leaves_the_site,
            gate_pages::a_gate_and_all_extractors_share_one_look_up_and_one_read,
            gate_freshness::a_hundred_requests_in_ten_seconds_read_at_most_twice,
            gate_freshness::fifty_first_requests_at_once_read_once,
            gate_freshness::a_browser_that_leaves_cancels_no_shared_read,
            gate_freshness::after_a_change_through_the_app_the_next_gate_sees_it,
            gate_freshness::a_refused_customer_who_paid_elsewhere_passes_a_second_later,
            gate_freshness::under_a_gate_from_memory_nothing_is_read,
            gate_freshness::ten_minutes_without_flowglad,
            gate_freshness::customers_do_not_share_memory,
            gate_returns::the_page_after_a_checkout_says_what_became_of_it,
            gate_returns::the_checkout_of_another_customer_is_not_shown,
            gate_returns::who_comes_back_from_a_checkout_passes_at_once,
            gate_returns::the_portal_redirects_to_flowglads_page,
            gate_returns::the_portal_refuses_like_an_action,
        );
    };
}

/// Runs every case about meters against an adapter, in the same way. The app has the routes of [`metered`].
#[macro_export]
macro_rules! meter_contract {
    ($start:path) => {
        $crate::adapter_contract!(@each $start:
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
            metered_keys::an_invalid_key_is_refused,
            metered_refusals::callers_who_are_not_signed_in_get_what_an_action_sends,
            metered_refusals::without_credit_or_knowledge_the_handler_does_not_run,
            metered_refusals::a_full_outbox_is_unavailable_and_the_handler_does_not_run,
            metered_refusals::without_an_outbox_it_is_a_mistake_of_the_app,
            metered_actions::usage_of_browsers_goes_through_the_outbox_if_the_app_says_so,
            metered_streams::a_stream_is_charged_by_its_bytes_or_by_what_is_counted,
            metered_streams::a_client_that_leaves_in_the_middle_pays_for_what_was_sent,
            metered_streams::a_body_is_durably_charged_before_its_end_is_sent,
        );
    };
}

/// Runs every case about webhooks against an adapter: `webhook_contract!(start_webhooks)`, where `start_webhooks` is an
/// `async fn(WebhookRoutes) -> String`.
#[macro_export]
macro_rules! webhook_contract {
    ($start:path) => {
        $crate::adapter_contract!(@each $start:
            webhook_answers::a_signed_delivery_is_handled,
            webhook_answers::a_204_has_no_body,
            webhook_answers::both_families_of_headers_are_read,
            webhook_answers::one_of_several_signatures_is_enough,
            webhook_answers::one_of_several_secrets_is_enough,
            webhook_answers::two_receivers_have_secrets_of_their_own,
            webhook_answers::the_bytes_are_verified_as_they_are_sent,
            webhook_answers::a_chunked_body_is_read,
            webhook_answers::a_delivery_that_is_not_verified_is_refused,
            webhook_answers::a_delivery_may_be_five_minutes_old_and_a_minute_early,
            webhook_answers::a_verified_body_that_is_no_event_is_refused,
            webhook_answers::a_receiver_accepts_only_post,
            webhook_answers::the_default_limit_of_a_delivery_is_256_kib,
            webhook_answers::the_app_sets_the_limit_of_a_delivery,
            webhook_once::a_delivery_is_handled_once,
            webhook_once::a_delivery_whose_handler_failed_is_handled_when_it_comes_again,
            webhook_once::a_delivery_whose_handler_panicked_is_handled_when_it_comes_again,
            webhook_once::a_handler_that_takes_too_long_is_stopped_and_runs_again,
            webhook_once::fifty_deliveries_of_one_id_at_once_are_one_handling,
            webhook_once::who_waits_for_a_handling_that_fails_begins_the_next,
            webhook_once::a_handler_ends_although_the_sender_hangs_up,
            webhook_once::a_handler_that_fails_after_the_sender_hung_up_runs_again,
            webhook_once::a_sender_that_hangs_up_in_the_body_has_delivered_nothing,
            webhook_slow_bodies::a_delivery_that_stalls_is_a_request_timeout,
            webhook_slow_bodies::a_method_is_refused_before_the_body_is_read,
            webhook_effects::a_delivery_outdates_the_billing_of_its_customer,
            webhook_effects::without_a_customer_the_object_is_read,
            webhook_effects::an_object_that_cannot_be_read_is_handled_nevertheless,
            webhook_effects::billing_is_outdated_before_the_handler_runs,
            webhook_effects::a_refused_delivery_outdates_nothing,
            webhook_effects::a_delivery_of_the_extractor_outdates_billing,
            webhook_extractors::a_handler_takes_a_verified_delivery,
            webhook_extractors::an_extractor_refuses_as_the_route_does,
            webhook_extractors::without_a_verifier_it_is_a_mistake_of_the_app_and_logged,
            webhook_logs::nothing_secret_of_a_delivery_is_logged,
        );
    };
}

/// Runs every case about sign-in providers against an adapter: `sign_in_contract!(start_sign_in)`, where `start_sign_in` is
/// an `async fn(SignInRoutes) -> String`.
#[macro_export]
macro_rules! sign_in_contract {
    ($start:path) => {
        $crate::adapter_contract!(@each $start:
            sign_in::a_signed_in_user_is_the_customer,
            sign_in::the_provider_says_name_and_email_of_a_new_customer,
            sign_in::a_caller_who_is_not_signed_in_is_anonymous,
            sign_in::a_provider_that_is_down_is_unavailable,
            sign_in::an_organization_is_the_customer_of_its_members,
            sign_in::the_app_says_name_and_email_of_a_new_organization,
            sign_in::the_app_authorizes_by_the_role_in_the_organization,
            sign_in_providers::each_signed_token_gets_its_verdict,
            sign_in_providers::each_encrypted_session_gets_its_verdict,
            sign_in_providers::the_session_endpoint_says_who_is_signed_in,
            sign_in_providers::a_token_of_better_auth_is_checked_by_its_keys,
            sign_in_providers::another_cookie_that_is_not_ascii_signs_nobody_out,
            sign_in_providers::the_keys_of_a_provider_are_fetched_once,
            sign_in_providers::a_provider_whose_servers_are_down_is_unavailable,
            sign_in_providers::the_active_organization_of_a_real_session_is_the_customer,
            sign_in_providers::a_new_customer_has_the_details_of_the_provider,
        );
    };
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Finds cases that are missing in the list of [`adapter_contract`].
    #[test]
    fn every_case_is_run_against_every_adapter() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let list = fs::read_to_string(source.join("lib.rs")).unwrap();
        for file in fs::read_dir(source.join("cases")).unwrap() {
            let path = file.unwrap().path();
            let family = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            let cases = text.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next());
            for case in cases {
                assert!(list.contains(&format!("{family}::{case},")), "{family}::{case} is not in the list");
            }
        }
    }
}
