import { returnUrls, throwIfRefused } from './checkout'
import { ErrorMessage } from './ErrorMessage'
import { Plans } from './Plans'
import { type Billing, currentProduct, planName, type Price, type Product } from './pricing'
import { openSubscriptions } from './standing'
import { useAction } from './useAction'

/** The plans, with buttons that open the hosted checkout page. */
export function PlanChoices({ billing }: { billing: Billing }) {
  const { pending, error, run } = useAction()
  const hasPaidPlan = openSubscriptions(billing).some(({ isFreePlan }) => !isFreePlan)
  const current = currentProduct(billing)

  /** Creates a checkout session on our server, then opens its page. */
  function buy(priceSlug: string) {
    return run(async () => {
      throwIfRefused(await billing.createCheckoutSession({ priceSlug, ...returnUrls('paid'), autoRedirect: true }))
    })
  }

  function buyButton(product: Product, price: Price) {
    const { slug } = price
    const isPlan = price.type === 'subscription'
    // Every customer starts with the free plan, which cannot be bought; a paid plan replaces it.
    if (!slug || product.default) return null
    if (isPlan && hasPaidPlan) return isOtherInterval(product) && <OtherInterval product={product} />
    return (
      <button type="button" className={isPlan ? '' : 'secondary'} disabled={pending} onClick={() => buy(slug)}>
        {isPlan ? `Upgrade to ${product.name}` : `Buy ${product.name.toLowerCase()}`}
      </button>
    )
  }

  /** Whether this is the customer's own plan at another interval. */
  function isOtherInterval(product: Product): boolean {
    return current !== undefined && current !== product && planName(current) === planName(product)
  }

  return (
    <>
      <Plans pricingModel={billing.pricingModel} currentProduct={current} action={buyButton} />
      <ErrorMessage message={error} />
    </>
  )
}

/** Flowglad adjusts the price of a subscription and not its interval, so that this takes a new subscription. */
function OtherInterval({ product }: { product: Product }) {
  return <p className="muted">To change to {product.name}, cancel your plan, and buy this one when it has ended.</p>
}
