//! Ids: which texts are accepted, and that they stay unchanged.

use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

use flowglad_core::model::{
    ApiKeyId, BillingPeriodId, BillingRunId, CheckoutSessionId, CustomerId, DiscountId, FeatureId, InvoiceId,
    InvoiceLineItemId, LedgerAccountId, OrganizationId, PaymentId, PaymentMethodId, PriceId, PricingModelId,
    ProductFeatureId, ProductId, PurchaseId, ResourceClaimId, ResourceId, SubscriptionId, SubscriptionItemFeatureId,
    SubscriptionItemId, UsageEventId, UsageMeterId, WebhookId,
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde::{Serialize, de::DeserializeOwned};
use wiremock::MockServer;

use crate::{answer, client, every_field, json};

/// Arbitrary texts, and many that look like an id with an unusual character in it.
fn texts() -> impl Strategy<Value = String> {
    let odd =
        prop::sample::select(vec!["", "/", "\\", "%", "%2F", "..", ".", "?", "#", " ", "\n", "é", "🦀", "\u{7f}"]);
    let like_an_id = (any::<[u8; 3]>(), odd).prop_map(|(bytes, odd)| format!("sub_{}{odd}{bytes:x?}", bytes[0]));
    prop_oneof![any::<String>(), like_an_id]
}

/// Checks that an accepted text stays unchanged, and that no text is accepted that could be several path segments.
fn keeps<Id>(text: &str) -> Result<(), TestCaseError>
where
    Id: FromStr<Err: Debug> + Display + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let Ok(id) = text.parse::<Id>() else { return Ok(()) };
    prop_assert!(!text.trim().is_empty() && !text.contains(['/', '\\', '%']) && !text.chars().any(char::is_control));
    prop_assert_eq!(id.to_string(), text);
    let written = serde_json::to_string(&id).unwrap();
    prop_assert_eq!(&written, &serde_json::to_string(text).unwrap());
    prop_assert_eq!(serde_json::from_str::<Id>(&written).unwrap(), id);
    Ok(())
}

proptest! {
    #[test]
    fn an_accepted_id_is_shown_written_and_read_as_it_was_given(text in texts()) {
        keeps::<ApiKeyId>(&text)?;
        keeps::<BillingPeriodId>(&text)?;
        keeps::<BillingRunId>(&text)?;
        keeps::<CheckoutSessionId>(&text)?;
        keeps::<CustomerId>(&text)?;
        keeps::<DiscountId>(&text)?;
        keeps::<FeatureId>(&text)?;
        keeps::<InvoiceId>(&text)?;
        keeps::<InvoiceLineItemId>(&text)?;
        keeps::<LedgerAccountId>(&text)?;
        keeps::<OrganizationId>(&text)?;
        keeps::<PaymentId>(&text)?;
        keeps::<PaymentMethodId>(&text)?;
        keeps::<PriceId>(&text)?;
        keeps::<PricingModelId>(&text)?;
        keeps::<ProductFeatureId>(&text)?;
        keeps::<ProductId>(&text)?;
        keeps::<PurchaseId>(&text)?;
        keeps::<ResourceClaimId>(&text)?;
        keeps::<ResourceId>(&text)?;
        keeps::<SubscriptionId>(&text)?;
        keeps::<SubscriptionItemFeatureId>(&text)?;
        keeps::<SubscriptionItemId>(&text)?;
        keeps::<UsageEventId>(&text)?;
        keeps::<UsageMeterId>(&text)?;
        keeps::<WebhookId>(&text)?;
    }
}

#[test]
fn an_accepted_id_arrives_as_one_segment_of_the_path() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(MockServer::start());
    let api = client(&server);
    let arrived = async |id: &ProductId| {
        server.reset().await;
        answer(&server, "GET", "/products", json(every_field::product())).await;
        let _ = api.products().get(id).await;
        server.received_requests().await.unwrap().remove(0).url
    };
    let ids = texts().prop_filter_map("no id", |text| text.parse::<ProductId>().ok());
    TestRunner::default()
        .run(&ids, |id| {
            let url = runtime.block_on(arrived(&id));
            let segments: Vec<&str> = url.path_segments().unwrap().collect();
            prop_assert_eq!(&segments[..3], ["api", "v1", "products"]);
            prop_assert_eq!(segments.len(), 4);
            let decoded = percent_encoding::percent_decode_str(segments[3]).decode_utf8().unwrap();
            prop_assert_eq!(decoded, id.as_str());
            prop_assert!(url.query().is_none() && url.fragment().is_none());
            Ok(())
        })
        .unwrap();
}

/// The API may use any text as an id. One that could change the path is refused when it is sent back.
#[tokio::test]
async fn an_id_of_the_api_is_checked_before_it_is_sent() {
    let server = MockServer::start().await;
    for text in ["", "..", "a/b", "../customers", "a\\b"] {
        let id: ProductId = serde_json::from_value(text.into()).unwrap();
        client(&server).products().get(&id).await.unwrap_err();
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}
