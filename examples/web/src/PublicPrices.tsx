import { usePricing } from '@flowglad/react'
import { useQueryClient } from '@tanstack/react-query'
import { Plans } from './Plans'
import { PlansSkeleton } from './Skeletons'

/** The query of `usePricing`, which itself does not say whether it waits or has failed. */
const PRICES = ['pricing-models/retrieve']

/** The prices for an anonymous visitor, which require no session. */
export function PublicPrices() {
  const pricingModel = usePricing()
  const queryClient = useQueryClient()
  const isWaiting = (queryClient.getQueryState(PRICES)?.status ?? 'pending') === 'pending'

  if (pricingModel) {
    return (
      <Plans
        pricingModel={pricingModel}
        action={(product) => (
          <a className="button secondary" href="#sign-in">
            {product.default ? 'Start free' : 'Sign in to buy'}
          </a>
        )}
      />
    )
  }
  if (isWaiting) return <PlansSkeleton />
  return (
    <section id="plans" aria-labelledby="plans-heading">
      <h2 id="plans-heading">Plans</h2>
      <div className="card" role="alert">
        <p>The prices could not be loaded.</p>
        <div className="actions">
          <button type="button" className="secondary" onClick={() => queryClient.resetQueries({ queryKey: PRICES })}>
            Try again
          </button>
        </div>
      </div>
    </section>
  )
}
