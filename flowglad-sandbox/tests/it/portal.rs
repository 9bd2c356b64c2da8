//! The billing portal at `billingPortalUrl`.

use reqwest::Method;
use serde_json::json;

use crate::{Api, DAY_MS, Reply, send, text};

/// The address of the portal of the customer `u`.
async fn portal_of(api: &Api) -> String {
    let billing = api.billing("u").await;
    format!("{}/{}", text(&billing["billingPortalUrl"]), text(&billing["customer"]["id"]))
}

async fn open(api: &Api, url: &str) -> Reply {
    send(api.client.get(url)).await
}

async fn press(api: &Api, page: &Reply, label: &str) -> Reply {
    let before = page.text.split(label).next().unwrap();
    let action = before.rsplit("action=\"").next().unwrap().split('"').next().unwrap();
    send(api.outside(Method::POST, action).header("sec-fetch-site", "same-origin")).await
}

async fn pro() -> (Api, String) {
    let api = Api::start().await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    let portal = portal_of(&api).await;
    (api, portal)
}

fn assert_has(page: &Reply, parts: &[&str]) {
    assert_eq!(page.status, 200, "{}", page.text);
    for part in parts {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
}

#[tokio::test]
async fn it_asks_for_the_email_and_leads_to_the_customers_own_page() {
    let (api, portal) = pro().await;
    let sign_in = text(&api.billing("u").await["billingPortalUrl"]);
    assert_has(&open(&api, &sign_in).await, &["Billing portal", "For developers: newest customers", "Ada Example"]);
    let known = open(&api, &format!("{sign_in}?email=ADA@example.com")).await;
    assert_eq!(known.status, 303);
    assert!(portal.ends_with(known.headers["location"].to_str().unwrap()));
    let unknown = open(&api, &format!("{sign_in}?email=%3Cb%3E@example.com")).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("No customer has the address") && !unknown.text.contains("<b>"), "{}", unknown.text);
    api.new_customer("another").await;
    let several = open(&api, &format!("{sign_in}?email=ada@example.com")).await;
    assert_has(&several, &["Customers with this address"]);
}

#[tokio::test]
async fn it_lists_no_customer_where_the_control_api_is_closed() {
    let api = Api::of(flowglad_sandbox::Sandbox::builder().control_api(false)).await;
    api.new_customer("u").await;
    let sign_in = text(&api.billing("u").await["billingPortalUrl"]);
    let page = open(&api, &sign_in).await;
    assert_has(&page, &["Billing portal"]);
    assert!(!page.text.contains("Ada Example"), "{}", page.text);
    assert_eq!(open(&api, &format!("{sign_in}?email=ada@example.com")).await.status, 303);
}

#[tokio::test]
async fn it_shows_plan_card_and_invoices_with_their_lines() {
    let (api, portal) = pro().await;
    api.buy("u", "credit_pack_500").await;
    assert_has(
        &open(&api, &portal).await,
        &[
            "<h3>Pro <span class=\"badge good\">Active</span></h3>",
            "$20.00 per month",
            "Renews on February 1, 2026.",
            "Visa ending 4242",
            "expires 12/2034",
            "January 1, 2026",
            ">Paid</span>",
            "<span>Credit pack</span>",
            "$9.00",
        ],
    );
}

#[tokio::test]
async fn a_plan_is_canceled_and_kept() {
    let (api, portal) = pro().await;
    let page = open(&api, &portal).await;
    assert_eq!(press(&api, &page, "Cancel Pro</button>").await.status, 303);
    let page = open(&api, &portal).await;
    assert_has(&page, &["Cancellation scheduled", "Cancels on February 1, 2026. You keep it until then."]);
    assert!(!page.text.contains("Cancel plan"), "{}", page.text);
    assert_eq!(press(&api, &page, "Keep Pro</button>").await.status, 303);
    assert_has(&open(&api, &portal).await, &["Renews on February 1, 2026."]);
}

