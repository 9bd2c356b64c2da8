import type { LoadedFlowgladContextValues } from '@flowglad/react'

/** Everything `useBilling` gives once a signed-in customer's billing has arrived. */
export type Billing = LoadedFlowgladContextValues
export type PricingModel = Billing['pricingModel']
export type Product = PricingModel['products'][number]
export type Price = Product['prices'][number]

/** The product that the customer's current subscription is for. */
export function currentProduct(billing: Billing): Product | undefined {
  const priceId = billing.currentSubscription?.priceId
  return billing.pricingModel.products.find((product) => product.prices.some((price) => price.id === priceId))
}
