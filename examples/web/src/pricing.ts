import type { LoadedFlowgladContextValues } from '@flowglad/react'

/** The values of `useBilling` after a signed-in user's billing is loaded. */
export type Billing = LoadedFlowgladContextValues
export type PricingModel = Billing['pricingModel']
export type Product = PricingModel['products'][number]
export type Price = Product['prices'][number]
export type Subscription = NonNullable<Billing['currentSubscription']>
export type Interval = 'month' | 'year'

/** A plan, with a product for each interval in which it is offered: a product has one price in Flowglad. */
export type Plan = { name: string; products: Product[] }

const INTERVAL_WORDS = /[\s(–-]+(monthly|yearly|annual|annually)\)?$/i

/** "Pro" for the products "Pro", "Pro monthly" and "Pro yearly". */
export function planName(product: Product): string {
  return product.name.replace(INTERVAL_WORDS, '')
}

/** The plans of a pricing model, in its order. */
export function plansOf({ products }: PricingModel): Plan[] {
  const plans = new Map<string, Plan>()
  for (const product of products.filter(({ defaultPrice }) => defaultPrice.type === 'subscription')) {
    const name = planName(product)
    const plan = plans.get(name) ?? { name, products: [] }
    plan.products.push(product)
    plans.set(name, plan)
  }
  return [...plans.values()]
}

/** The products that are paid once, on top of any plan. */
export function packsOf({ products }: PricingModel): Product[] {
  return products.filter(({ defaultPrice }) => defaultPrice.type === 'single_payment')
}

/** Whether there is a plan by the month and by the year. */
export function offersBothIntervals(plans: Plan[]): boolean {
  return plans.some((plan) => productAt(plan, 'month') && productAt(plan, 'year'))
}

/** The product of a plan at an interval. */
export function productAt({ products }: Plan, interval: Interval): Product | undefined {
  return products.find(({ defaultPrice: price }) => price.intervalUnit === interval && price.intervalCount === 1)
}

/** How much less a plan costs by the year than by the month, in whole percent. */
export function yearlySaving(plan: Plan): number {
  const monthly = productAt(plan, 'month')?.defaultPrice.unitPrice
  const yearly = productAt(plan, 'year')?.defaultPrice.unitPrice
  return monthly && yearly ? Math.floor(100 - (100 * yearly) / (12 * monthly)) : 0
}

/** The product of a subscription. */
export function productOf({ pricingModel }: Billing, subscription?: Subscription): Product | undefined {
  return pricingModel.products.find(({ prices }) => prices.some(({ id }) => id === subscription?.priceId))
}

/** The product of the customer's current subscription. */
export function currentProduct(billing: Billing): Product | undefined {
  return productOf(billing, billing.currentSubscription)
}
