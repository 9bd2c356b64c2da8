//! Ids over resets and restores: what comes again, and what never does.

use std::collections::BTreeSet;

use flowglad_sandbox::{Clock, Ids, Sandbox};

use crate::NEW_YEAR;

/// A customer's id, and the ids of the messages about it.
fn round(sandbox: &Sandbox) -> (String, Vec<String>) {
    let customer = sandbox.create_customer("u").unwrap();
    let deliveries = sandbox.webhook_deliveries();
    (customer, deliveries.into_iter().map(|delivery| delivery.id).collect())
}

/// Four rounds: at the start, after two resets, and after a restore to the state of the start.
async fn rounds(ids: Ids) -> (Vec<String>, Vec<String>) {
    let builder = Sandbox::builder().clock(Clock::manual(NEW_YEAR)).ids(ids).keep_webhooks();
    let sandbox = builder.start().await.unwrap();
    sandbox.send_webhooks_to("http://127.0.0.1:9/").unwrap();
    let at_start = sandbox.snapshot();
    let mut all = vec![round(&sandbox)];
    for _ in 0..2 {
        sandbox.reset();
        all.push(round(&sandbox));
    }
    sandbox.restore(&at_start).unwrap();
    all.push(round(&sandbox));
    let (customers, messages): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    assert!(messages.iter().all(|messages| messages.len() == 2), "customer.created and subscription.created");
    (customers, messages.concat())
}

fn are_distinct(ids: &[String]) -> bool {
    ids.iter().collect::<BTreeSet<_>>().len() == ids.len()
}

#[tokio::test]
async fn random_ids_do_not_come_again_after_a_reset_or_restore() {
    let (customers, messages) = rounds(Ids::random()).await;
    assert!(are_distinct(&customers), "{customers:?}");
    assert!(are_distinct(&messages), "an app that remembers deliveries would handle none of these: {messages:?}");
}

#[tokio::test]
async fn seeded_records_come_again_and_messages_go_on_the_same_in_every_run() {
    let (customers, messages) = rounds(Ids::from_seed(1)).await;
    assert_eq!(customers[1], customers[2], "a reset begins again");
    assert!(are_distinct(&messages), "{messages:?}");
    assert_eq!(rounds(Ids::from_seed(1)).await, (customers, messages));
}
