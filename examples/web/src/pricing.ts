import type { LoadedFlowgladContextValues } from '@flowglad/react'

/** The values of `useBilling` after a signed-in user's billing is loaded. */
export type Billing = LoadedFlowgladContextValues
export type PricingModel = Billing['pricingModel']
export type Product = PricingModel['products'][number]
export type Price = Product['prices'][number]

/** The product of the customer's current subscription. */
export function currentProduct(billing: Billing): Product | undefined {
  const priceId = billing.currentSubscription?.priceId
  return billing.pricingModel.products.find((product) => product.prices.some((price) => price.id === priceId))
}
