//! The cases of the contract, grouped by topic.

pub mod bodies;
pub mod changes;
pub mod customers;
pub mod data;
pub mod extractors;
pub mod fields;
pub mod gate_answers;
pub mod gate_freshness;
pub mod gate_pages;
pub mod gate_returns;
pub mod hostile_bodies;
pub mod left_writes;
pub mod metered_actions;
pub mod metered_costs;
pub mod metered_keys;
pub mod metered_refusals;
pub mod metered_streams;
pub mod recovery;
pub mod routes;
pub mod sessions;
pub mod settings;
pub mod shared_reads;
pub mod slow_bodies;
pub mod subscriptions;
pub mod upstream_failures;
