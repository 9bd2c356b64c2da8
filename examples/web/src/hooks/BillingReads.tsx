import type { Billing } from '../pricing'
import { Calls } from './Calls'

/** The functions of `useBilling` that read from its data, and the one that reloads the data. */
export function BillingReads({ billing }: { billing: Billing }) {
  const own = { subscriptionId: billing.currentSubscription?.id ?? '' }
  const unknown = { subscriptionId: 'sub_unknown' }
  return (
    <>
      <Calls
        of="checkFeatureAccess"
        run={billing.checkFeatureAccess}
        variants={{
          export_csv: ['export_csv'],
          'own subscription': ['export_csv', own],
          'unknown subscription': ['export_csv', unknown],
          'unknown feature': ['no_such_feature'],
        }}
      />
      <Calls
        of="checkUsageBalance"
        run={billing.checkUsageBalance}
        variants={{
          api_calls: ['api_calls'],
          'own subscription': ['api_calls', own],
          'unknown subscription': ['api_calls', unknown],
          'unknown meter': ['no_such_meter'],
        }}
      />
      <Calls
        of="getProduct"
        run={billing.getProduct}
        variants={{ pro: ['pro'], 'unknown slug': ['no_such_product'] }}
      />
      <Calls
        of="getPrice"
        run={billing.getPrice}
        variants={{ pro_monthly: ['pro_monthly'], 'unknown slug': ['no_such_price'] }}
      />
      <Calls
        of="hasPurchased"
        run={billing.hasPurchased}
        variants={{ pro: ['pro'], credit_pack: ['credit_pack'], 'unknown slug': ['no_such_product'] }}
      />
      <Calls of="reload" run={billing.reload} variants={{ billing: [] }} />
    </>
  )
}
