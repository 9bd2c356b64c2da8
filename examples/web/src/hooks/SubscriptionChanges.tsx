import type { Billing } from '../pricing'
import { Calls } from './Calls'

const atPeriodEnd = { cancellation: { timing: 'at_end_of_current_billing_period' } } as const
const now = { cancellation: { timing: 'immediately' } } as const

/** The functions of `useBilling` that change a subscription. */
export function SubscriptionChanges({ billing, givenSubscription }: { billing: Billing; givenSubscription: string }) {
  const own = billing.currentSubscription?.id ?? ''
  const pro = billing.getPrice('pro_monthly')?.id ?? ''
  return (
    <>
      <Calls
        of="adjustSubscription"
        run={billing.adjustSubscription}
        variants={{
          'price slug, quantity 2': [{ priceSlug: 'pro_monthly', quantity: 2 }],
          'price id': [{ priceId: pro, quantity: 2, timing: 'immediately', prorate: false }],
          items: [{ subscriptionItems: [{ priceSlug: 'pro_monthly', quantity: 3 }], subscriptionId: own }],
          'price slug, at period end': [{ priceSlug: 'pro_monthly', timing: 'at_end_of_current_billing_period' }],
          'unknown slug': [{ priceSlug: 'no_such_price' }],
          'quantity 0': [{ priceSlug: 'pro_monthly', quantity: 0 }],
          'given subscription': [{ priceSlug: 'pro_monthly', subscriptionId: givenSubscription }],
        }}
      />
      <Calls
        of="cancelSubscription"
        run={billing.cancelSubscription}
        variants={{
          'at period end': [{ id: own, ...atPeriodEnd }],
          immediately: [{ id: own, ...now }],
          'given subscription': [{ id: givenSubscription, ...atPeriodEnd }],
          'unknown subscription': [{ id: 'sub_unknown', ...atPeriodEnd }],
        }}
      />
      <Calls
        of="uncancelSubscription"
        run={billing.uncancelSubscription}
        variants={{
          'own subscription': [{ id: own }],
          'given subscription': [{ id: givenSubscription }],
          'unknown subscription': [{ id: 'sub_unknown' }],
        }}
      />
    </>
  )
}
