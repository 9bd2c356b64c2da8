//! Every typed method against the sandbox, which shares no code with this crate.

use std::collections::BTreeSet;

use flowglad_core::{
    Flowglad, Method, RequestingCustomer,
    api::{
        Adjustment, AdjustmentTiming, CancellationTiming, CheckoutOptions, ClaimTarget, CustomerChanges, CustomerRef,
        DiscountChanges, DiscountTerm, FeatureChanges, FeatureGrant, FeatureRef, List, NewCheckoutSession, NewClaim,
        NewCustomer, NewDiscount, NewFeature, NewPrice, NewPricingModel, NewProduct, NewProductFeature, NewRelease,
        NewResource, NewSubscription, NewSubscriptionItemFeature, NewUsageEvent, NewUsageMeter, NewUsagePrice,
        NewWebhook, PriceChanges, PriceRef, PricingModelChanges, ProductChanges, ReleaseTarget, ResourceChanges,
        ResourceRef, SubscriptionItemFeatureChanges, UsageMeterChanges, UsageMeterPrice, WebhookChanges,
    },
    input::Change,
    model::{
        CheckoutSessionStatus, DiscountAmountType, IntervalUnit, PaymentStatus, PriceKind, ProductId, RenewalFrequency,
        SubscriptionId, SubscriptionStatus, WebhookEventType,
    },
};
use flowglad_sandbox::Sandbox;

const ONE: std::num::NonZeroU64 = std::num::NonZeroU64::MIN;

struct Fixture {
    sandbox: Sandbox,
    flowglad: Flowglad,
}

impl Fixture {
    async fn start() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
        Self { sandbox, flowglad }
    }

    /// Makes a customer who bought a price at the checkout.
    async fn buyer(&self, external_id: &str, price_slug: &str) -> SubscriptionId {
        let who = RequestingCustomer::new(external_id, "Ada", "ada@example.com").unwrap();
        self.flowglad.customer(&who).find_or_create().await.unwrap();
        self.buy(external_id, price_slug).await;
        let billing = self.flowglad.customers().billing(external_id).await.unwrap();
        billing.current_subscription().unwrap().id.clone()
    }

    async fn buy(&self, external_id: &str, price_slug: &str) {
        let price = PriceRef::Slug(price_slug.into());
        let session = NewCheckoutSession::product(external_id, price, ONE, back());
        let opened = self.flowglad.checkout_sessions().create(&session).await.unwrap();
        self.sandbox.complete_checkout_session(opened.checkout_session.id.as_str()).unwrap();
        let paid = self.flowglad.checkout_sessions().get(&opened.checkout_session.id).await.unwrap();
        assert_eq!(paid.checkout_session.status, CheckoutSessionStatus::Succeeded);
    }

    /// Makes a second plan, as the target of a change of plan.
    async fn team_plan(&self) -> ProductId {
        let model = self.flowglad.default_pricing_model().await.unwrap();
        let team = NewProduct::new(model.id.clone(), "team", "Team");
        let mut monthly = NewPrice::every(IntervalUnit::Month, 5000);
        monthly.slug = Some("team_monthly".into());
        monthly.name = Some("Team monthly".into());
        self.flowglad.products().create(&team, &monthly, &[]).await.unwrap().id.clone()
    }
}

fn back() -> CheckoutOptions {
    let home = || "https://app.example.com/".parse().unwrap();
    CheckoutOptions::new(home(), home())
}

/// Reads a list to its end with pages of one record, and as one page.
async fn count<T: serde::de::DeserializeOwned + Send + Sync>(list: List<T>) -> usize {
    let page = list.clone().limit(100).page().await.unwrap();
    let mut records = list.limit(1).stream();
    let mut count = 0;
    while let Some(record) = records.next().await {
        record.unwrap();
        count += 1;
    }
    assert_eq!((count, page.data.len()), (page.data.len(), usize::try_from(page.total).unwrap()));
    count
}

