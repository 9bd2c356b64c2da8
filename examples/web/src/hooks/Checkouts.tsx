import type { Billing } from '../pricing'
import { Calls } from './Calls'
import { returnUrls } from './returnUrls'

/** The three functions of `useBilling` that create a checkout session. */
export function Checkouts({ billing, givenSubscription }: { billing: Billing; givenSubscription: string }) {
  const back = returnUrls()
  const own = billing.currentSubscription?.id ?? ''
  const creditPack = billing.getPrice('credit_pack_500')?.id ?? ''
  return (
    <>
      <Calls
        of="createCheckoutSession"
        run={billing.createCheckoutSession}
        variants={{
          'price slug': [{ ...back, priceSlug: 'pro_monthly' }],
          'price id': [{ ...back, priceId: creditPack, outputName: 'A pack', outputMetadata: { from: 'hooks' } }],
          'price slug, then go there': [{ ...back, priceSlug: 'pro_monthly', autoRedirect: true }],
          'unknown slug': [{ ...back, priceSlug: 'no_such_price' }],
          'javascript: URL': [{ ...back, priceSlug: 'pro_monthly', successUrl: 'javascript:alert(1)' }],
          'quantity 0': [{ ...back, priceSlug: 'pro_monthly', quantity: 0 }],
          'no URL': [{ ...back, priceSlug: 'pro_monthly', successUrl: 'paid' }],
        }}
      />
      <Calls
        of="createAddPaymentMethodCheckoutSession"
        run={billing.createAddPaymentMethodCheckoutSession}
        variants={{
          'no target': [back],
          'own subscription': [{ ...back, targetSubscriptionId: own }],
          'given subscription': [{ ...back, targetSubscriptionId: givenSubscription }],
          'javascript: URL': [{ ...back, cancelUrl: 'javascript:alert(1)' }],
        }}
      />
      <Calls
        of="createActivateSubscriptionCheckoutSession"
        run={billing.createActivateSubscriptionCheckoutSession}
        variants={{
          'own subscription': [{ ...back, targetSubscriptionId: own }],
          'given subscription': [{ ...back, targetSubscriptionId: givenSubscription }],
          'unknown subscription': [{ ...back, targetSubscriptionId: 'sub_unknown' }],
        }}
      />
    </>
  )
}