#[tokio::test]
async fn a_failed_payment_says_what_to_do_and_a_new_card_pays() {
    let (api, portal) = pro().await;
    api.sandbox.fail_next_payment();
    api.sandbox.advance_days(31);
    let page = open(&api, &portal).await;
    assert_has(
        &page,
        &[
            "<span class=\"badge bad\">Past due</span>",
            "Your payment of $20.00 failed. Your card is charged again on February 4, 2026.",
            "<span class=\"badge warn\">Open</span>",
        ],
    );
    let card_page = press(&api, &page, "Add a card</button>").await;
    assert_eq!(card_page.status, 303);
    let card_page = send(api.outside(Method::GET, card_page.headers["location"].to_str().unwrap())).await;
    let saved = press(&api, &card_page, "Save card</button>").await;
    assert_eq!(saved.headers["location"], portal);
    let billing = api.billing("u").await;
    assert_eq!(billing["paymentMethods"].as_array().unwrap().len(), 2);
    assert_eq!(billing["currentSubscription"]["defaultPaymentMethodId"], billing["paymentMethods"][1]["id"]);
}

#[tokio::test]
async fn the_free_plan_has_nothing_to_cancel_and_nothing_due() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let page = open(&api, &portal_of(&api).await).await;
    assert_has(&page, &[">Free</span>", "Nothing is due.", "No card yet.", "No invoices yet."]);
    assert!(!page.text.contains("Cancel") && !page.text.contains("Renews"), "{}", page.text);
}

#[tokio::test]
async fn a_refused_change_says_why() {
    let (api, _) = crate::pro_customer().await;
    let portal = portal_of(&api).await;
    let page = open(&api, &portal).await;
    let current = api.current("u").await;
    let adjustment = json!({ "timing": "at_end_of_current_billing_period",
        "newSubscriptionItems": [{ "priceSlug": "lite_monthly" }] });
    api.post(&format!("/subscriptions/{current}/adjust"), json!({ "adjustment": adjustment })).await.ok();
    let refused = press(&api, &page, "Cancel Pro</button>").await;
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("A scheduled adjustment is pending"), "{}", refused.text);
}

#[tokio::test]
async fn other_sites_other_customers_and_archived_ones_are_kept_out() {
    let (api, portal) = pro().await;
    let path = portal.strip_prefix(api.sandbox.base_url()).unwrap();
    let cancel = format!("{path}/{}/cancel", api.current("u").await);
    let foreign = api.outside(Method::POST, &cancel).header("sec-fetch-site", "cross-site");
    assert_eq!(send(foreign).await.status, 403);
    api.new_customer("other").await;
    let others = text(&api.get("/customers/other").await.ok()["customer"]["id"]);
    let own = text(&api.billing("u").await["customer"]["id"]);
    let of_other = send(api.outside(Method::POST, &cancel.replace(&own, &others))).await;
    assert_eq!(of_other.status, 404);
    assert_eq!(api.billing("u").await["currentSubscription"]["status"], "active");
    for unknown in ["/billing-portal/org_other".to_owned(), path.replace("/org_", "/x_"), format!("{path}x")] {
        assert_eq!(send(api.outside(Method::GET, &unknown)).await.status, 404, "{unknown}");
    }
    api.post("/customers/u/archive", json!({})).await.ok();
    assert_eq!(open(&api, &portal).await.status, 404);
}

#[tokio::test]
async fn hostile_names_stay_text() {
    let api = Api::start().await;
    let customer = json!({ "email": "\"><img src=x onerror=alert(1)>", "name": "<script>alert(1)</script>",
        "externalId": "u" });
    api.post("/customers", json!({ "customer": customer })).await.ok();
    api.clock.advance(std::time::Duration::from_millis(u64::try_from(DAY_MS).unwrap()));
    let sign_in = text(&api.billing("u").await["billingPortalUrl"]);
    for url in [sign_in, portal_of(&api).await] {
        let page = open(&api, &url).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("<script") && !page.text.contains("<img"), "{}", page.text);
    }
}