#[tokio::test]
async fn the_catalog_is_created_changed_and_bought() {
    let fixture = Fixture::start().await;
    let flowglad = &fixture.flowglad;
    let model = flowglad.pricing_models().default_model().await.unwrap();
    let model_id = model.id.clone();

    let mut jobs = NewUsageMeter::new("jobs", "Jobs");
    jobs.price = Some(UsageMeterPrice { unit_price: 5, usage_events_per_unit: 10.try_into().unwrap() });
    let meter = flowglad.usage_meters().create(&jobs).await.unwrap();
    let mut renamed = UsageMeterChanges::default();
    renamed.name = Some("Batch jobs".into());
    assert_eq!(flowglad.usage_meters().update(&meter.id, &renamed).await.unwrap().name, "Batch jobs");
    assert_eq!(flowglad.usage_meters().get(&meter.id).await.unwrap().slug, "jobs");
    let overage = NewUsagePrice::monthly(meter.id.clone(), 7, 100.try_into().unwrap());
    assert_eq!(flowglad.prices().create_for_usage(&overage).await.unwrap().usage_meter_id.as_ref(), Some(&meter.id));

    let desks = flowglad.resources().create(&NewResource::new("desks", "Desks")).await.unwrap();
    let mut renamed = ResourceChanges::default();
    renamed.name = Some("Tables".into());
    assert_eq!(flowglad.resources().update(&desks.id, &renamed).await.unwrap().name, "Tables");
    assert_eq!(flowglad.resources().get(&desks.id).await.unwrap().slug, "desks");
    assert_eq!(flowglad.resources().list().await.unwrap().len(), 2);

    let grants = [
        ("dark_mode", FeatureGrant::Toggle),
        (
            "jobs_a_month",
            FeatureGrant::UsageCreditGrant {
                amount: 50.try_into().unwrap(),
                usage_meter_id: meter.id.clone(),
                renewal_frequency: RenewalFrequency::EveryBillingPeriod,
            },
        ),
        ("ten_desks", FeatureGrant::Resource { amount: 10.try_into().unwrap(), resource_id: desks.id.clone() }),
    ];
    let mut features = Vec::new();
    for (slug, grant) in grants {
        let feature = NewFeature::new(model_id.clone(), slug, slug, "Made by a test", grant);
        features.push(flowglad.features().create(&feature).await.unwrap());
    }
    let mut changes = FeatureChanges::new(FeatureGrant::Toggle);
    changes.name = Some("Dark mode".into());
    assert_eq!(flowglad.features().update(&features[0].id, &changes).await.unwrap().name, "Dark mode");
    assert_eq!(flowglad.features().get(&features[1].id).await.unwrap().amount, Some(50));

    let mut monthly = NewPrice::every(IntervalUnit::Month, 5000);
    monthly.slug = Some("team_monthly".into());
    let team = NewProduct::new(model_id.clone(), "team", "Team");
    let granted = [features[0].id.clone(), features[1].id.clone()];
    let team = flowglad.products().create(&team, &monthly, &granted).await.unwrap();
    let desks_of_team = NewProductFeature::new(team.id.clone(), features[2].id.clone());
    let desks_of_team = flowglad.product_features().create(&desks_of_team).await.unwrap();
    assert_eq!(flowglad.product_features().get(&desks_of_team.id).await.unwrap().feature_id, features[2].id);
    let mut changes = ProductChanges::new("Team plan", true);
    changes.description = "For many".into();
    assert_eq!(flowglad.products().update(&team.id, &changes).await.unwrap().name, "Team plan");

    let read = flowglad.products().get(&team.id).await.unwrap();
    assert_eq!((read.prices.len(), read.features.len()), (1, 3));
    let price = flowglad.prices().get(&read.prices[0].id).await.unwrap();
    assert_eq!(price.money().unwrap().to_string(), "50.00 USD");
    let mut changes = PriceChanges::new(PriceKind::Subscription, true);
    changes.name = "Team, monthly".into();
    assert_eq!(flowglad.prices().update(&price.id, &changes).await.unwrap().name.as_deref(), Some("Team, monthly"));

    fixture.buyer("user_42", "team_monthly").await;
    let billing = flowglad.customers().billing("user_42").await.unwrap();
    assert!(billing.check_feature_access("dark_mode"));
    assert_eq!(billing.check_usage_balance("jobs").unwrap().available_balance, 50);

    assert!(flowglad.product_features().expire(&desks_of_team.id).await.unwrap().success);
    let mut yearly = NewPrice::every(IntervalUnit::Year, 50_000);
    yearly.slug = Some("team_yearly".into());
    let yearly = flowglad.prices().create(&team.id, &yearly).await.unwrap();
    assert_eq!(flowglad.prices().get(&price.id).await.unwrap().active, Some(false));
    assert_eq!(yearly.active, Some(true));

    assert!(count(flowglad.products().list()).await >= 4);
    assert!(count(flowglad.prices().list()).await >= 6);
    assert!(count(flowglad.features().list()).await >= 9);
    assert!(count(flowglad.product_features().list()).await >= 3);
    assert_eq!(count(flowglad.usage_meters().list()).await, 2);
    assert_eq!(count(flowglad.pricing_models().list()).await, 1);
}

