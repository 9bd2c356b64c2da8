//! Every record with every field that this crate reads, as the API could send it.
//!
//! Some timestamps are texts: the API's description promises numbers, but the API also sends texts.

use serde_json::{Value, json};

/// Personal data and secrets that must not be logged. All of them are in the records below.
pub(crate) const HIDDEN: [&str; 11] = [
    "Ada Lovelace",
    "Augusta",
    "Byron",
    "ada@example.com",
    "+44 20 7946 0000",
    "12 St James's Square",
    "Flat 3",
    "Westminster",
    "sk_test_hidden",
    "whsec_hidden",
    "hash_hidden",
];

const CREATED: i64 = 1_767_268_800_000;
const UPDATED: &str = "2026-01-01T12:00:00.040Z";

pub(crate) fn address() -> Value {
    json!({
        "name": "Ada Lovelace", "line1": "12 St James's Square", "line2": "Flat 3", "city": "Westminster",
        "state": "Westminster", "postal_code": "Westminster", "country": "GB",
    })
}

pub(crate) fn billing_address() -> Value {
    json!({
        "name": "Ada Lovelace", "firstName": "Augusta", "lastName": "Byron", "email": "ada@example.com",
        "phone": "+44 20 7946 0000", "address": address(),
    })
}

pub(crate) fn billing_details() -> Value {
    json!({"name": "Ada Lovelace", "email": "ada@example.com", "address": address()})
}

