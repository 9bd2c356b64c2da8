//! The setup form: a whole pricing model in one document. `operations` reads and writes its JSON.

use crate::records::pricing::{Aggregation, FeatureType, IntervalUnit, PriceType, RenewalFrequency};

#[derive(Clone, Debug)]
pub(crate) struct SetupForm {
    pub(crate) name: String,
    pub(crate) is_default: bool,
    pub(crate) features: Vec<FeatureForm>,
    pub(crate) products: Vec<ProductForm>,
    pub(crate) usage_meters: Vec<UsageMeterForm>,
    pub(crate) resources: Vec<ResourceForm>,
}

#[derive(Clone, Debug)]
pub(crate) struct FeatureForm {
    pub(crate) kind: FeatureType,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) active: bool,
    pub(crate) amount: Option<i64>,
    pub(crate) usage_meter_slug: Option<String>,
    pub(crate) renewal_frequency: Option<RenewalFrequency>,
    pub(crate) resource_slug: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct ProductForm {
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) description: Option<String>,
    pub(crate) image_url: Option<String>,
    pub(crate) default: bool,
    pub(crate) active: bool,
    pub(crate) singular_quantity_label: Option<String>,
    pub(crate) plural_quantity_label: Option<String>,
    pub(crate) price: PriceForm,
    pub(crate) features: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct PriceForm {
    pub(crate) kind: PriceType,
    pub(crate) name: Option<String>,
    pub(crate) slug: Option<String>,
    pub(crate) unit_price: i64,
    pub(crate) interval_unit: Option<IntervalUnit>,
    pub(crate) interval_count: Option<i64>,
    pub(crate) trial_period_days: Option<i64>,
    pub(crate) usage_events_per_unit: Option<i64>,
    pub(crate) is_default: bool,
    /// `None` if it was absent, which is refused for the price of a product.
    pub(crate) active: Option<bool>,
}

#[derive(Clone, Debug)]
pub(crate) struct UsageMeterForm {
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) aggregation_type: Aggregation,
    pub(crate) prices: Vec<PriceForm>,
}

#[derive(Clone, Debug)]
pub(crate) struct ResourceForm {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) active: bool,
}
