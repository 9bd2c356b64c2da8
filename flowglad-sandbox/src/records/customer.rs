//! A customer: a user or organisation of the app that bills.

use serde::{Deserialize, Serialize};

use crate::records::{
    billing::BillingAddress,
    record::{Meta, record},
};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Customer {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) organization_id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) invoice_number_base: String,
    pub(crate) archived: bool,
    #[serde(rename = "logoURL")]
    pub(crate) logo_url: Option<String>,
    #[serde(rename = "iconURL")]
    pub(crate) icon_url: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) billing_address: Option<BillingAddress>,
    pub(crate) external_id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) pricing_model_id: String,
}

record! {
    Customer: "cust" {
        fn external_key(&self) -> Option<&str> {
            Some(&self.external_id)
        }
    }
}