pub(crate) fn api_key() -> Value {
    json!({
        "id": "apikey_1", "name": "Server", "type": "secret", "token": "sk_test_hidden", "active": true,
        "expiresAt": 1_798_761_600_000_i64, "hashText": "hash_hidden", "stackAuthHostedBillingUserId": "user_1",
        "organizationId": "org_1", "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn customer() -> Value {
    json!({
        "id": "cust_1", "externalId": "user_42", "email": "ada@example.com", "name": "Ada Lovelace",
        "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED, "archived": false,
        "pricingModelId": "pricing_model_1", "billingAddress": billing_address(), "invoiceNumberBase": "3F9C0A1",
        "logoURL": "https://app.example.com/logo.png", "iconURL": "https://app.example.com/icon.png",
        "domain": "example.com", "userId": "user_1", "organizationId": "org_1",
    })
}

pub(crate) fn created_customer() -> Value {
    json!({
        "customer": customer(), "subscription": subscription(), "subscriptionItems": [subscription_item()],
    })
}

pub(crate) fn checkout_session() -> Value {
    json!({
        "id": "chckt_session_1", "status": "open", "type": "product", "customerId": "cust_1",
        "customerName": "Ada Lovelace", "customerEmail": "ada@example.com", "billingAddress": billing_address(),
        "paymentMethodType": "card", "priceId": "price_1", "quantity": 2, "discountId": "discount_1",
        "purchaseId": "prch_1", "invoiceId": "inv_1", "targetSubscriptionId": "sub_1",
        "automaticallyUpdateSubscriptions": false, "preserveBillingCycleAnchor": true,
        "successUrl": "https://app.example.com/ok", "cancelUrl": "https://app.example.com/no",
        "outputName": "Two of them", "outputMetadata": {"campaign": "autumn"}, "expires": "2026-01-02T12:00:00Z",
        "organizationId": "org_1", "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn hosted_checkout() -> Value {
    json!({"checkoutSession": checkout_session(), "url": "https://pay.example.com/chckt_session_1"})
}

pub(crate) fn discount() -> Value {
    json!({
        "id": "discount_1", "name": "Launch", "code": "LAUNCH20", "amount": 20, "amountType": "percent",
        "active": true, "duration": "number_of_payments", "numberOfPayments": 3, "redemptionCount": 1,
        "organizationId": "org_1", "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn feature() -> Value {
    json!({
        "id": "feature_1", "slug": "api_credits", "name": "API credits", "description": "1000 calls a month",
        "type": "usage_credit_grant", "amount": 1000, "usageMeterId": "usage_meter_1",
        "renewalFrequency": "every_billing_period", "resourceId": "resource_1", "active": true,
        "organizationId": "org_1", "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn product_feature() -> Value {
    json!({
        "id": "product_feature_1", "productId": "prod_1", "featureId": "feature_1",
        "expiredAt": 1_798_761_600_000_i64, "organizationId": "org_1", "pricingModelId": "pricing_model_1",
        "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn expired_product_feature() -> Value {
    json!({"success": true})
}

pub(crate) fn subscription_item_feature() -> Value {
    json!({
        "id": "sub_feature_1", "livemode": false, "slug": "api_credits", "name": "API credits",
        "type": "usage_credit_grant", "amount": 1000, "usageMeterId": "usage_meter_1",
        "renewalFrequency": "once", "resourceId": "resource_1", "subscriptionItemId": "si_1",
        "featureId": "feature_1", "productFeatureId": "product_feature_1", "expiredAt": 1_798_761_600_000_i64,
        "detachedAt": "2026-06-01T00:00:00Z", "detachedReason": "downgrade", "manuallyCreated": true,
        "pricingModelId": "pricing_model_1", "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn invoice() -> Value {
    json!({
        "id": "inv_1", "invoiceNumber": "3F9C0A1-00001", "status": "paid", "type": "subscription", "currency": "USD",
        "subtotal": 2000, "taxAmount": 380, "taxType": "vat", "taxCountry": "GB", "taxState": "ENG",
        "taxRatePercentage": "19", "applicationFee": 12, "invoiceDate": CREATED, "dueDate": UPDATED,
        "customerId": "cust_1", "subscriptionId": "sub_1", "purchaseId": "prch_1",
        "billingPeriodId": "billing_period_1", "billingPeriodStartDate": CREATED,
        "billingPeriodEndDate": 1_769_947_200_000_i64, "billingRunId": "billing_run_1",
        "ownerMembershipId": "membership_1", "memo": "Thank you", "bankPaymentOnly": false,
        "pdfURL": "https://pay.example.com/inv_1.pdf", "receiptPdfURL": "https://pay.example.com/rec_1.pdf",
        "stripePaymentIntentId": "pi_1", "stripeTaxCalculationId": "taxcalc_1", "stripeTaxTransactionId": "tax_1",
        "organizationId": "org_1", "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn invoice_line_item() -> Value {
    json!({
        "id": "inv_li_1", "invoiceId": "inv_1", "type": "usage", "description": "API calls", "price": 1,
        "quantity": 12, "priceId": "price_1", "billingRunId": "billing_run_1", "ledgerAccountId": "la_1",
        "ledgerAccountCredit": 120, "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn invoice_with_line_items() -> Value {
    json!({"invoice": invoice(), "invoiceLineItems": [invoice_line_item()]})
}

pub(crate) fn payment() -> Value {
    json!({
        "id": "pym_1", "status": "refunded", "amount": 2380, "currency": "USD", "subtotal": 2000, "taxAmount": 380,
        "taxType": "vat", "taxCountry": "GB", "taxState": "ENG", "taxRatePercentage": "19", "applicationFee": 12,
        "paymentMethod": "card", "paymentMethodId": "pm_1", "customerId": "cust_1", "invoiceId": "inv_1",
        "purchaseId": "prch_1", "subscriptionId": "sub_1", "billingPeriodId": "billing_period_1",
        "description": "Pro", "chargeDate": CREATED, "settlementDate": UPDATED, "receiptNumber": "7",
        "receiptURL": "https://pay.example.com/rec_1", "refunded": true, "refundedAmount": 2380,
        "refundedAt": 1_767_355_200_000_i64, "failureMessage": "declined first", "failureCode": "card_declined",
        "organizationId": "org_1", "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn payment_method() -> Value {
    json!({
        "id": "pm_1", "customerId": "cust_1", "type": "card", "default": true,
        "paymentMethodData": {"brand": "visa", "last4": "4242", "exp_year": 2030},
        "billingDetails": billing_details(), "metadata": {"note": "blue"}, "pricingModelId": "pricing_model_1",
        "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn price() -> Value {
    json!({
        "id": "price_1", "name": "Pro monthly", "slug": "pro_monthly", "type": "subscription", "unitPrice": 2000,
        "currency": "USD", "intervalUnit": "month", "intervalCount": 1, "trialPeriodDays": 14,
        "productId": "prod_1", "usageMeterId": "usage_meter_1", "usageEventsPerUnit": 10, "isDefault": true,
        "active": true, "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn product() -> Value {
    json!({
        "id": "prod_1", "name": "Pro", "slug": "pro", "description": "For teams",
        "imageURL": "https://app.example.com/pro.png", "singularQuantityLabel": "seat",
        "pluralQuantityLabel": "seats", "default": false, "active": true, "prices": [price()],
        "defaultPrice": price(), "features": [feature()], "organizationId": "org_1",
        "pricingModelId": "pricing_model_1", "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn pricing_model() -> Value {
    json!({
        "id": "pricing_model_1", "name": "Starter", "isDefault": true, "products": [product()],
        "usageMeters": [usage_meter()], "defaultProduct": product(), "organizationId": "org_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn purchase() -> Value {
    json!({
        "id": "prch_1", "name": "Pro", "status": "paid", "customerId": "cust_1", "priceId": "price_1",
        "priceType": "subscription", "quantity": 1, "trialPeriodDays": 14, "pricePerBillingCycle": 2000,
        "intervalUnit": "month", "intervalCount": 1, "billingCycleAnchor": CREATED, "firstInvoiceValue": 2000,
        "totalPurchaseValue": 24_000, "bankPaymentOnly": false, "purchaseDate": UPDATED,
        "endDate": 1_798_761_600_000_i64, "proposal": "as agreed", "archived": false,
        "billingAddress": billing_address(), "metadata": {"campaign": "autumn"}, "position": 2.5,
        "organizationId": "org_1", "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn resource() -> Value {
    json!({
        "id": "resource_1", "slug": "seats", "name": "Seats", "active": true, "organizationId": "org_1",
        "pricingModelId": "pricing_model_1", "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn resource_usage() -> Value {
    json!({"resourceSlug": "seats", "resourceId": "resource_1", "capacity": 5, "claimed": 2, "available": 3})
}

pub(crate) fn resource_claim() -> Value {
    json!({
        "id": "res_claim_1", "resourceId": "resource_1", "subscriptionId": "sub_1", "externalId": "member_1",
        "claimedAt": CREATED, "releasedAt": UPDATED, "releaseReason": "released",
        "expiredAt": 1_798_761_600_000_i64, "metadata": {"desk": "north"}, "organizationId": "org_1",
        "pricingModelId": "pricing_model_1", "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn resource_usage_with_claims() -> Value {
    json!({"usage": resource_usage(), "claims": [resource_claim()]})
}

pub(crate) fn claimed() -> Value {
    json!({"claims": [resource_claim()], "usage": resource_usage()})
}

pub(crate) fn released() -> Value {
    json!({"releasedClaims": [resource_claim()], "usage": resource_usage()})
}

pub(crate) fn subscription() -> Value {
    json!({
        "id": "sub_1", "customerId": "cust_1", "status": "active", "name": "Pro monthly", "priceId": "price_1",
        "current": true, "isFreePlan": false, "renews": true, "startDate": CREATED, "interval": "month",
        "intervalCount": 1, "billingCycleAnchorDate": CREATED, "currentBillingPeriodStart": CREATED,
        "currentBillingPeriodEnd": "2026-02-01T12:00:00Z", "runBillingAtPeriodStart": true,
        "trialEnd": 1_767_355_200_000_i64, "doNotCharge": false, "defaultPaymentMethodId": "pm_1",
        "backupPaymentMethodId": "pm_2", "scheduledAdjustmentAt": 1_769_947_200_000_i64,
        "cancelScheduledAt": 1_769_947_200_001_i64, "canceledAt": 1_769_947_200_002_i64,
        "cancellationReason": "too dear", "replacedBySubscriptionId": "sub_2", "metadata": {"campaign": "autumn"},
        "createdAt": CREATED, "subscriptionItems": [subscription_item()],
        "featureItems": [subscription_item_feature()], "usageMeterBalances": [usage_meter_balance()],
        "experimental": {
            "featureItems": [subscription_item_feature()], "usageMeterBalances": [usage_meter_balance()],
        },
        "organizationId": "org_1", "pricingModelId": "pricing_model_1", "livemode": false, "updatedAt": UPDATED,
    })
}

pub(crate) fn subscription_item() -> Value {
    json!({
        "id": "si_1", "subscriptionId": "sub_1", "type": "static", "name": "Pro monthly", "priceId": "price_1",
        "unitPrice": 2000, "quantity": 1, "price": price(), "addedDate": CREATED,
        "expiredAt": 1_798_761_600_000_i64, "externalId": "line_1", "manuallyCreated": false,
        "metadata": {"campaign": "autumn"}, "pricingModelId": "pricing_model_1", "livemode": false,
        "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn adjusted() -> Value {
    json!({
        "subscription": subscription(), "subscriptionItems": [subscription_item()],
        "resolvedTiming": "immediately", "isUpgrade": true,
    })
}

pub(crate) fn adjustment_preview() -> Value {
    json!({
        "canAdjust": true, "reason": "nothing speaks against it", "previewGeneratedAt": UPDATED,
        "prorationAmount": 1500, "currentPlanTotal": 2000, "newPlanTotal": 5000,
        "resolvedTiming": "at_end_of_current_billing_period", "effectiveDate": CREATED, "isUpgrade": true,
        "percentThroughBillingPeriod": 0.5, "billingPeriodEnd": "2026-02-01T12:00:00Z",
        "paymentMethod": preview_payment_method(), "currentSubscriptionItems": [preview_subscription_item()],
        "newSubscriptionItems": [preview_subscription_item()],
    })
}

pub(crate) fn preview_payment_method() -> Value {
    json!({"id": "pm_1", "type": "card", "last4": "4242", "brand": "visa"})
}

pub(crate) fn preview_subscription_item() -> Value {
    json!({"name": "Pro monthly", "unitPrice": 2000, "quantity": 1, "priceId": "price_1"})
}

pub(crate) fn canceled_adjustment() -> Value {
    json!({"subscription": subscription(), "canceledItemCount": 1})
}

pub(crate) fn usage_meter() -> Value {
    json!({
        "id": "usage_meter_1", "name": "API calls", "slug": "api_calls", "aggregationType": "sum",
        "prices": [price()], "defaultPrice": price(), "organizationId": "org_1",
        "pricingModelId": "pricing_model_1", "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn usage_event() -> Value {
    json!({
        "id": "usage_event_1", "subscriptionId": "sub_1", "customerId": "cust_1", "usageMeterId": "usage_meter_1",
        "priceId": "price_1", "billingPeriodId": "billing_period_1", "amount": 3, "transactionId": "req_8842",
        "usageDate": UPDATED, "properties": {"region": "eu"}, "pricingModelId": "pricing_model_1",
        "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn usage_meter_balance() -> Value {
    json!({
        "id": "usage_meter_1", "slug": "api_calls", "name": "API calls", "availableBalance": 1380,
        "subscriptionId": "sub_1", "aggregationType": "count_distinct_properties", "organizationId": "org_1",
        "pricingModelId": "pricing_model_1", "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn webhook() -> Value {
    json!({
        "id": "webhook_1", "name": "Payments", "url": "https://app.example.com/flowglad-webhook",
        "filterTypes": ["payment.succeeded", "payment.failed"], "active": true, "organizationId": "org_1",
        "pricingModelId": "pricing_model_1", "livemode": false, "createdAt": CREATED, "updatedAt": UPDATED,
    })
}

pub(crate) fn created_webhook() -> Value {
    json!({"webhook": webhook(), "secret": "whsec_hidden"})
}

pub(crate) fn pricing_model_export() -> Value {
    json!({"pricingModel": pricing_model_setup(), "updatedAt": UPDATED})
}

pub(crate) fn pricing_model_setup() -> Value {
    json!({
        "name": "Starter", "isDefault": true, "features": [setup_feature()], "products": [setup_product()],
        "usageMeters": [setup_usage_meter()], "resources": [setup_resource()],
    })
}

pub(crate) fn setup_feature() -> Value {
    json!({
        "type": "usage_credit_grant", "slug": "api_credits", "name": "API credits",
        "description": "1000 calls a month", "amount": 1000, "usageMeterSlug": "api_calls",
        "renewalFrequency": "every_billing_period", "resourceSlug": "seats", "active": true,
    })
}

pub(crate) fn setup_product() -> Value {
    json!({"product": setup_product_fields(), "price": setup_price(), "features": ["api_credits"]})
}

pub(crate) fn setup_product_fields() -> Value {
    json!({
        "name": "Pro", "slug": "pro", "active": true, "default": false, "description": "For teams",
        "imageURL": "https://app.example.com/pro.png", "singularQuantityLabel": "seat",
        "pluralQuantityLabel": "seats",
    })
}

pub(crate) fn setup_price() -> Value {
    json!({
        "type": "subscription", "unitPrice": 2000, "isDefault": true, "slug": "pro_monthly", "name": "Pro monthly",
        "active": true, "intervalUnit": "month", "intervalCount": 1, "trialPeriodDays": 14,
        "usageEventsPerUnit": 10, "currency": "USD",
    })
}

pub(crate) fn setup_usage_meter() -> Value {
    json!({"usageMeter": setup_usage_meter_fields(), "prices": [setup_price()]})
}

pub(crate) fn setup_usage_meter_fields() -> Value {
    json!({"name": "API calls", "slug": "api_calls", "aggregationType": "sum"})
}

pub(crate) fn setup_resource() -> Value {
    json!({"slug": "seats", "name": "Seats", "active": true})
}
