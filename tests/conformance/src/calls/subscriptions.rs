//! Operations of subscriptions, their features, usage and resource claims.

use std::num::{NonZeroU32, NonZeroU64};

use flowglad_core::{
    api::{
        Adjustment, AdjustmentTiming, CancellationTiming, ClaimTarget, CustomerRef, FeatureGrant, FeatureRef, MeterRef,
        NewClaim, NewRelease, NewSubscription, NewSubscriptionItemFeature, NewUsageEvent, PriceRef, ReleaseTarget,
        ResourceRef, SubscriptionItemFeatureChanges,
    },
    input::{Change, Metadata},
    model::{IntervalUnit, RenewalFrequency, Timestamp},
};
use serde_json::{Map, Value};

use super::{Case, Reply, case, id, list_cases, under, whole};

const TWO: NonZeroU64 = NonZeroU64::new(2).unwrap();
const LATER: Timestamp = Timestamp::from_millis(1_798_761_600_000);

pub(super) fn cases() -> Vec<Case> {
    let parts = [
        subscriptions(),
        adjustments(),
        added_features(),
        item_features(),
        changed_item_features(),
        claims(),
        held_resources(),
        usage_events(),
    ];
    parts.into_iter().flatten().collect()
}

fn subscription() -> Reply {
    under("subscription")
}

fn subscriptions() -> Vec<Case> {
    let external = || CustomerRef::ExternalId("user_42".into());
    let mut cases = vec![
        case("subscriptions.create", "everything", subscription(), move |api| async move {
            let mut new = NewSubscription::new(PriceRef::Slug("pro_monthly".into()));
            new.quantity = Some(TWO);
            new.interval = Some(IntervalUnit::Month);
            new.interval_count = NonZeroU32::new(3);
            new.trial_end = Some(LATER);
            new.metadata = Some(Metadata::new().with("campaign", "autumn").unwrap());
            new.name = Some("Pro".into());
            new.default_payment_method_id = Some(id("pm_1"));
            new.backup_payment_method_id = Some(id("pm_2"));
            new.do_not_charge = Some(false);
            api.subscriptions().create(&external(), &new).await
        })
        .examples(&["subscription-create-trial", "subscription-non-renewing"]),
        case("subscriptions.create", "least", subscription(), |api| async move {
            let new = NewSubscription::new(PriceRef::Id(id("price_1")));
            api.subscriptions().create(&CustomerRef::Id(id("cust_1")), &new).await
        }),
        case("subscriptions.get", "", subscription(), |api| async move { api.subscriptions().get(&id("sub_1")).await })
            .examples(&["subscription-get"]),
        case("subscriptions.cancel", "at the end of the period", subscription(), |api| async move {
            let timing = CancellationTiming::AtEndOfCurrentBillingPeriod;
            api.subscriptions().cancel(&id("sub_1"), timing).await
        })
        .examples(&["subscription-cancel-at-period-end"]),
        case("subscriptions.cancel", "now", subscription(), |api| async move {
            api.subscriptions().cancel(&id("sub_1"), CancellationTiming::Immediately).await
        })
        .examples(&["subscription-cancel-immediately"]),
        case("subscriptions.uncancel", "", subscription(), |api| async move {
            api.subscriptions().uncancel(&id("sub_1")).await
        })
        .examples(&["subscription-uncancel"]),
    ];
    cases.extend(list_cases("subscriptions.list", |api| api.subscriptions().list()));
    cases
}

fn adjustments() -> Vec<Case> {
    let adjusted = || whole();
    let preview = || whole();
    let to = |price, timing, prorate| Adjustment { timing, prorate, ..Adjustment::to_price(price) };
    let by_slug = || PriceRef::Slug("team_monthly".into());
    let by_id = || PriceRef::Id(id("price_1"));
    vec![
        case("subscriptions.adjust", "now", adjusted(), move |api| async move {
            let now = to(by_slug(), AdjustmentTiming::Immediately, false);
            api.subscriptions().adjust(&id("sub_1"), &now).await
        })
        .examples(&["subscription-adjust-immediate"]),
        case("subscriptions.adjust", "at the end of the period", adjusted(), move |api| async move {
            let then = to(by_id(), AdjustmentTiming::AtEndOfCurrentBillingPeriod, true);
            api.subscriptions().adjust(&id("sub_1"), &then).await
        })
        .examples(&["subscription-adjust-at-period-end"]),
        case("subscriptions.adjust", "least", adjusted(), move |api| async move {
            api.subscriptions().adjust(&id("sub_1"), &Adjustment::to_price(by_id())).await
        }),
        case("subscriptions.preview_adjust", "now", preview(), move |api| async move {
            let mut now = to(by_slug(), AdjustmentTiming::Immediately, true);
            now.items.extend(Adjustment::to_price(by_id()).items);
            now.items[0].quantity = TWO;
            api.subscriptions().preview_adjust(&id("sub_1"), &now).await
        })
        .examples(&["subscription-preview-adjust"]),
        case("subscriptions.preview_adjust", "least", preview(), move |api| async move {
            api.subscriptions().preview_adjust(&id("sub_1"), &Adjustment::to_price(by_id())).await
        })
        .examples(&["subscription-preview-adjust-refused"]),
        case("subscriptions.cancel_scheduled_adjustment", "", whole(), |api| async move {
            api.subscriptions().cancel_scheduled_adjustment(&id("sub_1")).await
        })
        .examples(&["subscription-cancel-scheduled-adjustment"]),
    ]
}

