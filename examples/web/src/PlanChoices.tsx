import { returnUrls, throwIfRefused } from './checkout'
import { ErrorMessage } from './ErrorMessage'
import { Plans } from './Plans'
import { type Billing, currentProduct, type Price, type Product } from './pricing'
import { useAction } from './useAction'

/** The plans, with buttons that open the hosted checkout page. */
export function PlanChoices({ billing }: { billing: Billing }) {
  const { pending, error, run } = useAction()
  const onFreePlan = billing.currentSubscription?.isFreePlan ?? true

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
    if (!slug || product.default || (isPlan && !onFreePlan)) return null
    return (
      <button type="button" className={isPlan ? '' : 'secondary'} disabled={pending} onClick={() => buy(slug)}>
        {isPlan ? `Upgrade to ${product.name}` : `Buy ${product.name.toLowerCase()}`}
      </button>
    )
  }

  return (
    <>
      <Plans
        pricingModel={billing.pricingModel}
        currentProductId={currentProduct(billing)?.id}
        action={buyButton}
      />
      <ErrorMessage message={error} />
    </>
  )
}
