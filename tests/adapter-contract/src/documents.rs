//! Records as the API sends them, with the required fields only.

use serde_json::{Value, json};

/// A customer.
#[must_use]
pub fn customer(external_id: &str) -> Value {
    json!({
        "id": format!("cust_{external_id}"), "externalId": external_id, "email": "ada@example.com", "name": "Ada",
        "livemode": false, "createdAt": 1_767_268_800_000_i64, "updatedAt": 1_767_268_800_040_i64,
    })
}

/// A toggle feature as a subscription item grants it.
#[must_use]
pub fn toggle(slug: &str) -> Value {
    json!({"id": format!("sub_feature_{slug}"), "livemode": false, "slug": slug, "name": slug, "type": "toggle"})
}

/// A current subscription of the customer with this external id.
#[must_use]
pub fn subscription(id: &str, external_id: &str, features: &[&str]) -> Value {
    json!({
        "id": id, "customerId": format!("cust_{external_id}"), "status": "active", "current": true, "name": "Pro",
        "createdAt": 1_767_312_000_000_i64,
        "experimental": {
            "featureItems": features.iter().map(|slug| toggle(slug)).collect::<Vec<_>>(),
            "usageMeterBalances": [{"id": "usage_meter_1", "slug": "api_calls", "name": "API calls",
                "availableBalance": 1380, "subscriptionId": id}],
        },
    })
}

/// A pricing model with two products and a meter.
#[must_use]
pub fn pricing_model() -> Value {
    let price = |id: &str, slug: &str, kind: &str| json!({"id": id, "slug": slug, "type": kind, "unitPrice": 2000});
    json!({
        "id": "pricing_model_1", "name": "Starter", "isDefault": true,
        "products": [
            {"id": "prod_1", "name": "Pro", "slug": "pro", "prices": [price("price_pro", "pro_monthly", "subscription")]},
            {"id": "prod_2", "name": "Pack", "slug": "pack", "prices": [price("price_pack", "pack_500", "single_payment")]},
        ],
        "usageMeters": [{"id": "usage_meter_1", "name": "API calls", "slug": "api_calls",
            "prices": [price("price_usage", "api_calls_overage", "usage")]}],
    })
}

/// An invoice without line items.
#[must_use]
pub fn invoice(id: &str) -> Value {
    json!({"invoice": {"id": id, "status": "paid", "subtotal": 2000, "currency": "USD"}, "invoiceLineItems": []})
}

/// The billing document of the customer with this external id.
#[must_use]
pub fn billing(external_id: &str, current: &[Value]) -> Value {
    let mut billing = json!({
        "customer": customer(external_id), "subscriptions": current, "currentSubscriptions": current,
        "invoices": [invoice("inv_1"), invoice("inv_2"), invoice("inv_3")],
        "paymentMethods": [{"id": "pm_1", "type": "card", "default": true, "paymentMethodData": {"last4": "4242"}}],
        "purchases": [{"id": "prch_1", "status": "paid", "priceId": "price_pro"}],
        "pricingModel": pricing_model(), "catalog": pricing_model(),
        "billingPortalUrl": "https://app.flowglad.com/billing-portal/org_1",
    });
    if let Some(most_recent) = current.last() {
        billing["currentSubscription"] = most_recent.clone();
    }
    billing
}

/// The billing document of a customer who fulfils every requirement of the gated routes.
#[must_use]
pub fn entitled(external_id: &str) -> Value {
    let mut subscription = subscription("sub_1", external_id, &["export_csv"]);
    subscription["isFreePlan"] = json!(false);
    subscription["priceId"] = json!("price_pro");
    let price = json!({"id": "price_pro", "slug": "pro_monthly", "type": "subscription", "unitPrice": 2000});
    subscription["subscriptionItems"] = json!([{
        "id": "si_1", "subscriptionId": "sub_1", "priceId": "price_pro", "quantity": 1, "unitPrice": 2000, "price": price,
    }]);
    let seats = json!({
        "id": "sub_feature_seats", "livemode": false, "slug": "seats", "name": "Seats", "type": "resource", "amount": 5,
        "resourceId": "resource_1",
    });
    subscription["experimental"]["featureItems"].as_array_mut().unwrap().push(seats);
    let mut billing = billing(external_id, &[subscription]);
    let pack = json!({"id": "prch_2", "status": "paid", "priceId": "price_pack"});
    billing["purchases"].as_array_mut().unwrap().push(pack);
    billing
}

/// The billing document of a customer of the free plan, who fulfils none of them.
#[must_use]
pub fn free(external_id: &str) -> Value {
    let mut subscription = subscription("sub_1", external_id, &[]);
    subscription["isFreePlan"] = json!(true);
    subscription["name"] = json!("Free");
    subscription["experimental"]["usageMeterBalances"][0]["availableBalance"] = json!(2);
    let mut billing = billing(external_id, &[subscription]);
    billing["purchases"] = json!([]);
    billing
}

/// The billing document of [`entitled`], whose last payments were declined.
#[must_use]
pub fn past_due(external_id: &str) -> Value {
    let mut billing = entitled(external_id);
    for list in ["subscriptions", "currentSubscriptions"] {
        billing[list][0]["status"] = json!("past_due");
    }
    billing["currentSubscription"]["status"] = json!("past_due");
    billing
}