fn item_feature() -> Reply {
    under("subscriptionItemFeature")
}

fn added_features() -> Vec<Case> {
    vec![
        case("subscriptions.add_feature", "everything", item_feature(), |api| async move {
            let feature = FeatureRef::Slug("api_credits".into());
            api.subscriptions().add_feature(&id("sub_1"), &feature, Some(true)).await
        })
        .examples(&["subscription-add-feature"]),
        case("subscriptions.add_feature", "least", item_feature(), |api| async move {
            api.subscriptions().add_feature(&id("sub_1"), &FeatureRef::Id(id("feature_1")), None).await
        }),
    ]
}

fn credits() -> FeatureGrant {
    let (usage_meter_id, renewal_frequency) = (id("usage_meter_1"), RenewalFrequency::Once);
    FeatureGrant::UsageCreditGrant { amount: TWO, usage_meter_id, renewal_frequency }
}

fn seats() -> FeatureGrant {
    FeatureGrant::Resource { amount: TWO, resource_id: id("resource_1") }
}

fn item_features() -> Vec<Case> {
    let new = |grant| NewSubscriptionItemFeature::new(id("si_1"), id("feature_1"), "extra", "Extra", grant);
    vec![
        case("subscription_item_features.create", "everything", item_feature(), move |api| async move {
            let mut new = new(credits());
            new.product_feature_id = Some(id("product_feature_1"));
            new.expired_at = Some(LATER);
            new.detached_at = Some(LATER);
            new.detached_reason = Some("downgrade".into());
            new.manually_created = Some(true);
            api.subscription_item_features().create(&new).await
        }),
        case("subscription_item_features.create", "of a resource", item_feature(), move |api| async move {
            api.subscription_item_features().create(&new(seats())).await
        }),
        case("subscription_item_features.create", "least", item_feature(), move |api| async move {
            api.subscription_item_features().create(&new(FeatureGrant::Toggle)).await
        }),
        case("subscription_item_features.get", "", item_feature(), |api| async move {
            api.subscription_item_features().get(&id("sub_feature_1")).await
        })
        .examples(&[
            "subscription-item-feature-credits",
            "subscription-item-feature-resource",
            "subscription-item-feature-toggle",
        ]),
        case("subscription_item_features.expire", "everything", item_feature(), |api| async move {
            api.subscription_item_features().expire(&id("sub_feature_1"), Some(LATER)).await
        }),
        case("subscription_item_features.expire", "least", item_feature(), |api| async move {
            api.subscription_item_features().expire(&id("sub_feature_1"), None).await
        }),
    ]
}

fn changed_item_features() -> Vec<Case> {
    vec![
        case("subscription_item_features.update", "everything", item_feature(), |api| async move {
            let mut changes = SubscriptionItemFeatureChanges::new(credits());
            changes.subscription_item_id = Some(id("si_2"));
            changes.feature_id = Some(id("feature_2"));
            changes.product_feature_id = Change::Set(id("product_feature_2"));
            changes.expired_at = LATER.into();
            changes.detached_at = LATER.into();
            changes.detached_reason = "downgrade".into();
            changes.manually_created = Some(true);
            api.subscription_item_features().update(&id("sub_feature_1"), &changes).await
        }),
        case("subscription_item_features.update", "everything emptied", item_feature(), |api| async move {
            let mut changes = SubscriptionItemFeatureChanges::new(seats());
            changes.product_feature_id = Change::Clear;
            changes.expired_at = Change::Clear;
            changes.detached_at = Change::Clear;
            changes.detached_reason = Change::Clear;
            api.subscription_item_features().update(&id("sub_feature_1"), &changes).await
        }),
        case("subscription_item_features.update", "least", item_feature(), |api| async move {
            let changes = SubscriptionItemFeatureChanges::new(FeatureGrant::Toggle);
            api.subscription_item_features().update(&id("sub_feature_1"), &changes).await
        }),
    ]
}

