import { useBilling } from '@flowglad/react'
import { useQueryClient } from '@tanstack/react-query'
import { useBillingChanges } from './billingChanges'
import { CurrentPlan, MoreSubscriptions } from './CurrentPlan'
import { ErrorMessage } from './ErrorMessage'
import { Features } from './Features'
import { Invoices } from './Invoices'
import { PaymentMethods } from './PaymentMethods'
import { PlanChoices } from './PlanChoices'
import { AccountSkeleton } from './Skeletons'
import { Usage } from './Usage'

/** The page for a signed-in user. All its cards use the same `useBilling` result. */
export function Account() {
  const billing = useBilling()
  useBillingChanges(billing)
  const queryClient = useQueryClient()

  if (!billing.loaded) return <AccountSkeleton />
  if (!billing.customer) {
    const message = billing.errors?.map((error) => error.message).join(' ')
    return (
      <section aria-label="Your account">
        <ErrorMessage message={message || 'Your session has ended. Please sign in again.'} />
        <div className="actions">
          <button type="button" className="secondary" onClick={() => queryClient.resetQueries()}>
            Try again
          </button>
        </div>
      </section>
    )
  }

  return (
    <>
      <h1>Your account</h1>
      <div className="cards">
        <CurrentPlan billing={billing} />
        <Usage billing={billing} />
        <Features billing={billing} />
        <PaymentMethods billing={billing} />
        <MoreSubscriptions billing={billing} />
      </div>
      <PlanChoices billing={billing} />
      <Invoices invoices={billing.invoices} />
    </>
  )
}