#[tokio::test]
async fn pricing_models_are_copied_exported_and_replaced() {
    let fixture = Fixture::start().await;
    let models = fixture.flowglad.pricing_models();
    let own = models.default_model().await.unwrap();
    let export = models.export(&own.id).await.unwrap();
    assert_eq!(export.pricing_model.name, own.name);

    let mut copy = export.pricing_model.clone();
    copy.name = "Again".into();
    copy.is_default = Some(false);
    let again = models.setup(&copy).await.unwrap();
    let exported_again = models.export(&again.id).await.unwrap();
    assert_eq!(exported_again.pricing_model.products.len(), export.pricing_model.products.len());

    let cloned = models.clone_model(&own.id, "Cloned", None).await.unwrap();
    assert_eq!(models.get(&cloned.id).await.unwrap().name, "Cloned");
    let renamed = PricingModelChanges::Rename { name: "Renamed".into(), is_default: None };
    assert_eq!(models.update(&cloned.id, &renamed).await.unwrap().name, "Renamed");
    let mut smaller = exported_again.pricing_model.clone();
    smaller.products.retain(|product| product.product.default == Some(true));
    let replaced = models.update(&again.id, &PricingModelChanges::Replace(smaller)).await.unwrap();
    assert_eq!(replaced.id, again.id);
    let empty = models.create(&NewPricingModel::new("Empty")).await.unwrap();
    assert_eq!(count(models.list()).await, 4);
    assert!(!empty.is_default);
}

#[tokio::test]
async fn money_is_charged_refunded_and_found_again() {
    let fixture = Fixture::start().await;
    let flowglad = &fixture.flowglad;
    let subscription = fixture.buyer("user_42", "pro_monthly").await;
    fixture.buy("user_42", "credit_pack_500").await;
    let billing = flowglad.customers().billing("user_42").await.unwrap();

    assert_eq!(count(flowglad.invoices().list()).await, 2);
    let invoice = flowglad.invoices().get(&billing.invoices()[0].invoice.id).await.unwrap();
    assert_eq!(invoice.invoice.subtotal_money().unwrap().to_string(), "20.00 USD");
    let line = flowglad.invoice_line_items().get(&invoice.invoice_line_items[0].id).await.unwrap();
    assert_eq!(line.price, 2000);
    assert_eq!(count(flowglad.invoice_line_items().list()).await, 2);

    let payments = flowglad.payments().list().page().await.unwrap();
    let paid = flowglad.payments().get(&payments.data[0].id).await.unwrap();
    assert_eq!((&paid.status, paid.money().unwrap().amount()), (&PaymentStatus::Succeeded, 2000));
    let refunded = flowglad.payments().refund(&paid.id).await.unwrap();
    assert!(refunded.refunded && refunded.refunded_amount == Some(2000));
    flowglad.payments().refund(&paid.id).await.unwrap_err();

    let card = flowglad.payment_methods().get(&billing.payment_methods()[0].id).await.unwrap();
    assert!(card.default && count(flowglad.payment_methods().list()).await >= 1);
    let purchase = flowglad.purchases().get(&billing.purchases()[0].id).await.unwrap();
    assert_eq!(purchase.id, billing.purchases()[0].id);
    assert_eq!(count(flowglad.checkout_sessions().list()).await, 2);

    let used = NewUsageEvent::for_meter("api_calls", 120.try_into().unwrap());
    let event = flowglad.usage_events().create(&subscription, &used).await.unwrap();
    let bulk = flowglad.usage_events().bulk_create([(&subscription, &used), (&subscription, &used)]).await.unwrap();
    assert_eq!(bulk.len(), 2);
    assert_eq!(flowglad.usage_events().get(&event.id).await.unwrap().amount, 120);
    assert_eq!(count(flowglad.usage_events().list()).await, 3);
    assert_eq!(flowglad.customers().usage_balances("user_42", None).await.unwrap()[0].available_balance, 1140);

    let launch = NewDiscount::percent("Launch", "launch20", 20.try_into().unwrap(), DiscountTerm::Once);
    let discount = flowglad.discounts().create(&launch).await.unwrap();
    assert_eq!(discount.code, "LAUNCH20");
    let term = DiscountTerm::NumberOfPayments { number_of_payments: 3.try_into().unwrap() };
    let changes = DiscountChanges::new("LAUNCH5", 500.try_into().unwrap(), DiscountAmountType::Fixed, term);
    assert_eq!(flowglad.discounts().update(&discount.id, &changes).await.unwrap().number_of_payments, Some(3));
    assert_eq!(flowglad.discounts().get(&discount.id).await.unwrap().redemption_count, Some(0));
    assert_eq!(count(flowglad.discounts().list()).await, 1);
}

