import { humanReadableCurrencyAmount, usePricing, usePricingModel } from '@flowglad/react'
import type { PricingModel } from '../pricing'
import { Hook } from './Hook'

export function PricingHook() {
  return <Hook call="usePricing()" facts={pricingFacts(usePricing())} />
}

export function PricingModelHook() {
  return <Hook call="usePricingModel()" facts={pricingFacts(usePricingModel())} />
}

/** `null` while loading, and after a failure. */
function pricingFacts(pricingModel: PricingModel | null): Record<string, unknown> {
  if (!pricingModel) return { pricingModel }
  return {
    pricingModel: pricingModel.name,
    products: pricingModel.products.map(({ slug, defaultPrice }) => {
      return `${slug}: ${humanReadableCurrencyAmount(defaultPrice.currency, defaultPrice.unitPrice)}`
    }),
    usageMeters: pricingModel.usageMeters.map((meter) => meter.slug),
  }
}
