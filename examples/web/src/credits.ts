import type { Billing } from './pricing'

/**
 * The credits that the current subscription was granted for a meter: those of its plan in each period, and those of the
 * packs bought since it began. The API returns only the remaining credits, so a bar needs this for its full length.
 */
export function grantedCredits(billing: Billing, meterSlug: string): number {
  const subscription = billing.currentSubscription
  const meter = billing.pricingModel.usageMeters.find((candidate) => candidate.slug === meterSlug)
  if (!subscription || !meter) return 0

  const fromPlan = (subscription.experimental?.featureItems ?? [])
    .filter((item) => item.type === 'usage_credit_grant' && item.usageMeterId === meter.id)
    .reduce((sum, item) => sum + (item.amount ?? 0), 0)

  const fromPacks = billing.purchases
    .filter((purchase) => purchase.priceType === 'single_payment' && purchase.status === 'paid')
    .filter((purchase) => (purchase.purchaseDate ?? purchase.createdAt) >= subscription.createdAt)
    .map((purchase) =>
      billing.pricingModel.products
        .find((product) => product.prices.some((price) => price.id === purchase.priceId))
        ?.features.find((feature) => feature.type === 'usage_credit_grant' && feature.usageMeterId === meter.id),
    )
    .reduce((sum, feature) => sum + (feature?.amount ?? 0), 0)

  return fromPlan + fromPacks
}
