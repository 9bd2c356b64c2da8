import type { Billing } from '../pricing'
import { Calls } from './Calls'

const meter = { usageMeterSlug: 'api_calls' }

export function UsageEvents({ billing, givenSubscription }: { billing: Billing; givenSubscription: string }) {
  const own = billing.currentSubscription?.id ?? ''
  const once = { ...meter, amount: 5, transactionId: `once-${own}`, subscriptionId: own, properties: { by: 'hooks' } }
  return (
    <Calls
      of="createUsageEvent"
      run={billing.createUsageEvent}
      variants={{
        'meter slug': [{ ...meter, amount: 10 }],
        'price slug, no amount': [{ priceSlug: 'api_calls_overage' }],
        'transaction id': [once],
        'amount 0': [{ ...meter, amount: 0 }],
        'unknown meter': [{ usageMeterSlug: 'no_such_meter' }],
        'given subscription': [{ ...meter, subscriptionId: givenSubscription }],
      }}
    />
  )
}