#[tokio::test]
async fn subscriptions_change_and_grant_features_by_hand() {
    let fixture = Fixture::start().await;
    let flowglad = &fixture.flowglad;
    fixture.team_plan().await;
    let id = fixture.buyer("user_42", "pro_monthly").await;
    let subscriptions = flowglad.subscriptions();
    assert_eq!(count(subscriptions.list()).await, 2);

    let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
    let preview = subscriptions.preview_adjust(&id, &to_team).await.unwrap();
    assert!(preview.can_adjust && preview.new_plan_total == Some(5000));
    let adjusted = subscriptions.adjust(&id, &to_team).await.unwrap();
    assert_eq!(adjusted.is_upgrade, Some(true));
    let mut back_to_pro = Adjustment::to_price(PriceRef::Slug("pro_monthly".into()));
    back_to_pro.timing = AdjustmentTiming::AtEndOfCurrentBillingPeriod;
    subscriptions.adjust(&id, &back_to_pro).await.unwrap();
    let taken_back = subscriptions.cancel_scheduled_adjustment(&id).await.unwrap();
    assert_eq!(taken_back.subscription.scheduled_adjustment_at, None);

    let support = FeatureRef::Slug("priority_support".into());
    let given = subscriptions.add_feature(&id, &support, None).await.unwrap();
    let grants = flowglad.subscription_item_features();
    assert_eq!(grants.get(&given.id).await.unwrap().slug, "priority_support");
    let billing = flowglad.customers().billing("user_42").await.unwrap();
    assert!(billing.check_feature_access("priority_support"));
    let item = billing.current_subscription().unwrap().subscription_items[0].id.clone();
    let features = flowglad.features().list().limit(100).page().await.unwrap();
    let export = features.data.iter().find(|feature| feature.slug == "export_csv").unwrap();
    let export = NewSubscriptionItemFeature::new(item, export.id.clone(), "export_csv", "CSV", FeatureGrant::Toggle);
    let made = grants.create(&export).await.unwrap();
    let mut changes = SubscriptionItemFeatureChanges::new(FeatureGrant::Toggle);
    changes.expired_at = Change::Clear;
    assert_eq!(grants.update(&made.id, &changes).await.unwrap().expired_at, None);
    let no_procedure = grants.expire(&made.id, None).await.unwrap_err();
    assert!(no_procedure.is_not_found(), "{no_procedure}");

    let ending = subscriptions.cancel(&id, CancellationTiming::AtEndOfCurrentBillingPeriod).await.unwrap();
    assert_eq!(ending.status, SubscriptionStatus::CancellationScheduled);
    assert_eq!(subscriptions.uncancel(&id).await.unwrap().status, SubscriptionStatus::Active);

    let grace = RequestingCustomer::new("user_43", "Grace", "grace@example.com").unwrap();
    flowglad.customers().create(&NewCustomer::new(&grace).await.unwrap()).await.unwrap();
    let mut gift = NewSubscription::new(PriceRef::Slug("pro_monthly".into()));
    gift.do_not_charge = Some(true);
    let customer = CustomerRef::ExternalId("user_43".into());
    let given = subscriptions.create(&customer, &gift).await.unwrap();
    assert_eq!(subscriptions.get(&given.id).await.unwrap().do_not_charge, Some(true));
}

