import { useBilling } from '@flowglad/react'
import { billingFacts } from './billingFacts'
import { BillingReads } from './BillingReads'
import { Checkouts } from './Checkouts'
import { Hook } from './Hook'
import { SubscriptionChanges } from './SubscriptionChanges'
import { UsageEvents } from './UsageEvents'

export function BillingHook({ givenSubscription }: { givenSubscription: string }) {
  const billing = useBilling()
  return (
    <Hook call="useBilling()" facts={billingFacts(billing)}>
      {/* For an anonymous visitor or after a failure, the hook returns no functions. */}
      {billing.loaded && billing.customer && (
        <>
          <BillingReads billing={billing} />
          <Checkouts billing={billing} givenSubscription={givenSubscription} />
          <SubscriptionChanges billing={billing} givenSubscription={givenSubscription} />
          <UsageEvents billing={billing} givenSubscription={givenSubscription} />
        </>
      )}
    </Hook>
  )
}
