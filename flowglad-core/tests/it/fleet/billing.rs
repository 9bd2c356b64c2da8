//! Billing that instances share.

use std::time::Duration;

use flowglad_core::{
    billing::{Freshness, Source},
    cache::Subject,
};

use super::{World, until};
use crate::cache::may_export;

#[tokio::test]
async fn what_one_instance_has_read_the_others_need_not_read() {
    let world = World::new().await;
    let (a, b) = (world.instance().await, world.instance().await);
    assert_eq!(may_export(&a.ada(), Freshness::Cached).await, (false, Source::Live));
    world.billing_is_shared().await;
    let billing = b.ada().billing().await.unwrap();
    assert_eq!((billing.source(), world.api.reads()), (Source::Cache, 1));
    assert!(billing.age() < Duration::from_secs(10));
    b.ada().billing_with(Freshness::Live).await.unwrap();
    assert_eq!(world.api.reads(), 2);
}

#[tokio::test]
async fn what_one_instance_changes_the_others_forget() {
    let world = World::new().await;
    let (a, b) = (world.instance().await, world.instance().await);
    for (has_paid, subject) in [
        (true, Subject::Customer("user_42")),
        (false, Subject::CustomerId("cust_user_42")),
        (true, Subject::Subscription("sub_1")),
        (false, Subject::Everyone),
    ] {
        a.ada().billing().await.unwrap();
        b.ada().billing().await.unwrap();
        world.customer_pays(has_paid);
        a.flowglad.invalidate(subject).await;
        until("the message", async || may_export(&b.ada(), Freshness::Cached).await.0 == has_paid).await;
        assert_eq!(may_export(&a.ada(), Freshness::Cached).await.0, has_paid, "{subject:?}");
    }
}
