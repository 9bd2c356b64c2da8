//! The names by which usage of a meter is recorded.

use crate::{billing::Billing, model::MeterRef};

/// All names by which usage of a meter may have been recorded. The first is its slug.
pub(crate) fn names_of(billing: &Billing, slug: &str) -> Vec<MeterRef> {
    let mut names = vec![MeterRef::UsageMeterSlug(slug.into())];
    let Some(meter) = billing.pricing_model().usage_meters.iter().find(|meter| meter.slug == slug) else {
        return names;
    };
    names.push(MeterRef::UsageMeterId(meter.id.clone()));
    for price in &meter.prices {
        names.push(MeterRef::PriceId(price.id.clone()));
        names.extend(price.slug.clone().map(MeterRef::PriceSlug));
    }
    names
}