#[tokio::test]
async fn customers_seats_webhooks_and_the_rest() {
    let fixture = Fixture::start().await;
    let flowglad = &fixture.flowglad;
    let id = fixture.buyer("user_42", "pro_monthly").await;

    let claims = flowglad.resource_claims();
    let claim = NewClaim::new("seats", ClaimTarget::ExternalId("member_1".parse().unwrap()));
    assert_eq!(claims.claim(&id, &claim).await.unwrap().usage.available, 4);
    let seats = ResourceRef::Slug("seats".into());
    assert_eq!(claims.usage(&id, &seats).await.unwrap().usage.claimed, 1);
    assert_eq!(claims.usages(&id, &[seats]).await.unwrap().len(), 1);
    assert_eq!(claims.claims(&id, Some("seats")).await.unwrap().len(), 1);
    let release = NewRelease::new("seats", ReleaseTarget::ExternalId("member_1".parse().unwrap()));
    assert_eq!(claims.release(&id, &release).await.unwrap().usage.available, 5);

    let model = flowglad.default_pricing_model().await.unwrap().id.clone();
    let paid = [WebhookEventType::PaymentSucceeded];
    let hook = NewWebhook::new(model, "Payments", "http://127.0.0.1:9/hook", paid.clone());
    let created = flowglad.webhooks().create(&hook).await.unwrap();
    assert!(created.secret.expose().starts_with("whsec_"));
    let mut changes = WebhookChanges::new("http://127.0.0.1:9/other", paid);
    changes.active = Some(false);
    assert!(!flowglad.webhooks().update(&created.webhook.id, &changes).await.unwrap().active);
    assert!(flowglad.webhooks().get(&created.webhook.id).await.unwrap().url.ends_with("/other"));

    let mut changes = CustomerChanges::new();
    changes.name = Some("Ada Lovelace".into());
    changes.domain = "example.com".into();
    let customer = flowglad.customers().update("user_42", &changes).await.unwrap();
    assert_eq!((customer.name.as_str(), customer.domain.as_deref()), ("Ada Lovelace", Some("example.com")));
    let mut changes = CustomerChanges::new();
    changes.domain = Change::Clear;
    assert_eq!(flowglad.customers().update("user_42", &changes).await.unwrap().domain, None);
    assert_eq!(flowglad.customers().get("user_42").await.unwrap().name, "Ada Lovelace");
    assert_eq!(count(flowglad.customers().list()).await, 1);
    assert!(flowglad.customers().archive("user_42").await.unwrap().archived);
    assert!(flowglad.customers().get("user_42").await.unwrap_err().is_not_found());

    let raw = flowglad.request(Method::Get, "/customers").query("limit", "1").send::<serde_json::Value>().await;
    assert_eq!(raw.unwrap()["total"], 1);
}

/// Unknown ids, for most of which the API returns a 500.
#[tokio::test]
async fn unknown_ids_are_not_found() {
    let fixture = Fixture::start().await;
    let flowglad = &fixture.flowglad;
    let errors = [
        flowglad.subscriptions().get(&"sub_0".parse().unwrap()).await.unwrap_err(),
        flowglad.prices().get(&"price_0".parse().unwrap()).await.unwrap_err(),
        flowglad.features().get(&"feature_0".parse().unwrap()).await.unwrap_err(),
        flowglad.payments().get(&"pym_0".parse().unwrap()).await.unwrap_err(),
        flowglad.payment_methods().get(&"pm_0".parse().unwrap()).await.unwrap_err(),
        flowglad.purchases().get(&"prch_0".parse().unwrap()).await.unwrap_err(),
        flowglad.discounts().get(&"discount_0".parse().unwrap()).await.unwrap_err(),
        flowglad.webhooks().get(&"webhook_0".parse().unwrap()).await.unwrap_err(),
        flowglad.usage_meters().get(&"usage_meter_0".parse().unwrap()).await.unwrap_err(),
        flowglad.usage_events().get(&"usage_event_0".parse().unwrap()).await.unwrap_err(),
        flowglad.resources().get(&"resource_0".parse().unwrap()).await.unwrap_err(),
        flowglad.checkout_sessions().get(&"chckt_session_0".parse().unwrap()).await.unwrap_err(),
        flowglad.pricing_models().get(&"pricing_model_0".parse().unwrap()).await.unwrap_err(),
        flowglad.api_keys().get(&"apikey_0".parse().unwrap()).await.unwrap_err(),
        flowglad.invoice_line_items().get(&"inv_li_0".parse().unwrap()).await.unwrap_err(),
        flowglad.product_features().get(&"product_feature_0".parse().unwrap()).await.unwrap_err(),
        flowglad.subscription_item_features().get(&"sub_feature_0".parse().unwrap()).await.unwrap_err(),
        flowglad.customers().get("unknown_customer").await.unwrap_err(),
    ];
    let strangers: BTreeSet<String> =
        errors.iter().filter(|error| !error.is_not_found()).map(ToString::to_string).collect();
    assert_eq!(strangers, BTreeSet::new());
}