fn claims() -> Vec<Case> {
    let (claimed, released) = (|| whole(), || whole());
    let members = || vec![id("member_1"), id("member_2")];
    let mut cases = vec![
        case("resource_claims.claim", "everything", claimed(), move |api| async move {
            let mut claim = NewClaim::new("seats", ClaimTarget::ExternalIds(members()));
            claim.metadata = Some(Metadata::new().with("desk", "north").unwrap());
            api.resource_claims().claim(&id("sub_1"), &claim).await
        })
        .examples(&["resource-claim"]),
        case("resource_claims.claim", "one that is named", claimed(), |api| async move {
            let claim = NewClaim::new("seats", ClaimTarget::ExternalId(id("member_1")));
            api.resource_claims().claim(&id("sub_1"), &claim).await
        }),
        case("resource_claims.claim", "so many", claimed(), |api| async move {
            api.resource_claims().claim(&id("sub_1"), &NewClaim::new("seats", ClaimTarget::Quantity(TWO))).await
        }),
    ];
    let targets = [
        ("so many", ReleaseTarget::Quantity(TWO)),
        ("one that is named", ReleaseTarget::ExternalId(id("member_1"))),
        ("several that are named", ReleaseTarget::ExternalIds(members())),
        ("by the ids of their claims", ReleaseTarget::ClaimIds(vec![id("res_claim_1"), id("res_claim_2")])),
    ];
    cases.extend(targets.map(|(form, target)| {
        let release = NewRelease::new("seats", target);
        case("resource_claims.release", form, released(), move |api| {
            let release = release.clone();
            async move { api.resource_claims().release(&id("sub_1"), &release).await }
        })
        .examples(&["resource-release"])
    }));
    cases
}

fn held_resources() -> Vec<Case> {
    let usage = || whole();
    let usages = || whole();
    let claims = || under("claims");
    let (seats, desks) = (|| ResourceRef::Slug("seats".into()), || ResourceRef::Id(id("resource_2")));
    vec![
        case("resource_claims.usages", "everything", usages(), move |api| async move {
            api.resource_claims().usages(&id("sub_1"), &[seats(), desks()]).await
        })
        .examples(&["resource-usages"]),
        case("resource_claims.usages", "a single one", usages(), move |api| async move {
            api.resource_claims().usages(&id("sub_1"), &[seats()]).await
        }),
        case("resource_claims.usages", "least", usages(), |api| async move {
            api.resource_claims().usages(&id("sub_1"), &[]).await
        }),
        case("resource_claims.usage", "by slug", usage(), move |api| async move {
            api.resource_claims().usage(&id("sub_1"), &seats()).await
        })
        .examples(&["resource-usage"]),
        case("resource_claims.usage", "by id", usage(), move |api| async move {
            api.resource_claims().usage(&id("sub_1"), &desks()).await
        }),
        case("resource_claims.claims", "everything", claims(), |api| async move {
            api.resource_claims().claims(&id("sub_1"), Some("seats")).await
        })
        .examples(&["resource-claims-list"]),
        case("resource_claims.claims", "least", claims(), |api| async move {
            api.resource_claims().claims(&id("sub_1"), None).await
        }),
    ]
}

fn full_event() -> NewUsageEvent {
    let mut event = NewUsageEvent::for_meter("api_calls", TWO);
    event.transaction_id = Some("req_8842".parse().unwrap());
    event.usage_date = Some(LATER);
    event.properties = Some(Map::from_iter([("region".to_owned(), Value::from("eu"))]));
    event
}

fn usage_events() -> Vec<Case> {
    let one = || under("usageEvent");
    let several = || under("usageEvents");
    let metered = || {
        [
            MeterRef::PriceId(id("price_1")),
            MeterRef::PriceSlug("api_overage".into()),
            MeterRef::UsageMeterId(id("usage_meter_1")),
            MeterRef::UsageMeterSlug("api_calls".into()),
        ]
    };
    let mut cases = vec![
        case("usage_events.create", "everything", one(), |api| async move {
            api.usage_events().create(&id("sub_1"), &full_event()).await
        })
        .examples(&["usage-event"]),
        case("usage_events.bulk", "everything", several(), move |api| async move {
            let others = metered().map(|by| NewUsageEvent { meter: by, ..full_event() });
            let subscription = id("sub_1");
            api.usage_events().bulk_create(others.iter().map(|event| (&subscription, event))).await
        })
        .examples(&["usage-events-bulk"]),
        case("usage_events.bulk", "least", several(), |api| async move {
            let least = NewUsageEvent::for_meter("api_calls", TWO);
            api.usage_events().bulk_create([(&id("sub_1"), &least), (&id("sub_2"), &least)]).await
        }),
        case("usage_events.get", "", one(), |api| async move { api.usage_events().get(&id("usage_event_1")).await }),
    ];
    let forms = ["by price", "by the slug of a price", "by meter", "least"];
    cases.extend(forms.into_iter().zip(metered()).map(|(form, by)| {
        let least = NewUsageEvent::new(by, TWO);
        case("usage_events.create", form, one(), move |api| {
            let least = least.clone();
            async move { api.usage_events().create(&id("sub_1"), &least).await }
        })
    }));
    cases.extend(list_cases("usage_events.list", |api| api.usage_events().list()));
    cases
}
